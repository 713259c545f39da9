// The real command line programs of four dialects through the whole house to a faithful Kiro, which refuses what breaks one
// of its rules: one run of two turns each, with the program's own tools, a picture where it can be given one, and thinking.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, type TestContext } from 'vitest';
import { DOT, openScene } from '../support/client-scene.ts';
import { KEY } from '../support/house.ts';
import { frames } from '../support/kiro-frames.ts';
import { API_KEY, type KiroStub, startKiroStub, streamOf } from '../support/kiro-stub.ts';
import { claudeFile, whyNoClaude } from '../support/real-claude.ts';
import { describeWith, findTool } from '../support/tools.ts';

/** As Claude Code spells it; no list has it so. */
const MODEL = 'claude-sonnet-4-6';

/** A house with one account of Kiro besides the scene's own, and everything of a client's in an empty home. */
async function prepare(context: TestContext) {
  const stub = await startKiroStub();
  const endpoints = { ...stub.endpoints };
  const account = { id: 'work', name: 'Work', provider: 'kiro', method: 'key', endpoints };
  const scene = await openScene(context, {}, [{ ...account, secrets: { apiKey: API_KEY } }]);
  context.onTestFinished(() => stub.close());
  return { ...scene, stub };
}

/** Thinks, says something and calls the tool once for each input; then says what came of it. */
function playTools(stub: KiroStub, name: string, inputs: readonly object[]): void {
  const calls = inputs.map((input, at) => frames.toolCall(`tooluse_${at}`, name, JSON.stringify(input)));
  stub.reply(
    streamOf([frames.reasoning('A plan.'), frames.text('Let me look.'), ...calls, frames.tail('TOOL_USE')]),
    streamOf([frames.text('Do'), frames.text('ne.'), frames.tail()]),
  );
}

interface Sent {
  readonly content: string;
  readonly modelId: string;
  readonly images?: readonly { readonly format: string }[];
  readonly userInputMessageContext?: {
    readonly tools?: readonly { readonly toolSpecification: { readonly name: string } }[];
    readonly toolResults?: readonly { readonly status: string; readonly content: readonly { text: string }[] }[];
  };
}

/** The turns of the user in a request, the current one last. */
function readTurns(stub: KiroStub, at: number): readonly Sent[] {
  const { history = [], currentMessage } = (stub.calls().at(at)?.body.conversationState ?? {}) as {
    history?: readonly { userInputMessage?: Sent }[];
    currentMessage?: { userInputMessage: Sent };
  };
  return [...history, ...(currentMessage === undefined ? [] : [currentMessage])].flatMap(
    ({ userInputMessage }) => userInputMessage ?? [],
  );
}

const listTools = (stub: KiroStub, at: number) =>
  readTurns(stub, at)
    .at(-1)
    ?.userInputMessageContext?.tools?.map(({ toolSpecification: { name } }) => name);

const readResults = (stub: KiroStub) =>
  (readTurns(stub, -1).at(-1)?.userInputMessageContext?.toolResults ?? []).map(({ status, content }) => [
    status,
    content.map(({ text }) => text).join(''),
  ]);

/** What holds after each run: nothing was refused, one request a turn, the tools ran and told so. */
function checkRun({ stub, home, states }: Awaited<ReturnType<typeof prepare>>, requests = 2): void {
  expect(stub.faults).toEqual([]);
  expect(states()).toEqual(Array.from({ length: requests }, () => 'ok'));
  expect(stub.calls()).toHaveLength(requests);
  expect(readTurns(stub, 0).at(-1)?.modelId).toBe('claude-sonnet-4.6');
  expect(readFileSync(join(home, 'made.txt'), 'utf8').trim()).toBe('made-42');
  expect(readResults(stub)).toEqual([
    ['success', expect.stringContaining('made-42')],
    ['success', expect.stringContaining('also-52')],
  ]);
}

const COMMANDS = ['echo made-$((40+2)) | tee made.txt', 'echo also-$((50+2))'];
const hasPicture = (stub: KiroStub) =>
  readTurns(stub, 0).some(({ images = [] }) => images.some(({ format }) => format === 'png'));

describe.concurrent('over Kiro', () => {
  describe.skipIf(claudeFile === undefined)(`Claude Code${whyNoClaude}`, () => {
    it('is served with its system messages among the others and all its tools, also one that it looks for first', async (context) => {
      const scene = await prepare(context);
      const search = JSON.stringify({ query: 'select:WebFetch', max_results: 1 });
      scene.stub.reply(streamOf([frames.toolCall('tooluse_search', 'ToolSearch', search), frames.tail('TOOL_USE')]));
      playTools(
        scene.stub,
        'Bash',
        COMMANDS.map((command) => ({ command })),
      );
      const env = {
        ANTHROPIC_BASE_URL: scene.house.url,
        ANTHROPIC_API_KEY: KEY,
        ANTHROPIC_MODEL: MODEL,
        ANTHROPIC_DEFAULT_HAIKU_MODEL: MODEL,
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      };
      const flags = ['-p', 'Run it.', '--output-format', 'json', '--allowedTools', 'Bash', 'Read'];
      const { stdout } = await scene.start(claudeFile ?? '', flags, env).ended;
      expect(JSON.parse(stdout)).toMatchObject({ is_error: false, result: 'Done.' });
      checkRun(scene, 3);
      // What stands beside the roles of the two in its messages, a system message among them.
      expect(readTurns(scene.stub, 0).at(-1)?.content).toMatch(/Today's date is[\s\S]*Run it\.$/);
      expect(listTools(scene.stub, 0)).toEqual(expect.arrayContaining(['Bash', 'Edit', 'Read', 'ToolSearch', 'Write']));
      expect(listTools(scene.stub, 0)).not.toContain('WebFetch');
      expect(listTools(scene.stub, 1)).toContain('WebFetch');
    });
  });

  describeWith(['codex'], 'Codex', () => {
    it('shows a picture and runs two tools of one turn', async (context) => {
      const scene = await prepare(context);
      playTools(
        scene.stub,
        'exec_command',
        COMMANDS.map((cmd) => ({ cmd })),
      );
      const settings = `model = "${MODEL}"
model_provider = "house"
[model_providers.house]
name = "House"
base_url = "${scene.house.url}/v1"
env_key = "HOUSE_KEY"
wire_api = "responses"
request_max_retries = 0
stream_max_retries = 0
`;
      scene.write('.codex/config.toml', settings);
      const picture = scene.write('dot.png', Buffer.from(DOT, 'base64'));
      const flags = ['exec', '--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox', '--json'];
      const { exitCode, stdout } = await scene.start(findTool('codex') ?? '', [...flags, 'Run it.', '-i', picture], {
        HOUSE_KEY: KEY,
      }).ended;
      const items = stdout.split('\n').flatMap((line) => JSON.parse(line).item ?? []);
      const texts = items.flatMap(({ type, text }: { type: string; text?: string }) =>
        type === 'agent_message' ? [text] : [],
      );
      expect({ exitCode, texts: [...new Set(texts)] }).toEqual({ exitCode: 0, texts: ['Let me look.', 'Done.'] });
      checkRun(scene);
      expect(hasPicture(scene.stub)).toBe(true);
    });
  });

  describeWith(['opencode'], 'opencode', () => {
    it('shows a picture and runs two tools of one turn', async (context) => {
      const scene = await prepare(context);
      playTools(
        scene.stub,
        'bash',
        COMMANDS.map((command) => ({ command, description: 'Test' })),
      );
      const model = {
        name: MODEL,
        tool_call: true,
        attachment: true,
        modalities: { input: ['text', 'image'], output: ['text'] },
        limit: { context: 100_000, output: 8_000 },
      };
      const settings = {
        autoupdate: false,
        share: 'disabled',
        permission: 'allow',
        model: `house/${MODEL}`,
        small_model: `house/${MODEL}`,
        provider: {
          house: {
            npm: '@ai-sdk/openai-compatible',
            name: 'House',
            options: { baseURL: `${scene.house.url}/v1`, apiKey: KEY },
            models: { [MODEL]: model },
          },
        },
      };
      scene.write('opencode.json', JSON.stringify(settings));
      const picture = scene.write('dot.png', Buffer.from(DOT, 'base64'));
      const { exitCode, stdout } = await scene.start(
        findTool('opencode') ?? '',
        ['run', '--title=Test', 'Run it.', '-f', picture],
        { OPENCODE_DISABLE_MODELS_FETCH: '1', OPENCODE_DISABLE_AUTOUPDATE: '1' },
      ).ended;
      expect({ exitCode, end: stdout.trim().split('\n').at(-1) }).toEqual({ exitCode: 0, end: 'Done.' });
      checkRun(scene);
      expect(hasPicture(scene.stub)).toBe(true);
    });
  });

  describeWith(['gemini'], 'the Gemini CLI', () => {
    it('shows a picture and runs two tools of one turn', async (context) => {
      const scene = await prepare(context);
      // It runs no command with an expansion in it.
      playTools(
        scene.stub,
        'run_shell_command',
        ['printf made-%x 66 | tee made.txt', 'printf also-%x 82'].map((command) => ({ command, description: 'Test' })),
      );
      const settings = {
        security: { auth: { selectedType: 'gemini-api-key' } },
        privacy: { usageStatisticsEnabled: false },
        telemetry: { enabled: false },
        general: { maxAttempts: 1, enableAutoUpdate: false, enableAutoUpdateNotification: false },
      };
      scene.write('.gemini/settings.json', JSON.stringify(settings));
      scene.write('dot.png', Buffer.from(DOT, 'base64'));
      const env = {
        GEMINI_API_KEY: KEY,
        GOOGLE_GEMINI_BASE_URL: scene.house.url,
        GEMINI_CLI_TRUST_WORKSPACE: 'true',
        GEMINI_CLI_NO_RELAUNCH: 'true',
      };
      const { exitCode, stdout } = await scene.start(
        findTool('gemini') ?? '',
        ['-m', MODEL, '--yolo', '-o', 'json', '-p', 'Run @dot.png'],
        env,
      ).ended;
      const { response } = JSON.parse(stdout.slice(stdout.lastIndexOf('{\n  "session_id"')));
      expect({ exitCode, response }).toEqual({ exitCode: 0, response: expect.stringMatching(/Done\.$/) });
      checkRun(scene);
      expect(hasPicture(scene.stub)).toBe(true);
    });
  });
});
