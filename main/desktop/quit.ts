// The way out: running replies may finish for a bounded time, then everything is closed and nothing is left running.
import { app } from 'electron';
import type { Engine } from '../engine.ts';

let quitting = false;

/** Whether the app is on its way out, so that a closing window really closes. */
export function isQuitting(): boolean {
  return quitting;
}

/** Makes every way of quitting stop the engine first; a second wish to quit no longer waits. */
export function setUpQuit(engine: Engine): void {
  let stopping = false;
  app.on('before-quit', () => {
    quitting = true;
  });
  app.on('will-quit', (event) => {
    if (stopping) return;
    stopping = true;
    event.preventDefault();
    engine
      .stop()
      .catch((error: unknown) => engine.logger.error('Patchbay did not stop cleanly', { error }))
      .finally(() => app.exit(0));
  });
  process.on('SIGTERM', () => app.quit());
  process.on('SIGINT', () => app.quit());
  process.on('SIGHUP', () => app.quit());
  // A tray app that vanishes helps nobody: the error is told, what else runs goes on.
  process.on('uncaughtException', (error) => engine.logger.error('an error of Patchbay itself', { error }));
  process.on('unhandledRejection', (error) => engine.logger.error('a promise was left alone', { error }));
}
