// Runs the provider over the program in the place of Claude Code, and reads what that program was told.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { ConversationRequest } from '../../main/canonical/conversation.ts';
import type { ConversationEvent } from '../../main/canonical/events.ts';
import type { Account, Credential } from '../../main/credentials/credential.ts';
import { createHttpClient } from '../../main/http/client.ts';
import { createClaudeCodeProvider } from '../../main/providers/claude-code/index.ts';
import type { PoolLimits } from '../../main/providers/claude-code/pool.ts';
import type { AttemptContext } from '../../main/providers/context.ts';
import type { ProgramLimits, Provider, ProviderServices } from '../../main/providers/provider.ts';
import { quietServices } from './quiet-services.ts';
import { createSilentLogger } from './silent-logger.ts';
import { makeTempFolder } from './temp-folder.ts';

/** The program's file. */
export const FAKE_CLAUDE = join(import.meta.dirname, 'fake-claude.mjs');

/** One thing that the program does; `fake-claude.mjs` knows them all. */
export type Step = Readonly<Record<string, unknown>>;

/** A line of the program's diary. */
export interface DiaryEntry {
  readonly told?: { readonly type: string; readonly [key: string]: unknown };
  /** Which of several programs was told. */
  readonly from?: number;
  readonly arguments?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly pid?: number;
  readonly flooded?: boolean;
  readonly ignored?: string;
}

/** A provider over a scripted program. */
export interface FakeHouse {
  readonly provider: Provider;
  readonly credential: Credential;
  readonly notes: string[];
  /** What the program has written down so far. */
  diary(): DiaryEntry[];
  /** Calls the provider; the events are those of the whole reply. */
  converse(
    request?: Partial<ConversationRequest>,
    context?: Partial<AttemptContext>,
  ): AsyncIterable<readonly ConversationEvent[]>;
}

/** Sets a script up; everything ends with the running test. */
export function openFakeHouse(
  steps: readonly Step[],
  options: {
    readonly account?: Partial<Account>;
    readonly secrets?: Readonly<Record<string, string>>;
    readonly limits?: { readonly firstByteMs: number; readonly idleMs: number };
    readonly models?: readonly object[];
    /** What may wait between requests; by default nothing does. */
    readonly pool?: Partial<PoolLimits>;
    /** What of the limits changes while the provider lives. */
    readonly programLimits?: () => Partial<ProgramLimits>;
    /** Agents, and who answers them. */
    readonly services?: Partial<ProviderServices>;
    /** Whether the program takes old turns in; by default where anything may wait. */
    readonly acknowledge?: boolean;
  } = {},
): FakeHouse {
  const folder = makeTempFolder();
  const script = join(folder, 'script.json');
  const record = join(folder, 'diary.jsonl');
  writeFileSync(
    script,
    JSON.stringify({
      steps,
      record,
      models: options.models,
      acknowledge: options.acknowledge ?? options.pool !== undefined,
    }),
  );
  const http = createHttpClient();
  const limits = () => options.limits ?? { firstByteMs: 30_000, idleMs: 30_000 };
  const pool = { most: 8, mostWaiting: 0, mostWarm: 0, idleMs: 1, patienceMs: 5_000, ...options.pool };
  const services: ProviderServices = {
    ...quietServices,
    http,
    logger: createSilentLogger(),
    folder: join(folder, 'own'),
    limits,
    programLimits: () => ({ retries: 0, agentRetries: 0, ...pool, ...options.programLimits?.() }),
    ...options.services,
  };
  const provider = createClaudeCodeProvider(services, pool);
  onTestFinished(async () => {
    await provider.close?.();
    await http.close();
  });
  const { account = {}, secrets = { key: 'sk-secret' } } = options;
  const credential: Credential = {
    account: {
      id: 'cc',
      provider: provider.id,
      name: 'Claude',
      method: 'key',
      values: { cliPath: FAKE_CLAUDE },
      endpoints: {},
      models: [],
      source: 'file',
      ...account,
      env: { FAKE_CLAUDE: script, PATH: `${dirname(process.execPath)}:/usr/bin:/bin`, ...account.env },
    },
    secrets,
  };
  const notes: string[] = [];
  return {
    provider,
    credential,
    notes,
    diary: () => {
      if (!existsSync(record)) return [];
      const lines = readFileSync(record, 'utf8').split('\n');
      return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as DiaryEntry);
    },
    converse: (request, context) =>
      provider.converse(
        { model: 'claude-x', messages: [{ role: 'user', parts: [{ type: 'text', text: 'Hi' }] }], ...request },
        {
          credential,
          signal: new AbortController().signal,
          requestId: 'r',
          live: true,
          note: (text) => notes.push(text),
          ...context,
        },
      ),
  };
}

/** The lines of a stream that says `words` and ends for `stopReason`; with '' it does not end. */
export function sayLines(words: readonly string[], stopReason = 'end_turn'): object[] {
  const event = (inner: object) => ({ type: 'stream_event', event: inner, parent_tool_use_id: null });
  return [
    event({ type: 'message_start', message: { id: 'msg_1', model: 'claude-x', usage: { input_tokens: 1 } } }),
    ...words.map((text) => event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })),
    ...(stopReason === ''
      ? []
      : [event({ type: 'message_delta', delta: { stop_reason: stopReason }, usage: { output_tokens: 1 } })]),
  ];
}
