// Joins everything into one reply: the bot that a name means, the transport of the account, tools in words where a bot takes
// none, and the fallback of the account where Poe does not know the name.
import type { ConversationRequest } from '../../canonical/conversation.ts';
import { readError } from '../../canonical/errors.ts';
import type { EventStream } from '../../canonical/events.ts';
import type { AttemptContext } from '../provider.ts';
import { type PoeAccount, readPoeAccount } from './account.ts';
import type { AskBot } from './bot-converse.ts';
import { isToolRefusal, isUnknownBot } from './errors.ts';
import type { PoeBots, ResolvedBot } from './models.ts';
import type { AskRest } from './rest.ts';

/** What replies are made with. */
export interface ConverseServices {
  readonly bots: PoeBots;
  readonly askBot: AskBot;
  readonly askRest: AskRest;
}

/** Answers requests; fails like `converse` of a provider. */
export type Converse = (request: ConversationRequest, context: AttemptContext) => EventStream;
