// Joins everything into one reply: the bot that a name means, the transport of the account, tools in words where a bot takes
// none, and the fallback of the account where Poe does not know the name.
import type { ConversationRequest } from '../../canonical/conversation.ts';
import { readError } from '../../canonical/errors.ts';
import type { EventStream } from '../../canonical/events.ts';
import type { AttemptContext, SingleContext } from '../context.ts';
import { converseWithEmulatedTools } from '../kit/emulated-tools/converse.ts';
import type { ProviderServices } from '../provider.ts';
import { type PoeAccount, readPoeAccount } from './account.ts';
import type { AskBot } from './bot-converse.ts';
import { isToolRefusal, isUnknownBot } from './errors.ts';
import type { PoeBots, ResolvedBot } from './models.ts';
import type { AskRest } from './rest.ts';

/** What replies are made with. */
export interface ConverseServices extends Pick<ProviderServices, 'toolCalls'> {
  readonly bots: PoeBots;
  readonly askBot: AskBot;
  readonly askRest: AskRest;
}

/** Answers requests; fails like `converse` of a provider. */
export type Converse = (request: ConversationRequest, context: AttemptContext) => EventStream;

/** A bot with the account that asks it. */
export interface ChosenBot extends ResolvedBot {
  readonly account: PoeAccount;
}

const MOST_REMEMBERED = 1000;

/** Replies of all accounts; remembers which bots refuse tools. */
export function createConverse({ bots, askBot, askRest, toolCalls }: ConverseServices): Converse {
  const refusing = new Set<string>();
  const nameWay = ({ account, name }: ChosenBot) => `${account.transport} ${account.bot} ${account.rest} ${name}`;

  const ask = (request: ConversationRequest, chosen: ChosenBot, context: AttemptContext): EventStream =>
    chosen.account.transport === 'rest' ? askRest(request, chosen, context) : askBot(request, chosen, context);

  const askInWords = (request: ConversationRequest, chosen: ChosenBot, context: AttemptContext): EventStream =>
    converseWithEmulatedTools({
      request,
      ask: (asked) => ask(asked, chosen, context),
      note: context.note,
      report: (outcome) => toolCalls.record(context.credential.account.id, chosen.bot?.info.id ?? chosen.name, outcome),
    });

  async function* answer(request: ConversationRequest, chosen: ChosenBot, context: AttemptContext): EventStream {
    if (!usesTools(request)) return yield* ask(request, chosen, context);
    const { account, bot, name } = chosen;
    const way = nameWay(chosen);
    const isListedWithout = bot?.takesTools === false;
    if (account.tools === 'emulated' || (account.tools === 'auto' && (isListedWithout || refusing.has(way)))) {
      context.note(`Tools were told to ${name} in words, as ${explain(account, isListedWithout)}.`);
      return yield* askInWords(request, chosen, context);
    }
    let begun = false;
    try {
      for await (const batch of ask(request, chosen, context)) {
        begun = true;
        yield batch;
      }
    } catch (thrown) {
      const error = readError(thrown);
      if (begun || account.tools !== 'auto' || !isToolRefusal(error)) throw error;
      if (refusing.size < MOST_REMEMBERED) refusing.add(way);
      context.note(`${name} refused tools (${error.message}); they were told in words, now and from now on.`);
      yield* askInWords(request, chosen, context);
    }
  }

  return async function* converse(request, context) {
    yield* withFallback(bots, request.model, context, (chosen) => answer(request, chosen, context));
  };
}

/** Asks the bot that `model` means, and where Poe does not know it the fallback of the account. */
async function* withFallback(
  bots: PoeBots,
  model: string,
  context: SingleContext,
  ask: (chosen: ChosenBot) => EventStream,
): EventStream {
  const chosen = await chooseBot(bots, model, context);
  let begun = false;
  try {
    for await (const batch of ask(chosen)) {
      begun = true;
      yield batch;
    }
  } catch (thrown) {
    const next = begun ? undefined : await chooseFallback(bots, chosen, thrown, context);
    if (next === undefined) throw thrown;
    yield* ask(next);
  }
}

/** The bot that `model` means. Throws `GatewayError` for a wrong setting. */
export async function chooseBot(bots: PoeBots, model: string, context: SingleContext): Promise<ChosenBot> {
  const account = readPoeAccount(context.credential);
  const resolved = await bots.resolve(model, context);
  if (resolved.name.toLowerCase() !== model.toLowerCase())
    context.note(`The model "${model}" is ${resolved.name} on Poe.`);
  return { ...resolved, account };
}

/** Who answers instead, after this failure; undefined where nobody does. */
export async function chooseFallback(
  bots: PoeBots,
  { account, name, bot }: ChosenBot,
  thrown: unknown,
  context: SingleContext,
): Promise<ChosenBot | undefined> {
  const { fallback } = account;
  if (fallback === undefined || bot !== undefined || !isUnknownBot(readError(thrown))) return undefined;
  const resolved = await bots.resolve(fallback, context);
  if (resolved.name.toLowerCase() === name.toLowerCase()) return undefined;
  context.note(`Poe has no bot "${name}"; ${resolved.name} answered instead, as this account is set to.`);
  return { ...resolved, account };
}

/** Earlier calls need a place as well, whether or not there are tools now. */
const usesTools = ({ tools = [], messages }: ConversationRequest) =>
  tools.length > 0 || messages.some(({ role }) => role === 'tool');

function explain({ tools }: PoeAccount, isListedWithout: boolean): string {
  if (tools === 'emulated') return 'this account is set to';
  return isListedWithout ? 'Poe lists it without tools' : 'it has refused them before';
}
