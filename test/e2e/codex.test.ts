// The real Codex through the whole house.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, type TestContext } from 'vitest';
import {
  type ClientRun,
  callTools,
  DOT,
  failNext,
  holdNext,
  openScene,
  readPictures,
  readResults,
} from '../support/client-scene.ts';
import { KEY } from '../support/house.ts';
import { chunk, DONE, json, streamOf, usageChunk } from '../support/openai-stub.ts';
import { describeWith, findTool } from '../support/tools.ts';

const FLAGS = ['exec', '--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox', '--json'];

/** A Codex that knows this house only and asks again as often as it is told. */
async function prepare(context: TestContext, retries = 0) {
  const scene = await openScene(context);
  const settings = `model = "stub-1"
model_provider = "house"
[model_providers.house]
name = "House"
base_url = "${scene.house.url}/v1"
env_key = "HOUSE_KEY"
wire_api = "responses"
request_max_retries = ${retries}
stream_max_retries = ${retries}
`;
  scene.write('.codex/config.toml', settings);
  const start = (...args: readonly string[]) =>
    scene.start(findTool('codex') ?? '', [...FLAGS, ...args], { HOUSE_KEY: KEY });
  const run = async (...args: readonly string[]) => readReport(await start(...args).ended);
  return { ...scene, start, run };
}

/** What it reports, without the notes on a model that it does not know. */
function readReport({ exitCode, stdout }: ClientRun) {
  const lines: Line[] = stdout.split('\n').map((line) => JSON.parse(line));
  const items = lines.flatMap(({ type, item }) => (type === 'item.completed' && item !== undefined ? [item] : []));
  return {
    exitCode,
    texts: items.flatMap(({ type, text }) => (type === 'agent_message' ? [text] : [])),
    reasoning: items.flatMap(({ type, text }) => (type === 'reasoning' ? [text] : [])),
    errors: lines.flatMap(({ type, message }) => (type === 'error' ? [message] : [])),
    usage: lines.find(({ type }) => type === 'turn.completed')?.usage,
  };
}

interface Line {
  readonly type: string;
  readonly message?: string;
  readonly usage?: object;
  readonly item?: { readonly type: string; readonly text?: string };
}

describeWith(['codex'], 'Codex', () => {
  it.concurrent('gets its text, reasoning and counts after one streamed request', async (context) => {
    const scene = await prepare(context);
    scene.stub.reply({
      headers: { 'content-type': 'text/event-stream' },
      pieces: [
        chunk({ role: 'assistant', reasoning_content: 'A greeting.' }),
        chunk({ content: 'Hel' }),
        chunk({ content: 'lo' }),
        chunk({}, 'stop'),
        usageChunk({ prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 }),
        DONE,
      ],
    });
    expect(await scene.run('Say hello.')).toMatchObject({
      exitCode: 0,
      texts: ['Hello'],
      reasoning: ['A greeting.'],
      errors: [],
      usage: { input_tokens: 7, output_tokens: 3 },
    });
    expect(scene.house.log).toMatchObject([{ state: 'ok', stream: true, client: expect.stringMatching(/^Codex/i) }]);
    expect(scene.asked()).toMatchObject([{ model: 'stub-1', stream: true }]);
  });

  it.concurrent('runs two tools of one turn and tells each result, one request a turn', async (context) => {
    const scene = await prepare(context);
    const commands = ['echo made-$((40+2)) | tee made.txt', 'echo also-$((50+2))'];
    scene.stub.reply(
      callTools(
        'exec_command',
        commands.map((cmd) => ({ cmd })),
      ),
    );
    scene.stub.reply(streamOf(['Do', 'ne.']));
    expect(await scene.run('Run it.')).toMatchObject({ exitCode: 0, texts: ['Let me look.', 'Done.'], errors: [] });
    expect(readFileSync(join(scene.home, 'made.txt'), 'utf8')).toBe('made-42\n');
    expect(scene.states()).toEqual(['ok', 'ok']);
    expect(readResults(scene.asked()[1])).toEqual({
      call_0: expect.stringContaining('made-42'),
      call_1: expect.stringContaining('also-52'),
    });
  });

  it.concurrent('shows a picture that it is given', async (context) => {
    const scene = await prepare(context);
    const picture = scene.write('dot.png', Buffer.from(DOT, 'base64'));
    expect(await scene.run('What is it?', '-i', picture)).toMatchObject({ exitCode: 0, texts: ['Hello'] });
    expect(readPictures(scene.asked()[0])).toEqual([expect.stringMatching(/^data:image\/png;base64,iVBOR/)]);
  });

  it.concurrent('shows the picture that its tool has looked at', async (context) => {
    const scene = await prepare(context);
    const path = scene.write('dot.png', Buffer.from(DOT, 'base64'));
    scene.stub.reply(callTools('view_image', [{ path }]));
    expect(await scene.run('What is it?')).toMatchObject({ exitCode: 0, errors: [] });
    expect(readPictures(scene.asked()[1])).toEqual([expect.stringMatching(/^data:image\/png;base64,iVBOR/)]);
  });

  it.concurrent.for([
    [401, 'unexpected status 401 Unauthorized: Stub: Not today'],
    [429, 'exceeded retry limit, last status: 429'],
    [500, 'currently experiencing high demand'],
  ] as const)('after the status %i says: %s', async ([status, words], context) => {
    const scene = await prepare(context);
    scene.stub.reply(json(status, { error: { message: 'Not today' } }));
    const { exitCode, texts, errors } = await scene.run('Say hello.');
    expect({ exitCode, texts, errors }).toEqual({ exitCode: 1, texts: [], errors: [expect.stringContaining(words)] });
    expect(scene.states()).toEqual(['failed']);
  });

  it.concurrent.for([
    ['a cut stream', 'cut'],
    ['an error in mid-stream', 'error'],
  ] as const)('takes no half answer for a whole one, after %s, but reads no reason', async ([_name, how], context) => {
    const scene = await prepare(context);
    failNext(scene, how);
    const { exitCode, texts, errors } = await scene.run('Say hello.');
    const words = 'stream disconnected before completion';
    expect({ exitCode, texts, errors }).toEqual({ exitCode: 1, texts: [], errors: [expect.stringContaining(words)] });
    expect(scene.states()).toEqual(['failed']);
  });

  it.concurrent('asks again after a cut stream where it is told to', async (context) => {
    const scene = await prepare(context, 1);
    failNext(scene, 'cut');
    scene.stub.reply(streamOf(['Whole']));
    expect(await scene.run('Say hello.')).toMatchObject({ exitCode: 0, texts: ['Whole'] });
    expect(scene.states()).toEqual(['failed', 'ok']);
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

  it.concurrent('takes the second door for an Ollama, and needs no key there', async (context) => {
    const scene = await openScene(context, { ollamaDoor: true, ollamaPort: 0, ollamaRequireKey: false });
    const flags = [...FLAGS, '--oss', '--local-provider', 'ollama', '-m', 'stub-1'];
    const env = { CODEX_OSS_BASE_URL: `${scene.house.second()?.baseUrl}/v1` };
    const { ended } = scene.start(findTool('codex') ?? '', [...flags, 'Say hello.'], env);
    expect(readReport(await ended)).toMatchObject({ exitCode: 0, texts: ['Hello'], errors: [] });
    expect(scene.states()).toEqual(['ok']);
  });
});
