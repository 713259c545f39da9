// Every face over every kind of upstream, through a whole house: what arrives upstream, what the client gets, what the
// log says. N faces and M providers are work; that all pairs of them work is shown here, one readable file for each pair
// in `matrix/`. A new dialect brings its own file in `faces/` and nothing else.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request as openRequest } from 'node:http';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClaudeCodeProvider } from '../../main/providers/claude-code/index.ts';
import { createKiroProviderWith } from '../../main/providers/kiro/index.ts';
import { createPoeProviderWith } from '../../main/providers/poe/index.ts';
import type { Provider, ProviderServices } from '../../main/providers/provider.ts';
import type { RequestView } from '../../shared/requests.ts';
import { FAKE_CLAUDE } from '../support/fake-claude.ts';
import { type House, KEY, openHouse, type TestAccount } from '../support/house.ts';
import { EMAIL, type K2Stub, MODEL, startK2Stub } from '../support/k2-stub.ts';
import { type KiroStub, startKiroStub } from '../support/kiro-stub.ts';
import { type OpenAiStub, startOpenAiStub } from '../support/openai-stub.ts';
import { POE_KEY, type PoeStub, startPoeStub } from '../support/poe-stub.ts';
import { makeTempFolder } from '../support/temp-folder.ts';
import { loadFaces } from './asking.ts';
import type { Client, Face, Heard } from './client.ts';
import { normalise, writeReadable } from './readable.ts';
import { ANSWERS, QUESTIONS, type Scenario } from './scenarios.ts';
import { writeClaudeSteps, writeK2Answer, writeKiroAnswer, writeOpenAiAnswer, writePoeAnswer } from './upstreams.ts';

const SECRET = 'sk-upstream-secret';

/** What a client got. */
interface Answer {
  readonly status: number;
  readonly id: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The connection was cut before the end of the body. */
  readonly cut: boolean;
}

/** One cell of the matrix: a scenario in one manner. */
interface Cell {
  readonly scenario: Scenario;
  readonly stream: boolean;
}

/** A way to answer cells: an account to ask, and what it was told. */
interface Upstream {
  readonly name: string;
  readonly scenarios: readonly Scenario[];
  /** Cells that are asked at the same time. */
  readonly width: number;
  /** In place of the registry's. */
  readonly providers?: (services: ProviderServices) => readonly Provider[];
  /** Whether this cell is asked at all. */
  readonly asks: (cell: Cell) => boolean;
  /** Sets everything up for these cells. */
  open(cells: readonly Cell[]): Promise<{
    readonly accounts: readonly TestAccount[];
    /** Gets ready to answer; gives the model to ask for, and is told when the client has heard something. */
    ready(cell: Cell): { readonly model: string; readonly seen: () => void };
    /** What has arrived upstream for the cell. */
    arrived(cell: Cell): unknown;
  }>;
}

let stub: OpenAiStub;
let kiroStub: KiroStub;
let k2Stub: K2Stub;
let poeStub: PoeStub;
beforeAll(async () => {
  stub = await startOpenAiStub();
  kiroStub = await startKiroStub();
  poeStub = await startPoeStub();
  k2Stub = await startK2Stub();
  k2Stub.people.set(EMAIL, SECRET);
});
afterAll(() => Promise.all([stub.close(), kiroStub.close(), k2Stub.close(), poeStub.close()]));

const demo: Upstream = {
  name: 'demo',
  scenarios: QUESTIONS,
  width: QUESTIONS.length,
  asks: () => true,
  open: async () => ({
    accounts: [],
    ready: () => ({ model: 'demo', seen: () => {} }),
    arrived: () => undefined,
  }),
};

const openAiCompatible: Upstream = {
  name: 'openai-compatible',
  scenarios: [...QUESTIONS, ...ANSWERS],
  width: 1,
  asks: () => true,
  open: async () => {
    const arrived = new Map<Cell, unknown>();
    return {
      accounts: [{ id: 'stub', name: 'Stub', values: { baseUrl: stub.url }, secrets: { key: SECRET } }],
      ready: (cell) => {
        let seen = () => {};
        const gate = new Promise<void>((resolve) => {
          seen = resolve;
        });
        stub.reply(({ body }) => {
          arrived.set(cell, body);
          return writeOpenAiAnswer(cell.scenario.answer, cell.stream, gate);
        });
        return { model: 'stub/stub-1', seen };
      },
      arrived: (cell) => arrived.get(cell),
    };
  },
};

/** The platform by its own rules; what it is told and what it answers stand in the same shape as before. */
const kimi: Upstream = {
  ...openAiCompatible,
  name: 'kimi',
  open: async (cells) => {
    const opened = await openAiCompatible.open(cells);
    const endpoints = { api: stub.url };
    return {
      ...opened,
      accounts: [{ id: 'kimi', name: 'Kimi', provider: 'kimi', endpoints, secrets: { key: SECRET } }],
      ready: (cell) => ({ ...opened.ready(cell), model: 'kimi/kimi-k2.6' }),
    };
  },
};

/** Each cell is a process: whole answers, which are the same events collected, are asked for only now and then. */
const claudeCode: Upstream = {
  name: 'claude-code',
  // Programs that stay would be told a conversation again in advance, when nobody has asked.
  providers: (services) => {
    const programLimits = () => ({ ...services.programLimits(), most: 3, mostWaiting: 0 });
    return [createClaudeCodeProvider({ ...services, programLimits })];
  },
  scenarios: [...QUESTIONS, ...ANSWERS],
  width: 3,
  asks: ({ scenario, stream }) =>
    stream || /^(text|tools|reasoning in the reply|upstream is busy|error)/.test(scenario.name),
  open: async (cells) => {
    const folder = makeTempFolder();
    const file = (cell: Cell, name: string) => join(folder, `${cells.indexOf(cell)}-${name}`);
    for (const cell of cells) {
      const steps = writeClaudeSteps(cell.scenario.answer, file(cell, 'seen'));
      writeFileSync(file(cell, 'script'), JSON.stringify({ steps, record: file(cell, 'diary') }));
    }
    const accounts = cells.map((cell, at) => ({
      id: `claude-${at}`,
      name: 'Claude',
      provider: 'claude-code',
      values: { cliPath: FAKE_CLAUDE },
      env: { FAKE_CLAUDE: file(cell, 'script'), PATH: `${dirname(process.execPath)}:/usr/bin:/bin` },
      secrets: { key: SECRET },
    }));
    return {
      accounts,
      ready: (cell) => ({
        model: `claude-${cells.indexOf(cell)}/claude-stub`,
        seen: () => writeFileSync(file(cell, 'seen'), ''),
      }),
      arrived: (cell) => {
        const diary = file(cell, 'diary');
        if (!existsSync(diary)) return undefined;
        const entries = readFileSync(diary, 'utf8')
          .split('\n')
          .filter((line) => line !== '');
        return entries.flatMap((line) => {
          const { told } = JSON.parse(line);
          return told === undefined ? [] : [told];
        });
      },
    };
  },
};

/** What is asked again before anything was said is asked again at once here. */
const kiro: Upstream = {
  name: 'kiro',
  providers: (services) => [
    createKiroProviderWith(services, {
      machine: { platform: 'linux', home: makeTempFolder(), environment: {} },
      clock: { now: Date.now, wait: (ms) => (ms > 30_000 ? new Promise(() => {}) : Promise.resolve()) },
    }),
  ],
  // An answer without a word is a failure there.
  scenarios: [...QUESTIONS, ...ANSWERS.filter(({ name }) => name !== 'empty reply')],
  width: 1,
  asks: () => true,
  open: async () => {
    const arrived = new Map<Cell, unknown>();
    kiroStub.tokens.set(SECRET, 'none');
    return {
      accounts: [
        {
          id: 'kiro',
          name: 'Kiro',
          provider: 'kiro',
          method: 'key',
          endpoints: { ...kiroStub.endpoints },
          secrets: { apiKey: SECRET },
        },
      ],
      ready: (cell) => {
        let seen = () => {};
        const gate = new Promise<void>((resolve) => {
          seen = resolve;
        });
        kiroStub.always = ({ body }) => {
          arrived.set(cell, body);
          return writeKiroAnswer(cell.scenario.answer, gate);
        };
        return { model: 'kiro/claude-sonnet-4-6', seen };
      },
      arrived: (cell) => arrived.get(cell),
    };
  },
};

const k2Think: Upstream = {
  name: 'k2-think',
  scenarios: [...QUESTIONS, ...ANSWERS],
  width: 1,
  asks: () => true,
  open: async () => {
    const arrived = new Map<Cell, unknown>();
    return {
      accounts: [
        {
          id: 'k2',
          name: 'K2',
          provider: 'k2-think',
          method: 'password',
          values: { email: EMAIL },
          endpoints: { ...k2Stub.endpoints },
          secrets: { password: SECRET },
        },
      ],
      ready: (cell) => {
        let seen = () => {};
        const gate = new Promise<void>((resolve) => {
          seen = resolve;
        });
        k2Stub.always = ({ body }) => {
          arrived.set(cell, body);
          return writeK2Answer(cell.scenario.answer, cell.stream, gate);
        };
        return { model: `k2/${MODEL}`, seen };
      },
      arrived: (cell) => arrived.get(cell),
    };
  },
};

/** What failed before anything was said is asked again at once here. */
const poe: Upstream = {
  name: 'poe',
  providers: (services) => [createPoeProviderWith(services, { wait: () => Promise.resolve() })],
  scenarios: [...QUESTIONS, ...ANSWERS],
  width: 1,
  asks: () => true,
  open: async () => {
    const arrived = new Map<Cell, unknown>();
    return {
      accounts: [
        { id: 'poe', name: 'Poe', provider: 'poe', endpoints: { ...poeStub.endpoints }, secrets: { key: POE_KEY } },
      ],
      ready: (cell) => {
        let seen = () => {};
        const gate = new Promise<void>((resolve) => {
          seen = resolve;
        });
        poeStub.always = ({ body }) => {
          arrived.set(cell, JSON.parse(JSON.stringify(body).replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, 'http://poe')));
          return writePoeAnswer(cell.scenario.answer, gate);
        };
        return { model: 'poe/gpt-5.4', seen };
      },
      arrived: (cell) => arrived.get(cell),
    };
  },
};

/** Sends one request as a client of the dialect would. */
function ask(house: House, face: Face, written: ReturnType<Client['write']>, onFirst: () => void): Promise<Answer> {
  const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json', ...face.headers };
  return new Promise((resolve, reject) => {
    const request = openRequest(house.url + written.path, { method: 'POST', headers, agent: false }, (response) => {
      let text = '';
      const end = (cut: boolean) =>
        resolve({
          status: response.statusCode ?? 0,
          id: String(response.headers['x-request-id']),
          headers: response.headers,
          text,
          cut,
        });
      response.setEncoding('utf8');
      response.on('data', (piece) => {
        if (text === '') onFirst();
        text += piece;
      });
      response.on('end', () => end(false));
      response.on('error', () => end(true));
    });
    request.on('error', reject);
    request.end(JSON.stringify(written.body));
  });
}

function describeLog(row: RequestView | undefined): string {
  const { state, status, finishReason, usage, errorKind, errorText, notes } = row as RequestView;
  const counts = Object.entries(usage ?? {}).filter(([, value]) => value !== undefined);
  return [
    `${state} ${status ?? '-'}`,
    ...(finishReason === undefined ? [] : [`finish reason ${finishReason}`]),
    ...(counts.length === 0 ? [] : [`usage ${counts.map(([name, value]) => `${name} ${value}`).join(', ')}`]),
    ...(errorKind === undefined ? [] : [`error ${errorKind}: ${errorText}`]),
    ...notes.map((note) => `note: ${note}`),
  ].join('\n');
}

function describeAnswer({ status, headers, text, cut }: Answer, streamed: boolean): string {
  const type = String(headers['content-type']).split(';')[0];
  const wait = headers['retry-after'] === undefined ? '' : `, retry-after ${headers['retry-after']}`;
  const isJson = type === 'application/json';
  const shown = isJson && !streamed ? writeReadable(JSON.parse(normalise(text))) : normalise(text).trimEnd();
  return `${status} ${type}${wait}\n${shown}${cut ? '\n(the connection is cut)' : ''}`;
}

/** Runs `work` over all items, so many at a time. */
async function runWide<Item>(
  items: readonly Item[],
  width: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  const run = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: width }, run));
}

/** What a dialect without words for something must not be taken to have lost. */
function checkHeard(heard: Heard, { answer }: Scenario): void {
  if ('status' in answer || answer.finish === 'error' || answer.finish === 'cut') {
    expect(heard.error).toBeTypeOf('string');
    expect(heard.complete).toBe(false);
    return;
  }
  expect(heard.error).toBeUndefined();
  expect(heard.complete).toBe(true);
  expect(heard.text).toBe((answer.text ?? []).join(''));
  expect(heard.reasoning).toBe(answer.reasoning?.text ?? '');
  expect(heard.calls.map(({ name, input }) => ({ name, input }))).toEqual(
    (answer.calls ?? []).map(({ name, input }) => ({ name, input })),
  );
  expect(heard.usage).toEqual({ input: 12, output: 5 });
}

async function runPair(client: Client, face: Face, upstream: Upstream): Promise<string> {
  const { scenarios } = upstream;
  const can = scenarios.filter(({ asked }) => client.cannot?.(asked) === undefined);
  const cells = can
    .flatMap((scenario) => [true, false].map((stream): Cell => ({ scenario, stream })))
    .filter(upstream.asks);
  const { accounts, ready, arrived } = await upstream.open(cells);
  const house = await openHouse({ accounts, providers: upstream.providers, neverRests: true });
  const answers = new Map<Cell, Answer>();
  try {
    await runWide(cells, upstream.width, async (cell) => {
      const { model, seen } = ready(cell);
      const written = client.write(cell.scenario.asked, { model, stream: cell.stream });
      // Nobody hears the beginning of an answer that comes in one piece.
      if (!cell.stream) seen();
      let over = false;
      const row = house.log.length;
      const answer = ask(house, face, written, seen).finally(() => {
        over = true;
      });
      // Some dialects hold a call back until it is complete: then only the log knows that the answer has begun.
      while (upstream.width === 1 && !over && house.log[row]?.firstTokenMs === undefined) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (upstream.width === 1) seen();
      answers.set(cell, await answer);
      // Each cell is a request of its own: none finds an account that rests for another's failure.
      for (const { id } of accounts) house.pool.use(id);
    });
    await house.closed(cells.length);
  } finally {
    await house.close();
  }
  const write = (scenario: Scenario): string => {
    const why = client.cannot?.(scenario.asked);
    if (why !== undefined) return `## ${scenario.name}\n\n${why}\n`;
    let last = { upstream: '', log: '' };
    const sections = cells
      .filter((cell) => cell.scenario === scenario)
      .map((cell) => {
        const answer = answers.get(cell) as Answer;
        expect(answer.text).not.toContain(SECRET);
        const heard = client.read(answer.text, cell.stream && answer.status === 200);
        if (upstream !== demo && !(scenario.name === 'forced tool' && answer.status === 501))
          checkHeard(heard, scenario);
        const own = { [answer.id]: '<request>' };
        const seen = {
          upstream: normalise(writeReadable(arrived(cell)), own),
          log: normalise(describeLog(house.log.find(({ id }) => id === answer.id))),
        };
        const shown = [
          seen.upstream === 'undefined' ? '' : `-- upstream is asked\n${seen.upstream}\n`,
          `-- the client gets\n${describeAnswer({ ...answer, text: normalise(answer.text, own) }, cell.stream && answer.status === 200)}\n`,
          seen.log === last.log ? '' : `-- the log says\n${seen.log}\n`,
        ];
        last = seen;
        return `${cell.stream ? '- streamed' : '- whole'}\n${shown.join('')}`;
      });
    return `## ${scenario.name}\n\n${sections.join('\n')}`;
  };
  return scenarios.map(write).join('\n\n');
}

const faces = await loadFaces();

describe('the matrix', () => {
  it('knows a client for every face that converses, and for each of its routes', () => {
    for (const { protocol, face } of faces) {
      expect(face, `test/contract/faces/${protocol.id}.ts is missing`).toBeDefined();
      const paths = protocol.routes.filter(({ action }) => action === 'converse').map(({ path }) => path);
      const known = [...(face?.clients ?? []).map(({ route }) => route), ...Object.keys(face?.leftOut ?? {})];
      expect(known.toSorted(), `routes of ${protocol.id}`).toEqual(paths.toSorted());
    }
    const files = readdirSync(join(import.meta.dirname, 'faces')).map((file) => file.replace(/\.ts$/, ''));
    expect(files.toSorted()).toEqual(faces.map(({ protocol }) => protocol.id).toSorted());
  });

  const ways = faces.flatMap(({ protocol, face }) =>
    (face?.clients ?? []).map((client, at) => {
      const name = at === 0 ? protocol.id : `${protocol.id}${client.route.replaceAll('/', '-')}`;
      return { name, face: face as Face, client };
    }),
  );
  for (const upstream of [demo, openAiCompatible, kimi, claudeCode, kiro, k2Think, poe]) {
    describe(upstream.name, () => {
      // The demo takes its time, and nobody need wait for it alone.
      const run = upstream === demo ? it.concurrent : it;
      run.for(ways)('answers $name', async ({ name, face, client }, { expect: check }) => {
        const seen = await runPair(client, face, upstream);
        await check(seen).toMatchFileSnapshot(`./matrix/${name}.${upstream.name}.md`);
      });
    });
  }
});
