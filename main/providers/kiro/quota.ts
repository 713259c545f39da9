// What is left of an account's plan, read from Kiro's usage limits in whichever form they come. What is not told is not
// guessed: a list without entries means that nothing is known, not that nothing is left.
import type { Quota, QuotaMeter, QuotaPart } from '../../../shared/quota.ts';
import type { CallContext } from '../context.ts';
import type { AskControl, ControlOperation } from './control-calls.ts';
import { readText, readTime } from './formats.ts';

const OPERATION: ControlOperation = {
  name: 'GetUsageLimits',
  path: '/getUsageLimits',
  legacyPath: '/getUsageLimits',
  ask: {
    ide: { resourceType: 'AGENTIC_REQUEST', isEmailRequired: 'true' },
    cli: { isEmailRequired: 'true' },
  },
};

/** Of several kinds of use, the one that requests for replies spend. */
const PREFERRED = ['CREDIT', 'AGENTIC_REQUEST'];

type Fields = Readonly<Record<string, unknown>>;

/** Asks what is left; spends nothing. Throws `GatewayError`. */
export async function askQuota(ask: AskControl, context: CallContext): Promise<Quota> {
  return readUsageLimits(await ask(OPERATION, context));
}

/** The quota in an answer; without meters where the answer tells of none. */
export function readUsageLimits(body: Fields): Quota {
  const subscription = readFields(body.subscriptionInfo);
  const person = readFields(body.userInfo);
  const entries = listEntries(body);
  const entry =
    PREFERRED.map((type) => entries.find(({ resourceType }) => resourceType === type)).find(Boolean) ?? entries[0];
  const meter = entry === undefined ? undefined : readMeter(entry, body);
  return {
    meters: meter === undefined ? [] : [meter],
    plan: readText(subscription, 'subscriptionTitle', 'type'),
    user: readText(person, 'email', 'userId'),
  };
}

function listEntries({ usageBreakdownList, usageBreakdown }: Fields): Fields[] {
  const list = Array.isArray(usageBreakdownList) && usageBreakdownList.length > 0 ? usageBreakdownList : usageBreakdown;
  return (Array.isArray(list) ? list : [list]).filter(isFields);
}

function readMeter(entry: Fields, body: Fields): QuotaMeter | undefined {
  const limit = readAmount(entry, 'usageLimit');
  const used = readAmount(entry, 'currentUsage');
  if (limit === undefined || used === undefined) return undefined;
  const overage = readFields(body.overageConfiguration);
  // Seen as ENABLED and as OVERAGE_ENABLED.
  const goesOn = readText(overage, 'overageStatus')?.toUpperCase().endsWith('ENABLED') === true;
  const trial = readFields(entry.freeTrialInfo);
  const bonuses = Array.isArray(entry.bonuses) ? entry.bonuses.filter(isFields) : [];
  const extras = [
    readPart('Free trial', trial, trial.freeTrialStatus, trial.freeTrialExpiry),
    ...bonuses.map((one) =>
      readPart(readText(one, 'displayName', 'bonusCode') ?? 'Bonus', one, one.status, one.expiresAt),
    ),
  ].filter((part) => part !== undefined);
  const parts: QuotaPart[] = extras.length === 0 ? [] : [{ label: 'Plan', used, limit }, ...extras];
  return {
    label: readText(entry, 'displayNamePlural', 'displayName') ?? 'Usage',
    used: sum(
      used,
      extras.map((part) => part.used),
    ),
    limit: sum(
      limit,
      extras.map((part) => part.limit),
    ),
    unit: readText(entry, 'displayNamePlural', 'displayName', 'unit')?.toLowerCase(),
    resetsAt: readTime(entry.nextDateReset) ?? readTime(body.nextDateReset),
    ...(parts.length === 0 ? {} : { parts }),
    ...(goesOn ? { goesOn: true } : {}),
  };
}

/** A part counts only while it is active; one that is over is no longer anybody's. */
function readPart(label: string, fields: Fields, status: unknown, endsAt: unknown): QuotaPart | undefined {
  const used = readAmount(fields, 'currentUsage');
  const limit = readAmount(fields, 'usageLimit');
  if (String(status).toUpperCase() !== 'ACTIVE' || used === undefined || limit === undefined) return undefined;
  return { label, used, limit, endsAt: readTime(endsAt) };
}

/** The exact amount where there is one beside the rounded one. */
function readAmount(fields: Fields, name: string): number | undefined {
  return [fields[`${name}WithPrecision`], fields[name]].find(
    (value): value is number => typeof value === 'number' && Number.isFinite(value) && value >= 0,
  );
}

/** Amounts have two decimals at most; adding must not bring more. */
const sum = (first: number, rest: readonly number[]) =>
  Math.round(rest.reduce((total, one) => total + one, first) * 10_000) / 10_000;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const readFields = (value: unknown): Fields => (isFields(value) ? value : {});
