// What becomes of a plan where an agent is asked or would be: an agent works in somebody's folder, so what it has begun is
// never begun again, by nobody, and nothing but its own name leads to it.
import { GatewayError } from '../canonical/errors.ts';
import type { RoutePlan } from './route-plan.ts';
import { readThinkingSuffix } from './thinking-suffix.ts';

/** Whether a client asks for an agent, by the name alone or behind an account's or a provider's. */
const isAgentAsked = (name: string): boolean => /^(?:[^/]*\/)?agent:/.test(name);

/** Whether the upstream's name of a model is an agent's. */
const isAgent = (model: string): boolean => model.startsWith('agent:');

/** Whether it is the very agent that a client asks for. */
function isOwnName(model: string, name: string): boolean {
  const bare = name.slice(name.indexOf('agent:'));
  return bare === model || readThinkingSuffix(bare)?.name === model;
}

/**
 * The plan without what must not be: for an agent only the one account that runs it, for any other model no agent. Throws
 * `GatewayError` (`invalid-request`) where nobody is left.
 */
export function guardAgents(plan: RoutePlan, name: string): RoutePlan {
  if (isAgentAsked(name)) {
    const [{ members, ...stage }] = plan.stages;
    const [first] = members.filter(({ model }) => !isAgent(model) || isOwnName(model, name));
    if (first === undefined) throw refuseOther(name);
    return { ...plan, stages: [{ ...stage, members: [first] }] };
  }
  if (!plan.stages.some(({ members }) => members.some(({ model }) => isAgent(model)))) return plan;
  const [first, ...others] = plan.stages
    .map(({ members, ...stage }) => ({ ...stage, members: members.filter(({ model }) => !isAgent(model)) }))
    .filter(({ members }) => members.length > 0);
  const text = 'An agent was passed over: it works in a folder, so only its own name leads to it.';
  if (first !== undefined)
    return { ...plan, stages: [first, ...others], steps: [...plan.steps, { kind: 'skipped', text }] };
  throw refuseOther(name);
}

function refuseOther(name: string): GatewayError {
  const message = `"${name}" leads to an agent. An agent works in a folder, so it is asked by its own name only.`;
  return new GatewayError('invalid-request', message, { param: 'model', code: 'agent_by_its_name' });
}

/** Whether a second try would be a second time in somebody's folder. */
export const isOnceOnly = ({ stages: [{ members }] }: RoutePlan): boolean =>
  members.some(({ model }) => isAgent(model));
