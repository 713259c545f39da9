// Kills a program in the middle of its work, as a power cut would.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Runs a Node program that prints the number of each round it has finished; sends SIGKILL when `rounds` are done.
 * Returns the last number it printed. `meanwhile` is called just before, while the program runs.
 */
export async function killAfter(
  rounds: number,
  parameters: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  meanwhile: (pid: number | undefined) => void = () => {},
): Promise<number> {
  const child = spawn(process.execPath, parameters, { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
  let last = 0;
  const exit = once(child, 'exit');
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      last = Number(String(chunk).trim().split('\n').at(-1));
      if (last >= rounds) resolve();
    });
    child.once('exit', (code) => reject(new Error(`the program ended by itself with code ${code}`)));
  });
  try {
    meanwhile(child.pid);
  } finally {
    child.kill('SIGKILL');
    await exit;
  }
  return last;
}
