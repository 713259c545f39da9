// The real opencode through the whole house, with each of the packages that it talks through.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, type TestContext } from 'vitest';
import { callTools, DOT, failNext, holdNext, openScene, readPictures, readResults } from '../support/client-scene.ts';
import { KEY } from '../support/house.ts';
import { json, streamOf } from '../support/openai-stub.ts';
import { describeWith, findTool } from '../support/tools.ts';

/** Two ways to fail for each package, so that every way has its turn. */
const packages = [
  {
    npm: '@ai-sdk/openai-compatible',
    failure: 'cut',
    status: 429,
    trouble: 'a cut stream',
  },
  {
    npm: '@ai-sdk/anthropic',
    failure: 'error',
    status: 500,
    trouble: 'an error in mid-stream',
  },
  {
    npm: '@ai-sdk/openai',
    failure: 'error',
    status: 429,
    trouble: 'an error in mid-stream',
  },
] as const;

/** An opencode that knows this house only; without a title it asks for one, in a request of its own. */
async function prepare(context: TestContext, npm: string) {
  const scene = await openScene(context);
  const model = {
    name: 'stub-1',
    tool_call: true,
    attachment: true,
    modalities: { input: ['text', 'image'], output: ['text'] },
    limit: { context: 100_000, output: 8_000 },
  };
  const options = { baseURL: `${scene.house.url}/v1`, apiKey: KEY };
  const settings = {
    autoupdate: false,
    share: 'disabled',
    permission: 'allow',
    model: 'house/stub-1',
    small_model: 'house/stub-1',
    provider: { house: { npm, name: 'House', options, models: { 'stub-1': model } } },
  };
  scene.write('opencode.json', JSON.stringify(settings));
  const env = { OPENCODE_DISABLE_MODELS_FETCH: '1', OPENCODE_DISABLE_AUTOUPDATE: '1' };
  const start = (...args: readonly string[]) => scene.start(findTool('opencode') ?? '', ['run', ...args], env);
  const run = (...args: readonly string[]) => start('--title=Test', ...args).ended;
  return { ...scene, start, run };
}

describeWith(['opencode'], 'opencode', () => {
  it.concurrent('asks for a title beside the answer, each once', async (context) => {
    const scene = await prepare(context, '@ai-sdk/openai-compatible');
    const { exitCode, stdout } = await scene.start('Say hello.').ended;
    expect({ exitCode, stdout: stdout.trim() }).toEqual({ exitCode: 0, stdout: 'Hello' });
    expect(scene.states()).toEqual(['ok', 'ok']);
    const tools = scene.asked().flatMap((body) => (body.tools === undefined ? [] : [JSON.stringify(body.tools)]));
    // A keyword that not every upstream knows passes as it is.
    expect(tools).toEqual([expect.stringContaining('"exclusiveMinimum":0')]);
  });

  describe.each(packages)('with $npm', ({ npm, failure, status, trouble }) => {
    it.concurrent('shows a picture, runs two tools of one turn and tells each result, one request a turn', async (context) => {
      const scene = await prepare(context, npm);
      const picture = scene.write('dot.png', Buffer.from(DOT, 'base64'));
      const commands = ['echo made-$((40+2)) | tee made.txt', 'echo also-$((50+2))'];
      scene.stub.reply(
        callTools(
          'bash',
          commands.map((command) => ({ command, description: 'Test' })),
        ),
      );
      scene.stub.reply(streamOf(['Do', 'ne.']));
      const { exitCode, stdout } = await scene.run('Run it.', '-f', picture);
      expect({ exitCode, end: stdout.trim().split('\n').at(-1) }).toEqual({ exitCode: 0, end: 'Done.' });
      expect(readFileSync(join(scene.home, 'made.txt'), 'utf8')).toBe('made-42\n');
      expect(scene.asked()).toHaveLength(2);
      expect(readResults(scene.asked()[1])).toEqual({
        call_0: expect.stringContaining('made-42'),
        call_1: expect.stringContaining('also-52'),
      });
      expect(readPictures(scene.asked()[0])).toEqual([expect.stringMatching(/^data:image\/png;base64,iVBOR/)]);
      expect(scene.states()).toEqual(['ok', 'ok']);
    });

    it.concurrent(`asks again after the status ${status}, and takes no half answer for a whole one after ${trouble}`, async (context) => {
      const scene = await prepare(context, npm);
      scene.stub.reply(json(status, { error: { message: 'Not now' } }, { 'retry-after': '1' }));
      failNext(scene, failure);
      scene.stub.reply(streamOf(['Whole']));
      const { exitCode, stdout } = await scene.run('Say hello.');
      // Whether it asks a third time depends on what it reads first of a broken stream: the error's frame or the cut.
      const ends = exitCode === 0 ? ['Whole', 'ok'] : [''];
      expect([stdout.trim(), ...scene.states().slice(2)]).toEqual(ends);
      expect(scene.states().slice(0, 2)).toEqual(['failed', 'failed']);
      expect(
        JSON.stringify(
          scene
            .asked()
            .slice(1)
            .map(({ messages }) => messages),
        ),
      ).not.toContain('Half');
    });
  });

  it.concurrent('shows a stale key in the words of the upstream, after one request', async (context) => {
    const scene = await prepare(context, '@ai-sdk/openai-compatible');
    scene.stub.reply(json(401, { error: { message: 'The upstream key is stale' } }));
    const { exitCode, stderr } = await scene.run('Say hello.');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('Stub: The upstream key is stale');
    expect(scene.states()).toEqual(['failed']);
  });

  it.concurrent('lets go of the upstream when it is interrupted', async (context) => {
    const scene = await prepare(context, '@ai-sdk/openai-compatible');
    const held = holdNext(scene.stub);
    const client = scene.start('--title=Test', 'Say hello.');
    const { hungUp } = await held;
    client.interrupt();
    await hungUp;
    await scene.house.closed(1);
    expect(scene.states()).toEqual(['aborted']);
  });
});
