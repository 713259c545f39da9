// Tells the person before a plan runs out: a notice as long as it holds, and one message of the system in each period. Works
// by what the quotas know; reads nothing itself.
import type { QuotaMeter, QuotaView } from '../../shared/quota.ts';
import type { AccountBook } from '../credentials/account-book.ts';
import type { Account } from '../credentials/credential.ts';
import type { Clock } from '../util/clock.ts';
import { nameBalance, nameMeter } from './quota-record.ts';
import type { Quotas } from './quotas.ts';

/** What the warnings are made of. */
export interface QuotaWarningOptions {
  readonly accounts: Pick<AccountBook, 'list' | 'onChange'>;
  readonly quotas: Pick<Quotas, 'find' | 'tellOnce' | 'onChange'>;
  readonly clock: Clock;
  /** At which share of a plan the person is told, in percent; 0 never tells. Read at each look. */
  readonly percent: () => number;
  /** Shows a notice, or takes the one with this id away where there is no text. */
  readonly setNotice: (id: string, title: string, text: string | undefined) => void;
  /** Puts a message on the person's screen. */
  readonly notify: (title: string, text: string) => void;
}

/** Watches the quotas until it is closed. */
export interface QuotaWarnings {
  /** Looks anew: the setting has changed. */
  check(): void;
  close(): void;
}

interface Warning {
  /** Of the period. */
  readonly name: string;
  readonly title: string;
  readonly text: string;
}

/** An end so near is told, in milliseconds. */
const SOON_MS = 3_600_000;
/** A forecast changes as time goes by, and a meter begins anew by itself. */
const LOOK_MS = 60_000;
const AMOUNT = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });

/** The warnings of all accounts. */
export function createQuotaWarnings(options: QuotaWarningOptions): QuotaWarnings {
  const { accounts, quotas, clock, percent, setNotice, notify } = options;
  const shown = new Map<string, string>();
  let cancel: (() => void) | undefined;
  let isClosed = false;

  const check = () => {
    if (isClosed) return;
    const found = new Map<string, Warning>();
    for (const account of accounts.list()) {
      const quota = quotas.find(account);
      const warnings = quota === undefined ? [] : listWarnings(account, quota, percent(), clock.now());
      for (const warning of warnings) {
        found.set(`quota:${account.id}:${warning.name}`, warning);
        if (quotas.tellOnce(account, warning.name)) notify(warning.title, warning.text);
      }
    }
    for (const id of [...shown.keys()].filter((known) => !found.has(known))) {
      shown.delete(id);
      setNotice(id, '', undefined);
    }
    for (const [id, { title, text }] of found) {
      const words = `${title}\n${text}`;
      if (shown.get(id) === words) continue;
      shown.set(id, words);
      setNotice(id, title, text);
    }
    cancel?.();
    cancel = found.size === 0 ? undefined : clock.schedule(check, LOOK_MS);
  };
  const stops = [quotas.onChange(check), accounts.onChange(check)];
  check();
  return {
    check,
    close: () => {
      isClosed = true;
      cancel?.();
      for (const stop of stops) stop();
    },
  };
}

/** What is to be told of an account now. */
function listWarnings(
  { name: account }: Account,
  { meters, balances = [] }: Pick<QuotaView, 'meters' | 'balances'>,
  percent: number,
  now: number,
): readonly Warning[] {
  if (percent === 0) return [];
  const ofMeters = meters.flatMap((meter) => {
    const name = nameMeter(meter);
    const words = name === undefined ? undefined : describeMeter(meter, percent, now);
    if (name === undefined || words === undefined) return [];
    return [{ name, title: `${account} ${words.title}`, text: `${meter.label}: ${words.text}` }];
  });
  const [whole] = balances;
  const emptyAt = whole?.forecast?.emptyAt;
  if (whole === undefined || emptyAt === undefined || emptyAt - now > SOON_MS) return ofMeters;
  const left = `${AMOUNT.format(whole.left)}${whole.unit === undefined ? '' : ` ${whole.unit}`}`;
  const text = `${whole.label}: ${left} left. At this rate used up at ${writeTime(emptyAt, now)}.`;
  return [...ofMeters, { name: nameBalance(whole.label), title: `${account} is running out`, text }];
}

/** Why a meter is to be told of; undefined where it is not. */
function describeMeter(
  { used, limit, resetsAt, goesOn, forecast }: QuotaMeter,
  percent: number,
  now: number,
): Pick<Warning, 'title' | 'text'> | undefined {
  if (resetsAt !== undefined && resetsAt <= now) return undefined;
  const isSoon = forecast?.emptyAt !== undefined && forecast.emptyAt - now <= SOON_MS;
  if (used * 100 < limit * percent && !isSoon) return undefined;
  const anew = resetsAt === undefined ? '' : ` Begins anew at ${writeTime(resetsAt, now)}.`;
  if (used >= limit && goesOn) return { title: 'is beyond its plan', text: `all used; more is charged.${anew}` };
  if (used >= limit) return { title: 'has nothing left', text: `all used up.${anew}` };
  const end = forecast?.emptyAt === undefined ? '' : ` At this rate used up at ${writeTime(forecast.emptyAt, now)}.`;
  return { title: 'is running out', text: `${Math.floor((used / limit) * 100)} % used.${end}${anew}` };
}

/** `16:40` today, `16:40 on 3 Dec` on other days. */
function writeTime(at: number, now: number): string {
  const date = new Date(at);
  const time = date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
  if (date.toDateString() === new Date(now).toDateString()) return time;
  return `${time} on ${date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })}`;
}
