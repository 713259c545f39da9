// Everything that OpenAI-shaped upstreams share: one chat call, the model list, the check of a key. A provider folder
// adds its names, bases and quirks. The kit knows no provider.
import type { CheckStep } from '../../../shared/views.ts';
import type { ConversationRequest, JsonObject } from '../../canonical/conversation.ts';
import { GatewayError, readError } from '../../canonical/errors.ts';
import type { EventStream } from '../../canonical/events.ts';
import type { ModelInfo } from '../../canonical/models.ts';
import { readErrorAnswer } from '../../http/errors.ts';
import type { AttemptContext, CallContext } from '../context.ts';
import type { ProviderServices } from '../provider.ts';
import { writeOpenAiChatRequest } from './openai-chat-request.ts';
import { createOpenAiChatStreamReader, readOpenAiChatAnswer } from './openai-chat-stream.ts';
import { createOpenAiPost, type OpenAiOptions, readAnswer } from './openai-upstream.ts';
import { describeTokenPrice, type TokenPricing } from './token-price.ts';

/** The three calls of a `Provider` that the kit answers. */
export interface OpenAiChatCalls {
  listModels(context: CallContext): Promise<readonly ModelInfo[]>;
  converse(request: ConversationRequest, context: AttemptContext): EventStream;
  check(context: CallContext): AsyncIterable<CheckStep>;
}

const LIST_TIMEOUT_MS = 20_000;

/** The calls for one kind of OpenAI-shaped upstream. */
export function createOpenAiChatCalls(services: ProviderServices, options: OpenAiOptions): OpenAiChatCalls {
  const { http } = services;
  const { provider, upstream, readRefusal = (answer, text) => readErrorAnswer(answer, text, provider) } = options;
  const post = createOpenAiPost(services, options);

  const listModels = async (context: CallContext) => {
    const { baseUrl, headers } = upstream(context);
    const response = await http.open({
      method: 'GET',
      url: `${baseUrl}/models`,
      headers: { accept: 'application/json', ...headers },
      signal: context.signal,
      proxy: context.credential.proxy,
      firstByteMs: LIST_TIMEOUT_MS,
      idleMs: LIST_TIMEOUT_MS,
    });
    const text = await response.text();
    if (response.status < 200 || response.status > 299) throw readRefusal(response, text);
    return readModels(text, provider);
  };

  /** What is behind a base URL that lists no models, learned without spending anything. */
  const explainMissingList = async (error: GatewayError, context: CallContext): Promise<CheckStep> => {
    const { baseUrl, headers } = upstream(context);
    const status = async (path: string, body?: string): Promise<number> => {
      const request = { url: baseUrl + path, headers: { 'content-type': 'application/json', ...headers }, body };
      const method = body === undefined ? ('GET' as const) : ('POST' as const);
      const { signal, credential } = context;
      const limits = { firstByteMs: LIST_TIMEOUT_MS, idleMs: LIST_TIMEOUT_MS, signal, proxy: credential.proxy };
      const response = await http.open({ method, ...request, ...limits }).catch(() => undefined);
      await response?.text().catch(() => '');
      return response?.status ?? 404;
    };
    const step = { id: 'models', state: 'failed' } as const;
    if (!baseUrl.endsWith('/v1') && (await status('/v1/models')) < 404) {
      const detail = `${endSentence(error.message)} But ${baseUrl}/v1 does: put /v1 at the end.`;
      return { ...step, label: 'The base URL lacks /v1', detail };
    }
    // An empty request is refused before anything is spent, where there is somebody to refuse it.
    if ((await status('/chat/completions', '{}')) === 404) {
      const detail = `${endSentence(error.message)} Look at the base URL: it usually ends in /v1.`;
      return { ...step, label: 'Nothing that Patchbay can talk to is there', detail };
    }
    const detail = 'It takes chats all the same. Add the names of its models to the account.';
    return { ...step, state: 'warning', label: 'This server lists no models', detail };
  };

  return {
    listModels,
    async *converse(request, context) {
      const { live, note } = context;
      const write = (withoutEffort: boolean) => (streamUsage: boolean) =>
        writeOpenAiChatRequest(request, live, { maxTokensField: 'max_tokens', streamUsage, withoutEffort }, note);
      const rewrite = (status: number, text: string) => {
        // Clients of other dialects ask every model for an effort; one that speaks this dialect hears the refusal itself.
        const asked = request.reasoning?.effort !== undefined && request.metadata?.openai === undefined;
        if (!asked || status !== 400 || !text.includes('reasoning_effort')) return undefined;
        note('This model does not take the reasoning effort that was asked for; asked again without it.');
        return write(true);
      };
      const response = await post({ path: '/chat/completions', live, write: write(false), rewrite }, context);
      yield* readAnswer(response, live, {
        createStreamReader: () => createOpenAiChatStreamReader(provider),
        readWhole: (text) => readOpenAiChatAnswer(text, provider),
      });
    },
    async *check(context) {
      yield { id: 'models', label: 'Ask for the list of models', state: 'running' };
      try {
        const models = await listModels(context);
        const [first] = models;
        const detail = first === undefined ? 'The list is empty.' : `${models.length} found, the first is ${first.id}.`;
        yield { id: 'models', label: 'Key accepted, models listed', state: first ? 'ok' : 'warning', detail };
      } catch (thrown) {
        const error = readError(thrown);
        yield error.kind === 'not-found' ? await explainMissingList(error, context) : readCheckFailure(error);
      }
    },
  };
}

function readCheckFailure(error: GatewayError): CheckStep {
  const step = { id: 'models', label: 'Ask for the list of models', state: 'failed', detail: error.message } as const;
  switch (error.kind) {
    case 'unauthorized':
    case 'forbidden':
      return { ...step, label: 'The key was refused' };
    default:
      return step;
  }
}

const endSentence = (text: string) => (/[.!?]$/.test(text) ? text : `${text}.`);

/** The models of a `/models` answer: `data[]` as OpenAI has it, `models[]` or a bare list as others do. */
function readModels(text: string, provider: string): ModelInfo[] {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (cause) {
    const message = 'The list of models is not JSON. Is the base URL right? It usually ends in /v1.';
    throw new GatewayError('upstream', message, { provider, cause });
  }
  const holder = (body ?? {}) as { data?: unknown; models?: unknown };
  const list = Array.isArray(body) ? body : (holder.data ?? holder.models);
  if (!Array.isArray(list)) {
    throw new GatewayError('upstream', 'The list of models has an unknown form.', { provider });
  }
  return list.flatMap((entry: JsonObject | string) => {
    const model = typeof entry === 'string' ? { id: entry } : (entry ?? {});
    const id = readString(model.id) ?? readString(model.name) ?? readString(model.model);
    return id === undefined ? [] : [readModel(id, model)];
  });
}

function readModel(id: string, model: JsonObject): ModelInfo {
  return {
    id,
    name: readString(model.display_name) ?? (model.name === id ? undefined : readString(model.name)),
    owner: readString(model.owned_by),
    createdAt: readNumber(model.created) || undefined,
    contextTokens:
      readNumber(model.context_length) ?? readNumber(model.max_model_len) ?? readNumber(model.context_window),
    maxOutputTokens: readNumber(model.max_output_tokens) ?? readNumber(model.max_completion_tokens),
    price:
      typeof model.pricing === 'object' && model.pricing
        ? describeTokenPrice(model.pricing as TokenPricing)
        : undefined,
    abilities: {
      images: readBoolean(model.supports_image_in),
      reasoning: readBoolean(model.supports_reasoning),
    },
  };
}

const readString = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);
const readNumber = (value: unknown) => (typeof value === 'number' && Number.isFinite(value) ? value : undefined);
const readBoolean = (value: unknown) => (typeof value === 'boolean' ? value : undefined);
