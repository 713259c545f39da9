// Tries an account for real: one question with a whole answer, then one tool call that is streamed, both through the gateway
// like any client's. Tells each step with what was said on both sides. It judges the account no further than the gateway does.
import { randomUUID } from 'node:crypto';
import type { CheckStep, TryStep } from '../../shared/views.ts';
import { createCollector, type Reply } from '../canonical/collect.ts';
import type { ConversationRequest, Tool } from '../canonical/conversation.ts';
import { GatewayError, readError } from '../canonical/errors.ts';
import type { ModelInfo, ServedModel } from '../canonical/models.ts';
import type { Account } from '../credentials/credential.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { guardSteps } from '../gateway/step-guard.ts';
import type { RequestLog, RequestRecord } from '../request-log/request-log.ts';
import { type AccountServices, findAccount } from './account-views.ts';
import type { Binder } from './binder.ts';
import { boundText, createStory, writeUsage } from './try-story.ts';

/** What a try is made with. */
export interface TryServices {
  readonly gateway: Pick<Gateway, 'converse'>;
  readonly log: Pick<RequestLog, 'open'>;
  readonly models: {
    list(refresh: boolean): Promise<{
      readonly models: readonly ServedModel[];
      readonly failures: readonly { readonly account: string; readonly text: string }[];
    }>;
  };
  /** Removes secrets from what was said. */
  readonly redact: (text: string) => string;
}

/** What is tried. */
export interface Trial {
  readonly account: Account;
  /** The upstream's own name; undefined for the account's first. */
  readonly model: string | undefined;
  /** Aborted when nobody looks any more. */
  readonly signal: AbortSignal;
}

const CHAT: Pick<ConversationRequest, 'messages' | 'maxOutputTokens'> = {
  messages: [{ role: 'user', parts: [{ type: 'text', text: 'Answer with the one word "pong".' }] }],
  // Enough for a model that thinks first, little enough for one that would write a novel.
  maxOutputTokens: 1_024,
};

const TOOL: Tool = {
  name: 'add_numbers',
  description: 'Adds two whole numbers.',
  parameters: {
    type: 'object',
    properties: { first: { type: 'integer' }, second: { type: 'integer' } },
    required: ['first', 'second'],
  },
};

const CALL: Pick<ConversationRequest, 'messages' | 'maxOutputTokens' | 'tools'> = {
  messages: [
    {
      role: 'user',
      parts: [{ type: 'text', text: 'Add 19 and 23. Use the tool add_numbers; do not reckon yourself.' }],
    },
  ],
  tools: [TOOL],
  maxOutputTokens: 1_024,
};

/** One request and its answer may take so long, in milliseconds. */
const PATIENCE_MS = 180_000;
const MOST_CHARACTERS = 400_000;

/** The handler of `accounts.try`. */
export function createTryHandlers(os: Binder, services: TryServices & Pick<AccountServices, 'accounts'>) {
  return {
    try: os.accounts.try.handler(({ input, signal = new AbortController().signal }) => {
      const account = findAccount(services, input.id);
      return guardSteps(() => tryAccount(services, { account, model: input.model, signal }), signal);
    }),
  };
}

/** The steps of a try; ends early where the account has no model or the signal aborts. */
export async function* tryAccount(services: TryServices, trial: Trial): AsyncGenerator<TryStep> {
  yield { id: 'model', label: 'Choose a model', state: 'running' };
  const info = await chooseModel(services, trial);
  if ('failure' in info) {
    yield { id: 'model', label: 'Choose a model', state: 'failed', detail: services.redact(info.failure) };
    return;
  }
  yield { id: 'model', label: `Model ${info.id}`, state: 'ok' };
  const isAnswered = yield* tryChat(services, trial, info.id);
  if (!isAnswered || trial.signal.aborted) return;
  if (info.abilities?.tools === false) {
    const detail = 'This model cannot call tools, so none was asked for.';
    yield { id: 'tool', label: 'A tool call, streamed', state: 'unproved', detail };
    return;
  }
  yield* tryCall(services, trial, info.id);
}

/** Why there is no model to try. */
interface NoModel {
  readonly failure: string;
}

/** Agents work in a project's folder, so they are not asked just to try. */
async function chooseModel(services: TryServices, { account, model }: Trial): Promise<ModelInfo | NoModel> {
  const { models, failures } = await services.models.list(false);
  const own = models.filter((served) => served.account === account.id).map(({ info }) => info);
  const known = own.find(({ id }) => id === model);
  if (model !== undefined) return known ?? { id: model };
  const first = own.find(({ id }) => !id.startsWith('agent:'));
  if (first !== undefined) return first;
  const failure = failures.find((one) => one.account === account.id)?.text;
  return { failure: failure ?? 'The account offers no model now.' };
}

async function* tryChat(services: TryServices, trial: Trial, model: string): AsyncGenerator<TryStep, boolean> {
  const step = { id: 'chat', label: 'A question, answered whole' };
  const sent = writeSent(CHAT, model, false);
  yield { ...step, state: 'running', sent };
  const asked = await ask(services, trial, { ...CHAT, model }, false);
  const received = services.redact(asked.received);
  if (asked.error !== undefined) {
    yield { ...step, state: 'failed', detail: services.redact(asked.error.message), sent, received };
    return false;
  }
  const text = readText(asked.reply);
  const state = text === '' ? 'warning' : 'ok';
  yield { ...step, state, detail: writeDetail(asked, text === '' ? 'An empty answer.' : 'Answered.'), sent, received };
  return true;
}

async function* tryCall(services: TryServices, trial: Trial, model: string): AsyncGenerator<TryStep> {
  const step = { id: 'tool', label: 'A tool call, streamed' };
  const sent = writeSent(CALL, model, true);
  yield { ...step, state: 'running', sent };
  const asked = await ask(services, trial, { ...CALL, model }, true);
  const received = services.redact(asked.received);
  if (asked.error !== undefined) {
    yield { ...step, state: 'failed', detail: services.redact(asked.error.message), sent, received };
    return;
  }
  const { state, said } = judgeCall(asked.reply);
  yield { ...step, state, detail: writeDetail(asked, said), sent, received };
}

function judgeCall(reply: Reply | undefined): { readonly state: CheckStep['state']; readonly said: string } {
  const calls = reply?.parts.filter((part) => part.type === 'tool-call') ?? [];
  const [call] = calls;
  if (call === undefined) return { state: 'warning', said: 'It answered in words and called no tool.' };
  if (call.name !== TOOL.name) return { state: 'failed', said: `It called "${call.name}", which was not offered.` };
  if (calls.length > 1) return { state: 'warning', said: `It made ${calls.length} calls where one was asked for.` };
  const given = readJson(call.arguments);
  if (given?.first === 19 && given.second === 23)
    return { state: 'ok', said: 'Called the tool with the right numbers.' };
  return { state: 'warning', said: 'It called the tool with other arguments than it was asked for.' };
}

interface Asked {
  readonly reply: Reply | undefined;
  readonly error: GatewayError | undefined;
  /** What came back, as lines. */
  readonly received: string;
  readonly notes: readonly string[];
  readonly tookMs: number;
}

async function ask(services: TryServices, trial: Trial, request: ConversationRequest, live: boolean): Promise<Asked> {
  const { account } = trial;
  const startedAt = performance.now();
  const model = `${account.id}/${request.model}`;
  const id = randomUUID();
  const opening = { id, at: Date.now(), client: 'Patchbay quick test', dialect: 'quick-test', stream: live };
  const record = services.log.open({ ...opening, modelAsked: model });
  const notes: string[] = [];
  const noting: RequestRecord = {
    ...record,
    note: (text) => {
      notes.push(text);
      record.note(text);
    },
  };
  const story = createStory(startedAt, live);
  const collector = createCollector(MOST_CHARACTERS);
  const patience = AbortSignal.timeout(PATIENCE_MS);
  const signal = AbortSignal.any([trial.signal, patience]);
  const finish = (error?: GatewayError): Asked => {
    if (error !== undefined) record.update({ errorKind: error.kind, errorText: error.message });
    record.close(trial.signal.aborted ? 'aborted' : error === undefined ? 'ok' : 'failed');
    const { reply } = collector;
    return { reply, error, received: story.tell(), notes, tookMs: performance.now() - startedAt };
  };
  try {
    const context = { requestId: id, signal, record: noting, startedAt, live, isPlain: true };
    for await (const batch of services.gateway.converse({ ...request, model }, context)) {
      for (const event of batch) {
        story.hear(event);
        collector.read(event);
      }
    }
    return finish();
  } catch (thrown) {
    const late = new GatewayError('timeout', `No whole answer came within ${PATIENCE_MS / 60_000} minutes.`);
    return finish(patience.aborted ? late : readError(thrown));
  }
}

function writeSent(request: Omit<ConversationRequest, 'model'>, model: string, stream: boolean): string {
  return boundText(JSON.stringify({ model, stream, ...request }, undefined, 2));
}

function writeDetail({ notes, tookMs, reply }: Asked, said: string): string {
  const seconds = `${(tookMs / 1_000).toFixed(1)} s`;
  const spent = reply?.usage === undefined ? seconds : `${seconds}, ${writeUsage(reply.usage)}`;
  return [`${said} (${spent})`, ...notes].join('\n');
}

const readText = (reply: Reply | undefined) =>
  (reply?.parts ?? [])
    .flatMap((part) => (part.type === 'text' ? [part.text] : []))
    .join('')
    .trim();

function readJson(text: string): { first?: unknown; second?: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
