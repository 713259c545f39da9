// The client keys of the configuration file: each with its name, the models that it may use, its end and its limits.
import { z } from 'zod';
import { KeyRules } from '../../shared/views.ts';
import type { FileClientKey } from '../credentials/client-keys.ts';
import { checkWith, type Faults, isObject, type SecretReader } from './config-checks.ts';

const NAME_FAULT = 'must be a text that is not empty';
const Name = z.string(NAME_FAULT).trim().min(1, NAME_FAULT);

const MODELS_FAULT = 'must be a list of names, with * for any number of characters';
const Models = z.array(Name, MODELS_FAULT).min(1, `${MODELS_FAULT}; leave it out to allow all`).max(200);

const LIMITS = ['requestsPerMinute', 'tokensPerDay', 'concurrent'] as const;

const DATE_FAULT = 'must be a date as 2026-12-31, or with a time as 2026-12-31T18:00 or 2026-12-31T18:00:00Z';

/** Reads one entry; undefined, with its mistakes noted, where the name or the key is not usable. */
export function readClientKey(
  entry: Record<string, unknown>,
  at: string,
  { faults, secrets }: { readonly faults: Faults; readonly secrets: SecretReader },
): FileClientKey | undefined {
  faults.checkKeys(entry, ['name', 'key', 'models', 'expires', 'limits'], at);
  const name = checkWith(Name, entry.name, `${at}.name`, faults);
  const key = secrets(entry.key, `${at}.key`);
  const models = 'models' in entry ? checkWith(Models, entry.models, `${at}.models`, faults) : undefined;
  const expiresAt = 'expires' in entry ? readEnd(entry.expires, `${at}.expires`, faults) : undefined;
  const rules: KeyRules = {
    ...(models === undefined ? {} : { models }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...('limits' in entry ? readLimits(entry.limits, `${at}.limits`, faults) : {}),
  };
  if (name === undefined || key === undefined) return undefined;
  return Object.keys(rules).length === 0 ? { name, key } : { name, key, rules };
}

function readLimits(value: unknown, at: string, faults: Faults): KeyRules {
  if (!isObject(value)) {
    faults.add(at, 'must be an object, as in { "requestsPerMinute": 60 }');
    return {};
  }
  faults.checkKeys(value, LIMITS, at);
  const limits: Record<string, number | undefined> = {};
  for (const name of LIMITS.filter((limit) => limit in value)) {
    const schema = KeyRules.shape[name].unwrap();
    const fault = `must be a whole number from 1 to ${schema.maxValue}`;
    const isFine = schema.safeParse(value[name]).success;
    if (isFine) limits[name] = Number(value[name]);
    else faults.add(`${at}.${name}`, fault);
  }
  return limits;
}

/** A date alone means the end of that day on this machine; a time without a zone is this machine's, too. */
function readEnd(value: unknown, at: string, faults: Faults): number | undefined {
  const read = typeof value === 'string' ? readMoment(value) : undefined;
  if (read === undefined) faults.add(at, DATE_FAULT);
  return read;
}

function readMoment(text: string): number | undefined {
  const [, date = '', time] =
    /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?))?$/.exec(text.trim()) ?? [];
  const [year = 0, month = 0, day = 0] = date.split('-').map(Number);
  // JavaScript takes the 30th of February for the 2nd of March.
  const noon = new Date(year, month - 1, day, 12);
  if (noon.getMonth() !== month - 1 || noon.getDate() !== day) return undefined;
  const at = time === undefined ? new Date(year, month - 1, day + 1).getTime() : Date.parse(`${date}T${time}`);
  return Number.isNaN(at) || at < 0 ? undefined : at;
}
