// A provider that does what a test tells it, for rooms that do not care how an upstream is reached.
import type { ConversationRequest } from '../../main/canonical/conversation.ts';
import type { EventBatch } from '../../main/canonical/events.ts';
import type { ModelInfo } from '../../main/canonical/models.ts';
import type { AttemptContext, CallContext } from '../../main/providers/context.ts';
import type { Provider } from '../../main/providers/provider.ts';

/** What a scripted provider does; the rest is harmless. */
export interface ProviderScript {
  readonly id?: string;
  listModels?(context: CallContext): Promise<readonly ModelInfo[]>;
  converse?(model: string, context: AttemptContext, request: ConversationRequest): AsyncIterable<EventBatch>;
  readonly agent?: Provider['agent'];
}

/** A provider with this script; it wants an account, which needs nothing. */
export function createScriptedProvider({ id = 'scripted', listModels, converse, agent }: ProviderScript): Provider {
  return {
    id,
    name: id,
    card: { standing: '', spends: '' },
    signIn: [{ id: 'none', label: '', fields: [] }],
    listModels: listModels ?? (() => Promise.resolve([])),
    converse: (request, context) => (converse ?? sayModel)(request.model, context, request),
    ...(agent === undefined ? {} : { agent }),
    async *check() {},
  };
}

/** Answers with the upstream's name of the model and the account that was used. */
async function* sayModel(model: string, { credential }: AttemptContext): AsyncGenerator<EventBatch> {
  yield [
    { type: 'reply-start' },
    { type: 'text-start', block: 0 },
    { type: 'text-delta', block: 0, text: `${credential.account.id}:${model}` },
    { type: 'text-end', block: 0 },
    { type: 'reply-end', finishReason: { kind: 'stop' } },
  ];
}
