// One reply: the request by Kimi's rules, the upstream asked, its answer with calls taken out of the text where nobody has,
// searches answered, and the client's own names of its tools put back.
import type { EventStream } from '../../canonical/events.ts';
import { createImageFetch } from '../kit/image-delivery.ts';
import { readToolTokens } from '../kit/tool-token-stream.ts';
import type { Provider, ProviderServices } from '../provider.ts';
import { createAskKimi } from './ask.ts';
import { askAgainIfEmpty } from './empty-reply.ts';
import { readKimiAccount } from './options.ts';
import { prepareRequest } from './request.ts';
import type { ToolNames } from './tools.ts';
import { answerWithSearch } from './web-search.ts';

/** The `converse` of the provider. */
export function createConverse(services: ProviderServices): Provider['converse'] {
  const askKimi = createAskKimi(services);
  const fetchImage = createImageFetch(services);
  /** Engines and models whose thinking begins without its token, learned from their replies. */
  const unopened = new Set<string>();

  return async function* converse(request, context) {
    const { note } = context;
    const account = readKimiAccount(context.credential);
    const prepared = await prepareRequest(request, account, fetchImage, context);
    const ask = askKimi(prepared, account, context);
    const place = `${account.baseUrl} ${request.model}`;
    const unopenedThinking = unopened.has(place) && prepared.thinking.state !== 'off';
    const noteUnopened = () => void unopened.add(place);
    const askOnce = () => {
      const reply = prepared.searches ? answerWithSearch(prepared.request, ask, note) : ask(prepared.request);
      return account.rawTools
        ? readToolTokens(reply, prepared.request, { unopenedThinking, noteUnopened, note })
        : reply;
    };
    const reply = account.region === undefined ? askAgainIfEmpty(askOnce, context) : askOnce();
    yield* readNames(reply, prepared.names);
  };
}

async function* readNames(events: EventStream, names: ToolNames): EventStream {
  for await (const batch of events) {
    const calls = batch.some(({ type }) => type === 'tool-call-start');
    yield calls
      ? batch.map((event) => (event.type === 'tool-call-start' ? { ...event, name: names.read(event.name) } : event))
      : batch;
  }
}
