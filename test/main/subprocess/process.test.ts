// Starting, feeding, stopping and outliving programs, with real ones.
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createProgramRunner, type ProgramCall, type ProgramRunner } from '../../../main/subprocess/process.ts';
import { makeTempFolder } from '../../support/temp-folder.ts';

const times = { termAfterMs: 30, killAfterMs: 60 };
const never = new AbortController().signal;
let runner: ProgramRunner;

afterEach(() => runner.close());

/** A call of Node with this program text; `said` collects its output. */
function node(text: string, extra: Partial<ProgramCall> = {}) {
  const said: Buffer[] = [];
  const call: ProgramCall = {
    file: process.execPath,
    args: ['-e', text],
    env: { PATH: process.env.PATH ?? '' },
    cwd: process.cwd(),
    onOutput: (chunk) => said.push(chunk),
    ...extra,
  };
  return { call, said: () => Buffer.concat(said).toString() };
}

/** Resolves when the output of a program contains `word`. */
function speaking(text: string, word: string) {
  let resolve = (_: string) => {};
  const heard = new Promise<string>((done) => {
    resolve = done;
  });
  let output = '';
  const onOutput = (chunk: Buffer) => {
    output += chunk.toString();
    if (output.includes(word)) resolve(output);
  };
  return { ...node(text, { onOutput }), heard };
}

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    // A dead process that nobody has buried yet still takes signals.
    return !/^\d+ \(.*\) Z/.test(existsSync('/proc') ? readFileSync(`/proc/${pid}/stat`, 'utf8') : '');
  } catch {
    return false;
  }
};

const HANG = 'setInterval(() => {}, 60000);';

describe('a program', () => {
  it('gets its input, its environment and nothing else, and its end is told', async () => {
    runner = createProgramRunner(() => 1);
    process.env.PATCHBAY_TEST_LEAK = 'leak';
    const { call, said } = node(
      'let n = 0; process.stdin.on("data", (d) => (n += d.length)).on("end", () => { console.log(n, process.env.A, process.env.PATCHBAY_TEST_LEAK); console.error("bye"); process.exitCode = 3; });',
      { env: { A: 'yes' } },
    );
    const program = await runner.run(call, never);
    await program.write('x'.repeat(4 * 1024 * 1024));
    program.finish(5_000);
    expect(await program.exited).toEqual({ code: 3, signal: undefined, failure: undefined, stderr: 'bye\n' });
    expect(said()).toBe(`${4 * 1024 * 1024} yes undefined\n`);
    delete process.env.PATCHBAY_TEST_LEAK;
  });

  it.skipIf(process.platform === 'win32')('gets an open file as its third descriptor', async () => {
    const file = join(makeTempFolder(), 'file');
    writeFileSync(file, 'handed over');
    const descriptor = openSync(file, 'r');
    runner = createProgramRunner(() => 1);
    const { call, said } = node("console.log(require('fs').readFileSync('/dev/fd/3', 'utf8'))");
    const program = await runner.run({ ...call, descriptor }, never);
    await program.exited;
    closeSync(descriptor);
    expect(said()).toBe('handed over\n');
  });

  it('that is not there is a failure, not an exception', async () => {
    runner = createProgramRunner(() => 1);
    const program = await runner.run(node('', { file: '/nonexistent/program' }).call, never);
    expect(await program.exited).toMatchObject({ failure: 'ENOENT' });
    await program.write('into the void');
  });

  it('that ends while it is written to takes no harm to us', async () => {
    runner = createProgramRunner(() => 1);
    const program = await runner.run(node('process.exit(0)').call, never);
    await program.write('x'.repeat(4 * 1024 * 1024));
    expect(await program.exited).toMatchObject({ code: 0 });
    await program.write('more');
  });

  it('keeps the end of a long standard error only', async () => {
    runner = createProgramRunner(() => 1);
    const { call } = node('process.stderr.write("x".repeat(100000) + "THE END")');
    const { stderr } = await (await runner.run(call, never)).exited;
    expect(stderr.length).toBeLessThanOrEqual(16_384);
    expect(stderr.endsWith('THE END')).toBe(true);
  });
});

describe('the end', () => {
  it('comes by SIGKILL where a program obeys no other signal', async () => {
    runner = createProgramRunner(() => 1, times);
    const deaf = `process.on("SIGINT", () => {}); process.on("SIGTERM", () => {}); console.log("up"); ${HANG}`;
    const { call, heard } = speaking(deaf, 'up');
    const program = await runner.run(call, never);
    await heard;
    program.interrupt();
    expect(await program.exited).toMatchObject({ signal: 'SIGKILL' });
  });

  it('reaches what the program has started', async () => {
    runner = createProgramRunner(() => 1, times);
    const text = `const c = require("child_process").spawn(process.execPath, ["-e", '${HANG}'], { stdio: "inherit" }); console.log("child " + c.pid + "."); ${HANG}`;
    const { call, heard } = speaking(text, '.');
    const program = await runner.run(call, never);
    const child = Number(/child (\d+)/.exec(await heard)?.[1]);
    expect(isAlive(child)).toBe(true);
    await runner.close();
    expect(await program.exited).toMatchObject({ signal: 'SIGTERM' });
    await expect.poll(() => isAlive(child), { interval: 5 }).toBe(false);
  });

  it('comes even where the output is paused and unread', async () => {
    runner = createProgramRunner(() => 1, times);
    const { call } = node(`setInterval(() => process.stdout.write("x".repeat(65536)), 0);`);
    const program = await runner.run(call, never);
    program.pause();
    program.terminate();
    expect(await program.exited).toMatchObject({ signal: 'SIGTERM' });
  });

  it('comes to all when the runner closes, and nothing starts afterwards', async () => {
    runner = createProgramRunner(() => 2, times);
    const programs = await Promise.all([runner.run(node(HANG).call, never), runner.run(node(HANG).call, never)]);
    const late = runner.run(node(HANG).call, never);
    const refused = expect(late).rejects.toThrow('closed');
    await runner.close();
    for (const { pid } of programs) expect(isAlive(pid ?? 0)).toBe(false);
    await refused;
  });
});

it('is killed when our own process exits', async () => {
  runner = createProgramRunner(() => 1, times);
  const before = process.listeners('exit');
  const program = await runner.run(node(HANG).call, never);
  const [leave] = process.listeners('exit').filter((listener) => !before.includes(listener));
  leave?.(0);
  expect(await program.exited).toMatchObject({ signal: 'SIGKILL' });
  await expect.poll(() => process.listeners('exit')).toEqual(before);
});

describe('the limit', () => {
  it('lets programs wait in the order of asking', async () => {
    runner = createProgramRunner(() => 1);
    const order: number[] = [];
    const runs = [1, 2, 3].map(async (at) => {
      const program = await runner.run(node('').call, never);
      order.push(at);
      await program.exited;
    });
    await Promise.all(runs);
    expect(order).toEqual([1, 2, 3]);
  });

  it('may change: a higher one lets more in with the next, a lower one waits until enough have ended', async () => {
    let most = 1;
    runner = createProgramRunner(() => most, times);
    const [first, second] = [runner.run(node(HANG).call, never), runner.run(node(HANG).call, never)];
    most = 2;
    const third = runner.run(node('').call, never);
    const running = await Promise.all([first, second]);
    most = 1;
    running[0]?.interrupt();
    await running[0]?.exited;
    const early = await Promise.race([third, Promise.resolve('waits')]);
    expect(early).toBe('waits');
    running[1]?.interrupt();
    expect(await (await third).exited).toMatchObject({ code: 0 });
  });

  it('gets the place back of a program that cannot be started at all', async () => {
    runner = createProgramRunner(() => 1);
    const { call } = node('');
    await expect(runner.run({ ...call, args: ['a\0b'] }, never)).rejects.toThrow('null bytes');
    const program = await runner.run(call, never);
    expect(await program.exited).toMatchObject({ code: 0 });
  });

  it('forgets who gives up waiting', async () => {
    runner = createProgramRunner(() => 1, times);
    const first = await runner.run(node(HANG).call, never);
    const leave = new AbortController();
    const second = runner.run(node('').call, leave.signal);
    const third = runner.run(node('').call, never);
    leave.abort(new Error('gone'));
    await expect(second).rejects.toThrow('gone');
    first.terminate();
    expect(await (await third).exited).toMatchObject({ code: 0 });
  });
});
