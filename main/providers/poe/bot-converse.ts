// A conversation over the bot protocol: uploads what it shows, asks, and remembers which bots take back what they have said.
import type { ConversationRequest } from '../../canonical/conversation.ts';
import { estimateInputTokens } from '../../canonical/estimate.ts';
import type { EventStream } from '../../canonical/events.ts';
import type { Logger } from '../../util/logger.ts';
import type { AttemptContext, SingleContext } from '../context.ts';
import type { PoeAccount } from './account.ts';
import type { BotCall, CallBot } from './bot-call.ts';
import { listUploads, type QueryOptions, writeBotQuery } from './bot-request.ts';
import { createBotStreamReader } from './bot-stream.ts';
import type { BotFile } from './file-marks.ts';
import type { ResolvedBot } from './models.ts';
import type { Attachment, UploadPart } from './uploads.ts';

/** What conversations are made with. */
export interface BotConverseServices {
  readonly call: CallBot;
  readonly upload: UploadPart;
  readonly logger: Logger;
}

/** A request to one bot. */
export interface AskedBot extends ResolvedBot {
  readonly account: PoeAccount;
  readonly onFile?: (file: BotFile) => void;
}

/** Asks a bot by its own protocol; fails like `converse` of a provider. */
export type AskBot = (
  request: ConversationRequest,
  asked: AskedBot,
  context: Pick<AttemptContext, 'signal' | 'note' | 'live'>,
) => EventStream;

const MOST_REMEMBERED = 1000;

/** Asks by the bot protocol. */
export function createAskBot({ call, upload, logger }: BotConverseServices): AskBot {
  /** Bots whose text was sent and then replaced. */
  const unsteady = new Set<string>();
  const unknown = new Set<string>();
  const onUnknown = (event: string) => {
    if (unknown.has(event) || unknown.size > MOST_REMEMBERED) return;
    unknown.add(event);
    logger.warn(`Poe sent an event that is not known here: ${event}. It was left out.`);
  };

  return async function* askBot(request, { account, name, bot, onFile }, context) {
    const { live, note, signal } = context;
    const attachments = await uploadAll(request, account, { signal }, upload);
    const options: QueryOptions = {
      bot,
      skipsPrompt: account.skipsPrompt,
      attach: (part) => attachments.get(part),
      note,
    };
    const body = writeBotQuery(request, options);
    const isUnsteady = unsteady.has(name.toLowerCase());
    if (live && isUnsteady) note('This bot takes back what it has said, so its answer was held until it was complete.');
    const made: BotCall = {
      account,
      bot: name,
      body,
      createReader: () =>
        createBotStreamReader({
          bot: name,
          holds: !live || isUnsteady,
          thinking: account.thinking,
          estimateInputTokens: () => estimateInputTokens(request),
          onTakenBack: () => {
            if (unsteady.size < MOST_REMEMBERED) unsteady.add(name.toLowerCase());
            note('The bot replaced words that were already sent. Its answers are held until complete from now on.');
          },
          onUnknown,
          note,
          ...(onFile === undefined ? {} : { onFile }),
        }),
    };
    yield* call(made, { signal, note });
  };
}

async function uploadAll(
  request: ConversationRequest,
  account: PoeAccount,
  { signal }: Pick<SingleContext, 'signal'>,
  upload: UploadPart,
): Promise<ReadonlyMap<object, Attachment>> {
  const attachments = new Map<object, Attachment>();
  await Promise.all(
    listUploads(request).map(async (part) => {
      const attachment = await upload(part, account, signal);
      if (attachment !== undefined) attachments.set(part, attachment);
    }),
  );
  return attachments;
}
