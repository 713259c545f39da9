// How one request lies in the table: its columns, and the way there and back.
import type { RequestView } from '../../shared/requests.ts';

/** A row as SQLite gives it. */
export type Row = Record<string, string | number | null>;

/** The columns, in the order in which rows are written. */
export const COLUMNS = [
  'id',
  'at',
  'client',
  'key',
  'dialect',
  'stream',
  'model_asked',
  'model_used',
  'account',
  'provider',
  'state',
  'status',
  'attempts',
  'first_token_ms',
  'duration_ms',
  'input_tokens',
  'cached_input_tokens',
  'output_tokens',
  'reasoning_tokens',
  'estimated',
  'finish_reason',
  'error_kind',
  'error_text',
  'notes',
  'path',
] as const;

/** The values of a row, in the order of `COLUMNS`. */
export function writeRow(view: RequestView): (string | number | null)[] {
  return listValues(view).map(makeStorable);
}

/** One value that SQLite cannot take would hold back its whole batch, again and again. */
function makeStorable(value: string | number | null): string | number | null {
  return value === null || typeof value === 'string' || typeof value === 'number' ? value : JSON.stringify(value);
}

function listValues(view: RequestView): (string | number | null)[] {
  const { usage } = view;
  return [
    view.id,
    view.at,
    view.client,
    view.key ?? null,
    view.dialect,
    view.stream ? 1 : 0,
    view.modelAsked,
    view.modelUsed ?? null,
    view.account ?? null,
    view.provider ?? null,
    view.state,
    view.status ?? null,
    view.attempts,
    view.firstTokenMs ?? null,
    view.durationMs ?? null,
    usage?.inputTokens ?? null,
    usage?.cachedInputTokens ?? null,
    usage?.outputTokens ?? null,
    usage?.reasoningTokens ?? null,
    usage === undefined ? null : usage.estimated ? 1 : 0,
    view.finishReason ?? null,
    view.errorKind ?? null,
    view.errorText ?? null,
    writeList(view.notes),
    writeList(view.path),
  ];
}

const writeList = (list: readonly unknown[]) => (list.length === 0 ? null : JSON.stringify(list));

const readList = (value: Row[string] | undefined): unknown[] => (typeof value === 'string' ? JSON.parse(value) : []);

/** A row as the GUI sees it. */
export function readRow(row: Row): RequestView {
  const view = {
    id: row.id,
    at: row.at,
    client: row.client,
    key: row.key,
    dialect: row.dialect,
    stream: row.stream === 1,
    modelAsked: row.model_asked,
    modelUsed: row.model_used,
    account: row.account,
    provider: row.provider,
    state: row.state,
    status: row.status,
    attempts: row.attempts,
    firstTokenMs: row.first_token_ms,
    durationMs: row.duration_ms,
    usage: row.estimated === null ? null : readUsage(row),
    finishReason: row.finish_reason,
    errorKind: row.error_kind,
    errorText: row.error_text,
    notes: readList(row.notes),
    path: readList(row.path),
  };
  return dropNull(view) as unknown as RequestView;
}

function readUsage(row: Row): object {
  return dropNull({
    inputTokens: row.input_tokens,
    cachedInputTokens: row.cached_input_tokens,
    outputTokens: row.output_tokens,
    reasoningTokens: row.reasoning_tokens,
    estimated: row.estimated === 1 ? true : null,
  });
}

/** SQLite says null where the house says nothing. */
function dropNull(values: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));
}
