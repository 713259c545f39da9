// Claude Code as a client when things go wrong: how often it asks, and what its user reads.

import { expect, it, type TestContext } from 'vitest';
import { callTools, failNext, holdNext, openScene, readResults } from '../support/client-scene.ts';
import { KEY } from '../support/house.ts';
import { json, streamOf } from '../support/openai-stub.ts';
import { describeWith, findTool } from '../support/tools.ts';

/** A Claude Code that knows this house only and asks again once. */
async function prepare(context: TestContext) {
  const scene = await openScene(context);
  const env = {
    ANTHROPIC_BASE_URL: scene.house.url,
    ANTHROPIC_API_KEY: KEY,
    ANTHROPIC_MODEL: 'stub-1',
    ANTHROPIC_DEFAULT_HAIKU_MODEL: 'stub-1',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    CLAUDE_CODE_MAX_RETRIES: '1',
  };
  const start = (prompt: string) =>
    scene.start(findTool('claude') ?? '', ['-p', prompt, '--output-format', 'json', '--allowedTools', 'Bash'], env);
  const run = async (prompt: string) => {
    const { stdout } = await start(prompt).ended;
    const { is_error: isError, result } = JSON.parse(stdout) as { is_error: boolean; result: string };
    return { isError, result };
  };
  const streams = () => scene.house.log.map(({ stream }) => stream);
  return { ...scene, start, run, streams };
}

describeWith(['claude'], 'Claude Code in trouble', () => {
  it.concurrent('runs two tools of one turn and tells each result, one request a turn', async (context) => {
    const scene = await prepare(context);
    const commands = ['echo made-$((40+2))', 'echo also-$((50+2))'];
    scene.stub.reply(
      callTools(
        'Bash',
        commands.map((command) => ({ command })),
      ),
    );
    scene.stub.reply(streamOf(['Do', 'ne.']));
    expect(await scene.run('Run it.')).toEqual({ isError: false, result: 'Done.' });
    expect(readResults(scene.asked()[1])).toEqual({ call_0: 'made-42', call_1: 'also-52' });
    expect(scene.streams()).toEqual([true, true]);
  });

  it.concurrent.for([
    ['a cut stream', 'cut'],
    ['an error in mid-stream', 'error'],
  ] as const)('repeats the turn once after %s, and only the whole answer counts', async ([_name, how], context) => {
    const scene = await prepare(context);
    failNext(scene, how);
    scene.stub.reply(streamOf(['Whole']));
    expect(await scene.run('Say hello.')).toEqual({ isError: false, result: 'Whole' });
    expect(scene.states()).toEqual(['failed', 'ok']);
    // Whether the repeat is a stream depends on how much of the first it had read by then.
    expect(scene.streams()).toEqual([true, expect.any(Boolean)]);
  });

  it.concurrent.for([429, 500])('asks once more after the status %i, then shows its words', async (status, context) => {
    const scene = await prepare(context);
    for (const _ of [1, 2, 3])
      scene.stub.reply(json(status, { error: { message: 'Not today' } }, { 'retry-after': '0' }));
    const { isError, result } = await scene.run('Say hello.');
    expect(isError).toBe(true);
    expect(result).toContain('Stub: Not today');
    expect(scene.streams()).toEqual([true, true]);
  });

  it.concurrent('lets go of the upstream when it is interrupted', async (context) => {
    const scene = await prepare(context);
    const held = holdNext(scene.stub);
    const client = scene.start('Say hello.');
    const { hungUp } = await held;
    client.interrupt();
    await hungUp;
    await scene.house.closed(1);
    expect(scene.states()).toEqual(['aborted']);
  });
});
