// What a test of somebody else's command line client needs: a scripted upstream behind a house, an empty home with nothing of
// this machine's in it, and the client's run. Each test has its own, so that two may run side by side.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { execa } from 'execa';
import type { RequestView } from '../../shared/requests.ts';
import type { Settings } from '../../shared/settings.ts';
import { type House, openHouse, type TestAccount } from './house.ts';
import { chunk, DONE, type OpenAiStub, type StubAnswer, type StubRequest, startOpenAiStub } from './openai-stub.ts';

/** A picture of one dot, as base64. */
export const DOT = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';

const STREAM = { 'content-type': 'text/event-stream' };
const HALF = chunk({ role: 'assistant', content: 'Half' });

/** How a run ended and what the user read. */
export interface ClientRun {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** A client that runs. */
export interface RunningClient {
  /** Ctrl-C. */
  interrupt(): void;
  readonly ended: Promise<ClientRun>;
}

/** Everything around one run. */
export interface ClientScene {
  readonly house: House;
  readonly stub: OpenAiStub;
  /** The client's home and working folder. */
  readonly home: string;
  /** Puts a file into the home. */
  write(name: string, content: string | Buffer): string;
  /** Starts the client; scripts run in this Node. */
  start(file: string, args: readonly string[], env: Readonly<Record<string, string>>): RunningClient;
  /** The bodies that reached the upstream. */
  asked(): StubRequest['body'][];
  /** What the log says of each request, oldest first. */
  states(): RequestView['state'][];
}

/** The longest that any run may take. */
const RUN_MS = 45_000;

/** Opens a scene that is cleared away with its test. */
export async function openScene(
  context: { onTestFinished(clear: () => Promise<void>): void },
  settings: Partial<Settings> = {},
  accounts: readonly TestAccount[] = [],
): Promise<ClientScene> {
  const stub = await startOpenAiStub();
  const account = { id: 'stub', name: 'Stub', values: { baseUrl: stub.url }, secrets: { key: 'sk-up' } };
  const house = await openHouse({ accounts: [account, ...accounts], settings });
  const home = mkdtempSync(join(tmpdir(), 'patchbay-client-'));
  const stops: (() => Promise<unknown>)[] = [];
  context.onTestFinished(async () => {
    for (const stop of stops) await stop();
    await house.close();
    await stub.close();
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  });
  return {
    house,
    stub,
    home,
    write: (name, content) => {
      const file = join(home, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
      return file;
    },
    start: (file, args, env) => {
      const [program, ...first] = file.endsWith('.js') ? [process.execPath, file] : [file];
      const own = { PATH: process.env.PATH, HOME: home, TMPDIR: home, NO_PROXY: '127.0.0.1', ...env };
      const child = execa(program ?? '', [...first, ...args], {
        cwd: home,
        env: own,
        extendEnv: false,
        stdin: 'ignore',
        reject: false,
        timeout: RUN_MS,
        killSignal: 'SIGKILL',
      });
      const ended = child.then(({ exitCode, stdout, stderr }) => ({ exitCode, stdout, stderr }));
      stops.push(() => {
        child.kill('SIGKILL');
        return ended;
      });
      return { interrupt: () => child.kill('SIGINT'), ended };
    },
    asked: () => stub.requests.filter(({ path }) => path.endsWith('/chat/completions')).map(({ body }) => body),
    states: () => house.log.map(({ state }) => state),
  };
}

/** A streamed answer that says something and then calls tools, all in one turn; the ids are `call_0`, `call_1`, … */
export function callTools(name: string, inputs: readonly object[], words = 'Let me look.'): StubAnswer {
  const calls = inputs.map((input, index) => ({
    index,
    id: `call_${index}`,
    type: 'function',
    function: { name, arguments: JSON.stringify(input) },
  }));
  return {
    headers: STREAM,
    pieces: [
      chunk({ role: 'assistant', content: words }),
      ...calls.map((call) => chunk({ tool_calls: [call] })),
      chunk({}, 'tool_calls'),
      DONE,
    ],
  };
}

/** Answers the next request with a stream that fails once its first word has gone on to the client. */
export function failNext({ stub, house }: Pick<ClientScene, 'stub' | 'house'>, how: 'cut' | 'error'): void {
  const running = () => house.log.find(({ state }) => state === 'running');
  async function* pieces() {
    yield HALF;
    while (running() !== undefined && running()?.status === undefined) await setImmediate();
    if (how === 'error') yield 'data: {"error":{"message":"Engine on fire"}}\n\n';
  }
  stub.reply(() => ({ headers: STREAM, pieces: pieces(), after: how === 'cut' ? 'cut' : 'end' }));
}

/** Answers the next request with half a stream that stays open; resolves with the request when it has come. */
export function holdNext(stub: OpenAiStub): Promise<StubRequest> {
  return new Promise((resolve) => {
    stub.reply((request) => {
      resolve(request);
      return { headers: STREAM, pieces: [HALF], after: 'hang' };
    });
  });
}

/** The results that a request carries, by the id of their call. */
export function readResults(body: StubRequest['body'] | undefined): Record<string, string> {
  const messages = body?.messages as { role: string; content: unknown; tool_call_id?: string }[];
  const results = messages.filter(({ role }) => role === 'tool');
  return Object.fromEntries(results.map(({ tool_call_id, content }) => [tool_call_id, readText(content)]));
}

function readText(content: unknown): string {
  if (typeof content === 'string') return content;
  return (content as { text?: string }[]).map(({ text = '' }) => text).join('');
}

/** Every picture that a request carries. */
export function readPictures(body: StubRequest['body'] | undefined): string[] {
  const messages = body?.messages as { content: unknown }[];
  const parts = messages.flatMap(({ content }) => (Array.isArray(content) ? content : []));
  return parts.flatMap(({ image_url }) => (image_url === undefined ? [] : [image_url.url]));
}
