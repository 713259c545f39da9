// The rules as text: what is exported, what an import says, what is wrong with it, and what would change. The text is what
// the configuration file takes.
import type { z } from 'zod';
import { DEFAULT_ROUTING, Routing } from '../../shared/routing.ts';
import type { useTexts } from './i18n.ts';
import { listRules, writeRule } from './rules.ts';

type Texts = ReturnType<typeof useTexts>;

/** The rules as the configuration file takes them; what is as by default is left out. */
export function writeRulesFile(routing: Routing): string {
  const said = Object.entries(routing).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(DEFAULT_ROUTING[name as keyof Routing]),
  );
  return `${JSON.stringify({ routing: Object.fromEntries(said) }, undefined, 2)}\n`;
}

/** A mistake in a text, with its place: `routing.fallbacks.kimi-k3`. */
export interface FileFault {
  readonly path: string;
  readonly text: string;
}

/** What a text says, or what is wrong with it. */
export type FileReading = { readonly routing: Routing } | { readonly faults: readonly FileFault[] };

/** Reads a text with rules; parts of a configuration file beside `routing` are passed over. */
export function readRulesFile(text: string, t: Texts): FileReading {
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch {
    return { faults: [{ path: '', text: t('rules.file.notJson') }] };
  }
  const part = typeof said === 'object' && said !== null && 'routing' in said ? said.routing : undefined;
  if (part === undefined) return { faults: [{ path: '', text: t('rules.file.noRouting') }] };
  const read = Routing.safeParse(part);
  if (read.success) return { routing: read.data };
  return { faults: read.error.issues.flatMap((issue) => explain(issue, part, t)) };
}

function explain(issue: z.core.$ZodIssue, part: unknown, t: Texts): FileFault[] {
  const path = ['routing', ...issue.path].join('.');
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({ path: `${path}.${key}`, text: t('rules.file.unknown') }));
    case 'invalid_value':
      return [{ path, text: t('rules.file.oneOf', { values: issue.values.map(String).join(', ') }) }];
    case 'too_small':
    case 'too_big':
      return [{ path, text: tellLimit(issue, t) }];
    case 'invalid_type':
      return [
        { path, text: t(valueAt(part, issue.path) === undefined ? 'rules.file.missing' : wantedKey(issue.expected)) },
      ];
    default:
      return [{ path, text: t('rules.file.wrong') }];
  }
}

function valueAt(part: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, name) => (value as Record<PropertyKey, unknown> | undefined)?.[name], part);
}

const WANTED = {
  string: 'rules.file.text',
  number: 'rules.file.number',
  int: 'rules.file.number',
  boolean: 'rules.file.boolean',
  array: 'rules.file.list',
} as const;

function wantedKey(expected: string) {
  return expected in WANTED ? WANTED[expected as keyof typeof WANTED] : 'rules.file.object';
}

function tellLimit(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig, t: Texts): string {
  const isText = issue.origin === 'string';
  if (issue.code === 'too_small')
    return isText || issue.origin === 'array'
      ? t('rules.file.empty')
      : t('rules.file.least', { limit: Number(issue.minimum) });
  return t(isText ? 'rules.file.tooLong' : 'rules.file.most', { limit: Number(issue.maximum) });
}

/** What an import would change, line by line. */
export interface RulesDifference {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** The lines that come and go; an account's or provider's share of the work counts as a line. */
export function compareRules(before: Routing, after: Routing, t: Texts): RulesDifference {
  const [was, will] = [listLines(before, t), listLines(after, t)];
  return {
    added: will.filter((line) => !was.includes(line)),
    removed: was.filter((line) => !will.includes(line)),
  };
}

function listLines(routing: Routing, t: Texts): string[] {
  return [
    ...listRules(routing).map((rule) => writeRule(rule, t)),
    ...Object.entries(routing.pools).map(([provider, { strategy, sticky }]) =>
      t(sticky ? 'rules.line.pool' : 'rules.line.poolLoose', { provider, strategy: t(`pools.${strategy}`) }),
    ),
    ...Object.entries(routing.accounts).map(([account, { priority, concurrency }]) =>
      t(concurrency > 0 ? 'rules.line.accountLimited' : 'rules.line.account', {
        account,
        priority,
        count: concurrency,
      }),
    ),
  ];
}
