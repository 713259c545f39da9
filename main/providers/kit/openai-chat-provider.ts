// Everything that OpenAI-shaped upstreams share: one chat call, the model list, the check of a key. A provider folder
// adds its names, bases and quirks. The kit knows no provider.
import type { CheckStep } from '../../../shared/views.ts';
import type { ConversationRequest, JsonObject } from '../../canonical/conversation.ts';
import { GatewayError, readError } from '../../canonical/errors.ts';
import type { EventStream } from '../../canonical/events.ts';
import type { ModelInfo } from '../../canonical/models.ts';
import type { UpstreamRequest, UpstreamResponse } from '../../http/client.ts';
import { readErrorAnswer } from '../../http/errors.ts';
import type { AttemptContext, CallContext, ProviderServices } from '../provider.ts';
import { writeOpenAiChatRequest } from './openai-chat-request.ts';
import { createOpenAiChatStreamReader, readOpenAiChatAnswer } from './openai-chat-stream.ts';

/** What one OpenAI-shaped upstream is reached with. */
export interface Upstream {
  /** Base URL with its version part and without a slash at the end: `https://api.example.com/v1`. */
  readonly baseUrl: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What the kit needs of a provider. */
export interface OpenAiChatOptions {
  /** The provider's id, for errors. */
  readonly provider: string;
  /** Where and how to reach the account's upstream. Throws `GatewayError` where the account is incomplete. */
  readonly upstream: (context: CallContext) => Upstream;
}

/** The three calls of a `Provider` that the kit answers. */
export interface OpenAiChatCalls {
  listModels(context: CallContext): Promise<readonly ModelInfo[]>;
  converse(request: ConversationRequest, context: AttemptContext): EventStream;
  check(context: CallContext): AsyncIterable<CheckStep>;
}

const LIST_TIMEOUT_MS = 20_000;

/** The calls for one kind of OpenAI-shaped upstream. */
export function createOpenAiChatCalls(services: ProviderServices, options: OpenAiChatOptions): OpenAiChatCalls {
  const { http, limits } = services;
  const { provider, upstream } = options;
  /** Bases that refused `stream_options`; asked without it from then on. */
  const withoutStreamUsage = new Set<string>();

  const listModels = async (context: CallContext) => {
    const { baseUrl, headers } = upstream(context);
    const response = await http.open({
      method: 'GET',
      url: `${baseUrl}/models`,
      headers: { accept: 'application/json', ...headers },
      signal: context.signal,
      firstByteMs: LIST_TIMEOUT_MS,
      idleMs: LIST_TIMEOUT_MS,
    });
    const text = await response.text();
    if (response.status < 200 || response.status > 299) throw readErrorAnswer(response, text, provider);
    return readModels(text, provider);
  };

  /** What is behind a base URL that lists no models, learned without spending anything. */
  const explainMissingList = async (error: GatewayError, context: CallContext): Promise<CheckStep> => {
    const { baseUrl, headers } = upstream(context);
    const status = async (path: string, body?: string): Promise<number> => {
      const request = { url: baseUrl + path, headers: { 'content-type': 'application/json', ...headers }, body };
      const method = body === undefined ? ('GET' as const) : ('POST' as const);
      const limits = { firstByteMs: LIST_TIMEOUT_MS, idleMs: LIST_TIMEOUT_MS, signal: context.signal };
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

  const post = (request: ConversationRequest, context: AttemptContext): Promise<UpstreamResponse> => {
    const { baseUrl, headers } = upstream(context);
    const send = async (streamUsage: boolean, withoutEffort: boolean): Promise<UpstreamResponse> => {
      const { firstByteMs, idleMs } = limits();
      const response = await http.open({
        method: 'POST',
        url: `${baseUrl}/chat/completions`,
        headers: {
          'content-type': 'application/json',
          accept: context.live ? 'text/event-stream' : 'application/json',
          ...headers,
        },
        body: writeOpenAiChatRequest(
          request,
          context.live,
          { maxTokensField: 'max_tokens', streamUsage, withoutEffort },
          context.note,
        ),
        signal: context.signal,
        firstByteMs,
        idleMs,
      } satisfies UpstreamRequest);
      if (response.status >= 200 && response.status <= 299) return response;
      const text = await response.text();
      const refusesOption = streamUsage && context.live && response.status < 500 && text.includes('stream_options');
      if (refusesOption) {
        withoutStreamUsage.add(baseUrl);
        context.note('This upstream does not tell the usage of a stream; asked again without it.');
        return send(false, withoutEffort);
      }
      // Clients of other dialects ask every model for an effort; one that speaks this dialect hears the refusal itself.
      const asked = request.reasoning?.effort !== undefined && request.metadata?.openai === undefined;
      const refusesEffort = asked && !withoutEffort && response.status === 400 && text.includes('reasoning_effort');
      if (!refusesEffort) throw readErrorAnswer(response, text, provider);
      context.note('This model does not take the reasoning effort that was asked for; asked again without it.');
      return send(streamUsage, true);
    };
    return send(!withoutStreamUsage.has(baseUrl), false);
  };

  return {
    listModels,
    async *converse(request, context) {
      const response = await post(request, context);
      // Some servers answer in one piece although a stream was asked for.
      if (!isEventStream(response, context.live)) {
        yield readOpenAiChatAnswer(await response.text(), provider);
        return;
      }
      const reader = createOpenAiChatStreamReader(provider);
      try {
        for await (const chunk of response.chunks) {
          const batch = reader.push(chunk);
          if (batch.length > 0) yield batch;
          if (reader.ended) return;
        }
      } catch (error) {
        yield [{ type: 'error', error: readError(error) }];
        return;
      }
      const rest = reader.end();
      if (rest.length > 0) yield rest;
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

function isEventStream(response: UpstreamResponse, asked: boolean): boolean {
  const type = String(response.headers['content-type'] ?? '');
  if (type.startsWith('text/event-stream')) return true;
  return asked && !type.startsWith('application/json') && !type.startsWith('text/html');
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
    abilities: {
      images: readBoolean(model.supports_image_in),
      reasoning: readBoolean(model.supports_reasoning),
    },
  };
}

const readString = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);
const readNumber = (value: unknown) => (typeof value === 'number' && Number.isFinite(value) ? value : undefined);
const readBoolean = (value: unknown) => (typeof value === 'boolean' ? value : undefined);
