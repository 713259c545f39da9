// The entry for plain Node: the same engine as in the desktop app, its GUI served to a browser. Knows no room but the engine.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isExpired } from '../shared/client-keys.ts';
import type { ClientKeyView, StatusView } from '../shared/views.ts';
import { createEngine, type Engine } from './engine.ts';
import { HEADLESS_HELP, readHeadlessArguments } from './headless-arguments.ts';

/** The door could not be opened, or something broke. */
const EXIT_FAILED = 1;
/** The command line or the configuration cannot be used as it is. */
const EXIT_MISUSED = 2;
const DAY_MS = 24 * 60 * 60_000;
/** npm passes a signal on that the terminal has sent to us already: two this close together are one. */
const SAME_SIGNAL_MS = 500;

/** Set once a signal has asked us to go. */
let stopping = false;

const say = (text: string) => process.stdout.write(`${text}\n`);
const complain = (text: string) => process.stderr.write(`${text}\n`);

main(process.argv.slice(2));

function main(list: readonly string[]): void {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8'));
  const read = readHeadlessArguments(list);
  switch (read.type) {
    case 'help':
      say(HEADLESS_HELP);
      return;
    case 'version':
      say(version);
      return;
    case 'error':
      complain(`${read.message}\nSee --help.`);
      process.exitCode = EXIT_MISUSED;
      return;
    case 'run':
      void run(version, read.configFile, { ...process.env, ...read.environment });
  }
}

async function run(
  version: string,
  configFile: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  let engine: Engine;
  try {
    const guiFolder = join(import.meta.dirname, '..', 'renderer');
    engine = await createEngine({ host: { mode: 'headless', version, guiFolder }, environment, configFile });
  } catch (error) {
    complain(`Patchbay cannot start: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(EXIT_MISUSED);
  }
  stopOnSignals(engine);
  stopOnUncaught(engine);
  await engine.start();
  const { door } = engine.status.read();
  if (door.state !== 'serving') {
    complain(describeClosedDoor(door));
    await engine.stop();
    process.exit(EXIT_FAILED);
  }
  say(describeStart(engine));
  tellMoves(engine);
  tellSecondDoor(engine);
  // A closed door leaves nothing that Node would wait for; the process stays until it is told to go.
  setInterval(() => {}, DAY_MS);
  if (process.platform !== 'win32') linkOnSignal(engine);
}

/** A package that cleans up behind the settings sends the first signal to this process once more. */
function linkOnSignal(engine: Engine): void {
  let lastAt = Number.NEGATIVE_INFINITY;
  process.on('SIGUSR2', () => {
    const now = performance.now();
    if (now - lastAt > SAME_SIGNAL_MS) void showLink(engine);
    lastAt = now;
  });
}

function stopOnSignals(engine: Engine): void {
  let firstAt: number | undefined;
  const stop = async () => {
    const now = performance.now();
    if (firstAt !== undefined) {
      if (now - firstAt > SAME_SIGNAL_MS) process.exit(EXIT_FAILED);
      return;
    }
    firstAt = now;
    stopping = true;
    const { runningStreams } = engine.status.read();
    complain(runningStreams === 0 ? 'Stopping.' : `Stopping once ${runningStreams} running replies are finished.`);
    await engine.stop().catch((error: unknown) => engine.logger.error('Patchbay did not stop cleanly', { error }));
    process.exit(0);
  };
  // SIGHUP comes when the terminal or the SSH session goes.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, stop);
}

/** After an exception that nobody caught nothing can be trusted but the way out: what is in memory is written, then it ends. */
function stopOnUncaught(engine: Engine): void {
  process.on('unhandledRejection', (error) => engine.logger.error('a promise was left alone', { error }));
  process.once('uncaughtException', async (error) => {
    stopping = true;
    engine.logger.error('Patchbay stops after an error of its own', { error });
    await engine.stop().catch(() => {});
    process.exit(EXIT_FAILED);
  });
}

function describeClosedDoor({ state, host, port, problem, freePort }: StatusView['door']): string {
  const why =
    problem ?? (state === 'port-taken' ? `Port ${port} of ${host} is taken by another program.` : 'It is closed.');
  const advice = freePort === undefined ? '' : `\nPort ${freePort} is free: npm run headless -- --port ${freePort}`;
  return `Patchbay cannot serve: ${why}${advice}`;
}

function describeStart(engine: Engine): string {
  const { version, door, vault, notices } = engine.status.read();
  const second = describeSecondDoor(engine);
  const lines = [
    `Patchbay ${version} serves at ${door.baseUrl}`,
    '',
    ...describeUrls(engine),
    ...(second?.isOpen ? [second.text] : []),
    ...engine.keys.list().map((key, _, all) => `  Key       ${describeKey(engine, key, all.length > 1)}`),
    describeLink(engine),
    `  Secrets   ${vault.detail}`,
  ];
  if (door.exposed) lines.push('', 'Other machines can reach this door. Everybody with a key can use your accounts.');
  for (const notice of notices) lines.push('', `${notice.title}: ${notice.text}`);
  return `${lines.join('\n')}\n`;
}

function describeUrls(engine: Engine): string[] {
  const { door, dialects } = engine.status.read();
  return dialects.map(({ name, path }) => `  Base URL  ${door.baseUrl}${path}   (${name})`);
}

/** What became of the second door; undefined where it is off or on its way. */
function describeSecondDoor(engine: Engine): { readonly text: string; readonly isOpen: boolean } | undefined {
  const { ollamaDoor } = engine.status.read();
  if (ollamaDoor === undefined) return undefined;
  const { state, baseUrl, problem = '', freePort } = ollamaDoor;
  const terms = engine.settings().ollamaRequireKey
    ? 'with the same key'
    : 'without a key, for every program of this machine';
  if (state === 'serving') return { text: `  Also at   ${baseUrl}   (${terms})`, isOpen: true };
  if (state !== 'port-taken' && state !== 'failed') return undefined;
  const advice = freePort === undefined ? '' : ` Port ${freePort} is free: PATCHBAY_OLLAMA_PORT=${freePort} takes it.`;
  return { text: `Patchbay serves without Ollama's own address: ${problem}${advice}`, isOpen: false };
}

/** Tells where the second door could not be opened, and what comes of it when it is switched on or moved in the GUI. */
function tellSecondDoor(engine: Engine): void {
  const first = describeSecondDoor(engine);
  let known = first?.isOpen ? first.text : undefined;
  const tell = () => {
    if (stopping) return;
    const told = describeSecondDoor(engine);
    const { ollamaDoor } = engine.status.read();
    if (told === undefined && ollamaDoor !== undefined && ollamaDoor.state !== 'stopped') return;
    if (told !== undefined && told.text !== known) (told.isOpen ? say : complain)(told.text);
    known = told?.text;
  };
  tell();
  engine.status.onChange(tell);
}

/** A key that Patchbay made is shown; one from the configuration file is known to whoever wrote it there. */
function describeKey(engine: Engine, key: ClientKeyView, isNamed: boolean): string {
  const { id, name, source, lastFour } = key;
  const over = isExpired(key, Date.now()) ? ' (expired)' : '';
  if (source === 'settings') return `${engine.keys.reveal(id) ?? ''}${isNamed ? `   ${name}` : ''}${over}`;
  return `${name}: the one in your configuration${lastFour === '' ? '' : `, ending in ${lastFour}`}${over}`;
}

function describeLink(engine: Engine): string {
  const renew = process.platform === 'win32' ? 'restart for a new one' : `kill -USR2 ${process.pid} prints a new one`;
  return `  GUI       ${engine.openAdminLink()}   (opens once, within 15 minutes; ${renew})`;
}

function describeReopening(): string {
  return process.platform === 'win32' ? 'Restart to open it.' : `kill -USR2 ${process.pid} opens it again.`;
}

/** Also the way back in after the door was closed in the GUI, which went with it. */
async function showLink(engine: Engine): Promise<void> {
  if (engine.status.read().door.state === 'serving') say(describeLink(engine));
  else await engine.start(); // what comes of it is told as a move
}

/** The door moves when its port or address is changed in the GUI. */
function tellMoves(engine: Engine): void {
  let known = engine.status.read().door;
  // A moving door is closed for a moment only.
  const tellClosed = () => {
    if (stopping || engine.status.read().door.state !== 'stopped') return;
    complain(`The door is closed, and the GUI with it. ${describeReopening()}`);
  };
  engine.status.onChange(() => {
    const { door } = engine.status.read();
    if (door.state === known.state && door.baseUrl === known.baseUrl) return;
    if (door.state === 'serving') say(`Patchbay serves at ${door.baseUrl}\n${describeLink(engine)}`);
    if (door.state === 'port-taken' || door.state === 'failed') complain(describeClosedDoor(door));
    if (door.state === 'stopped') setImmediate(tellClosed);
    known = door;
  });
}
