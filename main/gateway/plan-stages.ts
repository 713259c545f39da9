// Makes stages of what the rules have led to: leaves out what the client key may not use, what cannot do what the request
// needs, and what would be asked twice; each with the reason.
import type { PathStep } from '../../shared/routing.ts';
import { GatewayError } from '../canonical/errors.ts';
import type { Found } from './model-lookup.ts';
import { differInAbility, findLack } from './needs.ts';
import type { Asking, Candidate, RoutePlan, Stage } from './route-plan.ts';
import { nameKey, tellForbidden, tellLack, tellTwin } from './route-words.ts';
import type { AllowsModel } from './router.ts';

/** One place that the rules lead to, and how. */
export interface Leg {
  /** Undefined where there is nothing: the steps say why. */
  readonly found: Found | undefined;
  readonly steps: readonly PathStep[];
  /** What was asked is another model: that a client key may use that one tells nothing of this. */
  readonly isElsewhere?: boolean;
}

interface Filtered {
  readonly members: readonly Candidate[];
  readonly steps: readonly PathStep[];
}

/** The stages with their steps. Throws `GatewayError` (`forbidden`) where the key may use none of them. */
export function arrangeStages(
  legs: readonly Leg[],
  asking: Asking,
  allows: AllowsModel | undefined,
): Pick<RoutePlan, 'stages' | 'steps' | 'stepsAfter'> {
  const allowed = legs.map((leg) => keepAllowed(leg, asking, allows));
  if (allowed.every(({ members }) => members.length === 0)) throw refuseKey(asking);
  const [only, ...further] = allowed;
  // A name that one account offers, and no rule: nearly every request.
  if (only?.found !== undefined && further.length === 0 && only.members.length === 1)
    return { stages: [{ name: only.found.name, members: only.members }], steps: only.steps };
  const isChoice =
    asking.needs !== undefined && differInAbility(allowed.flatMap(({ members }) => members.map(({ info }) => info)));
  const able = isChoice ? allowed.map((leg) => keepAble(leg, asking)) : allowed;
  const nobodyIsAble = able.every(({ members }) => members.length === 0);
  const first = allowed.findIndex(({ members }) => members.length > 0);
  const seen = new Set<string>();
  const stages: Stage[] = [];
  let before: readonly PathStep[] = [];
  let pending: readonly PathStep[] = [];
  for (const [index, leg] of able.entries()) {
    // Where nobody is known to be able, the upstream of the model that was asked for has the say.
    const kept = nobodyIsAble && index === first ? (allowed[index] ?? leg) : leg;
    pending = [...pending, ...kept.steps];
    if (leg.found === undefined || kept.members.length === 0) continue;
    const members = kept.members.filter((member) => !seen.has(nameCandidate(member)));
    if (members.length === 0) {
      pending = [...pending, tellTwin(leg.found.name)];
      continue;
    }
    for (const member of members) seen.add(nameCandidate(member));
    const { name } = leg.found;
    if (stages.length === 0) {
      before = pending;
      stages.push({ name, members });
    } else stages.push(pending.length === 0 ? { name, members } : { name, members, steps: pending });
    pending = [];
  }
  const [start, ...others] = stages;
  if (start === undefined) throw refuseKey(asking);
  return { stages: [start, ...others], steps: before, ...(pending.length === 0 ? {} : { stepsAfter: pending }) };
}

/**
 * What it goes by for whoever allows or hides models. A name that its account does not list may stand for anything there, so
 * it counts behind the account or the provider only.
 */
export function listNamesOf({ account, model, info }: Candidate): readonly string[] {
  const name = (id: string) => [`${account.id}/${id}`, `${account.provider}/${id}`];
  if (info === undefined) return name(model);
  return [...new Set([model, info.id].flatMap((id) => [id, ...name(id)]))];
}

function keepAllowed(
  { found, steps, isElsewhere = false }: Leg,
  { model, key }: Asking,
  allows: AllowsModel | undefined,
): Leg & Filtered {
  if (found === undefined) return { found, steps, members: [] };
  // Who may use what goes by no name at all may use everything: nearly every key.
  if (allows === undefined || allows(key, [])) return { found, steps, members: found.members };
  const names = isElsewhere ? [] : [model];
  const members = found.members.filter((member) => allows(key, [...names, ...listNamesOf(member)]));
  if (members.length === found.members.length) return { found, steps, members };
  const denied = found.members.filter((member) => !members.includes(member));
  const told =
    members.length === 0
      ? [tellForbidden(key, found.name)]
      : denied.map(({ account, model: own }) => tellForbidden(key, `${account.id}/${own}`, account.id));
  return { found, steps: [...steps, ...told], members };
}

function keepAble({ found, steps, members }: Leg & Filtered, { needs }: Asking): Leg & Filtered {
  if (found === undefined || needs === undefined) return { found, steps, members };
  const judged = members.map((member) => ({ member, lack: findLack(needs, member.info) }));
  const able = judged.filter(({ lack }) => lack === undefined).map(({ member }) => member);
  if (able.length === members.length) return { found, steps, members };
  const lacks = judged.flatMap(({ member, lack }) => (lack === undefined ? [] : [{ member, lack }]));
  const [first] = lacks;
  const isSame = able.length === 0 && lacks.every(({ lack }) => lack === first?.lack);
  const told = isSame
    ? [tellLack(found.name, first?.lack ?? '', undefined)]
    : lacks.map(({ member, lack }) => tellLack(found.name, lack, member));
  return { found, steps: [...steps, ...told], members: able };
}

function nameCandidate({ account, model }: Candidate): string {
  return `${account.id}/${model}`;
}

function refuseKey({ model, key }: Asking): GatewayError {
  return new GatewayError('forbidden', `${nameKey(key)} may not use the model "${model}".`, { param: 'model' });
}
