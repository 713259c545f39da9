// The real Gemini CLI through the whole house.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, type TestContext } from 'vitest';
import { callTools, DOT, failNext, holdNext, openScene, readPictures, readResults } from '../support/client-scene.ts';
import { KEY } from '../support/house.ts';
import { json, streamOf } from '../support/openai-stub.ts';
import { describeWith, findTool } from '../support/tools.ts';

/** A Gemini CLI that knows this house only and, unless told, asks once. */
async function prepare(context: TestContext, maxAttempts = 1) {
  const scene = await openScene(context);
  const settings = {
    security: { auth: { selectedType: 'gemini-api-key' } },
    privacy: { usageStatisticsEnabled: false },
    telemetry: { enabled: false },
    general: { maxAttempts, enableAutoUpdate: false, enableAutoUpdateNotification: false },
  };
  scene.write('.gemini/settings.json', JSON.stringify(settings));
  const env = {
    GEMINI_API_KEY: KEY,
    GOOGLE_GEMINI_BASE_URL: scene.house.url,
    GEMINI_CLI_TRUST_WORKSPACE: 'true',
    // Otherwise it runs as a child of itself that outlives it.
    GEMINI_CLI_NO_RELAUNCH: 'true',
  };
  const start = (prompt: string) =>
    scene.start(findTool('gemini') ?? '', ['-m', 'stub-1', '--yolo', '-o', 'json', '-p', prompt], env);
  const run = async (prompt: string) => {
    const { exitCode, stdout, stderr } = await start(prompt).ended;
    const { response, error } = readReport(stdout, stderr);
    return { exitCode, response, error: error?.message };
  };
  return { ...scene, start, run };
}

/** Its last word: on success to stdout, on failure to stderr or stdout behind other lines. */
function readReport(stdout: string, stderr: string): { response?: string; error?: { message: string } } {
  for (const text of [stdout, stderr]) {
    const at = text.lastIndexOf('{\n  "session_id"');
    if (at >= 0) return JSON.parse(text.slice(at));
  }
  return {};
}

describeWith(['gemini'], 'the Gemini CLI', () => {
  it.concurrent('shows a picture, runs two tools of one turn and tells each result, one request a turn', async (context) => {
    const scene = await prepare(context);
    scene.write('dot.png', Buffer.from(DOT, 'base64'));
    const commands = ['printf made-%x 66 | tee made.txt', 'printf also-%x 82'];
    scene.stub.reply(
      callTools(
        'run_shell_command',
        commands.map((command) => ({ command, description: 'Test' })),
      ),
    );
    scene.stub.reply(streamOf(['Do', 'ne.']));
    expect(await scene.run('Run @dot.png')).toMatchObject({ exitCode: 0, response: expect.stringMatching(/Done\.$/) });
    expect(readFileSync(join(scene.home, 'made.txt'), 'utf8')).toBe('made-42');
    expect(scene.states()).toEqual(['ok', 'ok']);
    expect(readPictures(scene.asked()[0])).toEqual([expect.stringMatching(/^data:image\/png;base64,iVBOR/)]);
    expect(Object.values(readResults(scene.asked()[1]))).toEqual([
      expect.stringContaining('made-42'),
      expect.stringContaining('also-52'),
    ]);
    expect(scene.house.log[0]).toMatchObject({ stream: true, client: expect.stringMatching(/^Gemini/i) });
  });

  it.concurrent.for([
    [401, 'Stub: Not today'],
    [429, 'Stub: Not today'],
    [500, 'Stub: Not today'],
  ] as const)('shows the status %i in the words of the upstream', async ([status, words], context) => {
    const scene = await prepare(context);
    scene.stub.reply(json(status, { error: { message: 'Not today' } }));
    const { exitCode, response, error } = await scene.run('Say hello.');
    expect(exitCode).not.toBe(0);
    expect({ response, error }).toEqual({ response: undefined, error: expect.stringContaining(words) });
    expect(scene.states()).toEqual(['failed']);
  });

  it.concurrent.for(['cut', 'error'] as const)('takes no half answer for a whole one: %s', async (after, context) => {
    const scene = await prepare(context);
    failNext(scene, after);
    const { exitCode, response } = await scene.run('Say hello.');
    expect(exitCode).not.toBe(0);
    expect(response).toBeUndefined();
    expect(scene.states()).toEqual(['failed']);
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
