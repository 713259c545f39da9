// An agent in a folder of its own over the real program, whose upstream is a stub; the person is a script.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Message } from '../../main/canonical/conversation.ts';
import { type GatewayError, readError } from '../../main/canonical/errors.ts';
import type { ConversationEvent, FinishReason, Usage } from '../../main/canonical/events.ts';
import type { Account } from '../../main/credentials/credential.ts';
import { createHttpClient } from '../../main/http/client.ts';
import { createClaudeCodeProvider } from '../../main/providers/claude-code/index.ts';
import type { AttemptContext, AttemptSession } from '../../main/providers/context.ts';
import type { Agent, AskPerson, ProgramLimits } from '../../main/providers/provider.ts';
import { type AgentRules, DEFAULT_AGENT_RULES } from '../../shared/projects.ts';
import { type MessagesStub, type RecordedRequest, startMessagesStub } from './messages-stub.ts';
import { quietServices } from './quiet-services.ts';
import { createSilentLogger } from './silent-logger.ts';
import { makeTempFolder } from './temp-folder.ts';

/** What an agent has answered. */
export interface AgentReply {
  readonly text: string;
  readonly reasoning: string;
  readonly finishReason: FinishReason | undefined;
  readonly usage: Usage | undefined;
  readonly error: GatewayError | undefined;
}

/** A session as the session book would hand it over. */
export interface SceneSession extends AttemptSession {
  state: string | undefined;
  spentUsd: number;
}

/** One agent and its surroundings. */
export interface AgentScene {
  readonly stub: MessagesStub;
  /** The project's folder. */
  readonly folder: string;
  /** Where the provider keeps its files. */
  readonly own: string;
  readonly notes: string[];
  /** What was put to the person. */
  readonly questions: Parameters<AskPerson>[0][];
  ask(messages: string | readonly Message[], context?: Partial<AttemptContext>): Promise<AgentReply>;
  /** The events as they come, for who stops early. */
  converse(
    messages: string | readonly Message[],
    context?: Partial<AttemptContext>,
  ): AsyncIterable<readonly ConversationEvent[]>;
  /** Puts a file into the folder. */
  write(name: string, text: string): void;
  read(name: string): string | undefined;
  /** What the upstream was asked, without the program's look whether it is there. */
  calls(): RecordedRequest[];
  /** The outcomes of tools that the upstream was told last. */
  results(): string[];
  close(): Promise<void>;
}

/** What a scene may be made with. */
export interface AgentSceneOptions {
  readonly file: string;
  readonly rules?: Partial<AgentRules>;
  readonly person?: AskPerson;
  readonly account?: Partial<Account>;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly limits?: { readonly firstByteMs: number; readonly idleMs: number };
  readonly programLimits?: Partial<ProgramLimits>;
  /** A scene whose files and upstream this one shares, as after a new start. */
  readonly after?: AgentScene;
}

/** A session that nothing was said in. */
export function createSceneSession(): SceneSession {
  const session: SceneSession = {
    id: crypto.randomUUID(),
    state: undefined,
    spentUsd: 0,
    keep: (state) => {
      session.state = state;
    },
    spend: (usd) => {
      session.spentUsd += usd;
    },
  };
  return session;
}

/** What a person says. */
export const user = (text: string): Message => ({ role: 'user', parts: [{ type: 'text', text }] });
/** What the agent has said. */
export const assistant = (text: string): Message => ({ role: 'assistant', parts: [{ type: 'text', text }] });

/** Opens a scene; it ends with the running test. */
export async function openAgentScene(options: AgentSceneOptions): Promise<AgentScene> {
  const base = makeTempFolder();
  const { after } = options;
  const stub = after?.stub ?? (await startMessagesStub());
  const folder = after?.folder ?? join(base, 'my project');
  const own = after?.own ?? join(base, 'own');
  mkdirSync(folder, { recursive: true });
  const rules: AgentRules = { ...DEFAULT_AGENT_RULES, enabled: true, ...options.rules };
  const agent: Agent = { id: 'site', name: 'The site', path: folder, rules };
  const notes: string[] = [];
  const questions: Parameters<AskPerson>[0][] = [];
  const http = createHttpClient();
  const provider = createClaudeCodeProvider({
    ...quietServices,
    http,
    logger: createSilentLogger(),
    folder: own,
    limits: () => options.limits ?? { firstByteMs: 20_000, idleMs: 20_000 },
    programLimits: () => ({ ...quietServices.programLimits(), ...options.programLimits }),
    agents: { list: () => [agent], find: (id) => (id === agent.id ? agent : undefined) },
    ask: (question, signal) => {
      questions.push(question);
      return options.person?.(question, signal) ?? Promise.resolve(undefined);
    },
  });
  const account: Account = {
    id: 'cc',
    provider: provider.id,
    name: 'Claude',
    method: 'key',
    values: { cliPath: options.file },
    endpoints: {},
    models: [],
    source: 'file',
    ...options.account,
    env: { ANTHROPIC_BASE_URL: stub.url, HOME: join(base, 'home'), ...options.account?.env },
  };
  mkdirSync(account.env.HOME ?? homedir(), { recursive: true });
  const secrets = options.secrets ?? { key: 'sk-agent-secret' };
  const converse: AgentScene['converse'] = (messages, context) =>
    provider.converse(
      { model: 'agent:site', messages: typeof messages === 'string' ? [user(messages)] : messages },
      {
        credential: { account, secrets },
        signal: new AbortController().signal,
        requestId: 'r',
        live: true,
        note: (text) => notes.push(text),
        session: createSceneSession(),
        ...context,
      },
    );
  let isOpen = true;
  const close = async () => {
    if (!isOpen) return;
    isOpen = false;
    await provider.close?.();
    await http.close();
  };
  onTestFinished(async () => {
    await close();
    if (after === undefined) await stub.close();
  });
  const calls = () => stub.requests.filter(({ method }) => method === 'POST');
  return {
    stub,
    folder,
    own,
    notes,
    questions,
    converse,
    ask: (messages, context) => readReply(converse(messages, context)),
    write: (name, text) => writeFileSync(join(folder, name), text),
    read: (name) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : undefined),
    calls,
    results: () => {
      const last = calls()
        .at(-1)
        ?.body.messages?.filter(({ role }) => role === 'user')
        .at(-1);
      const blocks = Array.isArray(last?.content) ? (last.content as { type: string; content?: unknown }[]) : [];
      return blocks.filter(({ type }) => type === 'tool_result').map(({ content }) => readContent(content));
    },
    close,
  };
}

const readContent = (content: unknown) => (typeof content === 'string' ? content : JSON.stringify(content));

async function readReply(stream: AsyncIterable<readonly ConversationEvent[]>): Promise<AgentReply> {
  const events: ConversationEvent[] = [];
  let thrown: unknown;
  try {
    for await (const batch of stream) events.push(...batch);
  } catch (error) {
    thrown = error;
  }
  const join = (type: ConversationEvent['type']) =>
    events.map((event) => (event.type === type && 'text' in event ? event.text : '')).join('');
  const pick = <Type extends ConversationEvent['type']>(type: Type) =>
    events.findLast((event): event is Extract<ConversationEvent, { type: Type }> => event.type === type);
  return {
    text: join('text-delta'),
    reasoning: join('reasoning-delta'),
    finishReason: pick('reply-end')?.finishReason,
    usage: pick('usage')?.usage,
    error: pick('error')?.error ?? (thrown === undefined ? undefined : readError(thrown)),
  };
}
