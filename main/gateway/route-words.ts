// What the steps of a plan say, in plain sentences; they stand in the log and in the tester.
import type { PathStep } from '../../shared/routing.ts';
import type { Candidate } from './route-plan.ts';
import type { AliasHit } from './routing-rules.ts';
import type { ThinkingSuffix } from './thinking-suffix.ts';

const rule = (text: string): PathStep => ({ kind: 'rule', text });
const skipped = (text: string): PathStep => ({ kind: 'skipped', text });

/** An alias led on. */
export function tellAlias({ alias, target, isOfKey }: AliasHit, key: string | undefined): PathStep {
  const owner = isOfKey ? ` of the client key "${key}"` : '';
  return rule(`The alias "${alias}"${owner} leads to "${target}".`);
}

/** How the name that was found differs from the one that was looked up, where it does. */
export function tellFound({ name, spellingOf }: { readonly name: string; readonly spellingOf?: string }): PathStep[] {
  return spellingOf === undefined ? [] : [rule(`"${name}" is another spelling of ${spellingOf}.`)];
}

/** The ending of a name asks for thinking. */
export function tellSuffix({ text, wish }: ThinkingSuffix): PathStep {
  return rule(`The ending "${text}" asks for ${wish}.`);
}

/** A fallback leads on. */
export function tellFallback(name: string, target: string): PathStep {
  return rule(`The fallback for "${name}" leads on to "${target}".`);
}

/** A name is nobody's. */
export function tellNobody(name: string): PathStep {
  return skipped(`No account offers the model "${name}" now.`);
}

/** The model for unknown names stands in. */
export function tellUnknown(name: string, target: string): PathStep {
  return rule(`No account offers the model "${name}"; "${target}" answers for unknown names.`);
}

/** Accounts that answer for unknown names stand in. */
export function tellOwnFallback(name: string, members: readonly Candidate[]): PathStep {
  const names = members.map(({ account }) => account.name).join(', ');
  const who = members.length === 1 ? `the account ${names} answers` : `these accounts answer`;
  return rule(
    `No account offers the model "${name}"; ${who} for unknown names${members.length === 1 ? '' : `: ${names}`}.`,
  );
}

/** The key may not use it. */
export function tellForbidden(key: string | undefined, name: string, account?: string): PathStep {
  return {
    ...skipped(`${nameKey(key)} may not use the model "${name}".`),
    ...(account === undefined ? {} : { account }),
  };
}

/** It lacks what the request needs. */
export function tellLack(name: string, lack: string, candidate: Candidate | undefined): PathStep {
  if (candidate === undefined) return skipped(`The model "${name}" ${lack}.`);
  const { account, model } = candidate;
  return { ...skipped(`The model "${model}" of ${account.name} ${lack}.`), account: account.id, model };
}

/** Everybody who serves it is asked before anyway. */
export function tellTwin(name: string): PathStep {
  return skipped(`"${name}" leads to who is asked before it already.`);
}

/** The key at the beginning of a sentence. */
export function nameKey(key: string | undefined): string {
  return key === undefined ? 'A request without a client key' : `The client key "${key}"`;
}
