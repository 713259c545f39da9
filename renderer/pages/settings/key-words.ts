// What a client key may do, in one readable line, and how it stands. Pure functions over the key.
import { isExpired } from '../../../shared/client-keys.ts';
import type { ClientKeyView, KeyRules } from '../../../shared/views.ts';
import type { Tone } from '../../components/state-mark.tsx';
import { formatAgo, formatCount, formatDate, formatUntil } from '../../lib/format.ts';
import type { useTexts } from '../../lib/i18n.ts';

type Texts = ReturnType<typeof useTexts>;

const MOST_SHOWN = 3;
const SOON_MS = 7 * 86_400_000;

/** `kimi-*, gpt-5 · 60 requests a minute · until 31 Dec 2026`. */
export function tellRules(rules: KeyRules, t: Texts): string {
  const { models = [], expiresAt, requestsPerMinute, tokensPerDay, concurrent } = rules;
  const count = (number: number) => ({ count: number, formatted: formatCount(number) });
  const limits = [
    requestsPerMinute === undefined ? undefined : t('keys.perMinute', count(requestsPerMinute)),
    tokensPerDay === undefined ? undefined : t('keys.perDay', count(tokensPerDay)),
    concurrent === undefined ? undefined : t('keys.atOnce', count(concurrent)),
    expiresAt === undefined ? undefined : t('keys.until', { date: formatDate(expiresAt - 1) }),
  ].filter((part) => part !== undefined);
  if (limits.length === 0 && models.length === 0) return t('keys.noRules');
  const shown = models.slice(0, models.length > MOST_SHOWN ? MOST_SHOWN - 1 : MOST_SHOWN).join(', ');
  const more = models.length > MOST_SHOWN ? ` ${t('keys.more', { count: models.length - MOST_SHOWN + 1 })}` : '';
  return [models.length === 0 ? t('keys.everyModel') : shown + more, ...limits].join(' · ');
}

/** When it was used last, and how much of a day's tokens. */
export function tellUse({ lastUsedAt, rules, usage }: ClientKeyView, now: number, t: Texts): string {
  const used = lastUsedAt === undefined ? t('keys.unused') : t('keys.used', { ago: formatAgo(lastUsedAt, now) });
  if (rules.tokensPerDay === undefined) return used;
  const tokens = { used: formatCount(usage.tokensToday), limit: formatCount(rules.tokensPerDay) };
  return `${used} · ${t('keys.tokensToday', tokens)}`;
}

/** What the person should know of it at once; undefined where all is well. */
export function tellTrouble(
  key: ClientKeyView,
  now: number,
  t: Texts,
): { readonly tone: Tone; readonly word: string } | undefined {
  const { expiresAt, tokensPerDay } = key.rules;
  if (expiresAt !== undefined && isExpired(key, now))
    return { tone: 'bad', word: t('keys.expired', { ago: formatAgo(expiresAt, now) }) };
  if (tokensPerDay !== undefined && key.usage.tokensToday >= tokensPerDay)
    return { tone: 'warning', word: t('keys.spent') };
  if (expiresAt !== undefined && expiresAt - now < SOON_MS)
    return { tone: 'warning', word: t('keys.expires', { when: formatUntil(expiresAt, now) }) };
  return undefined;
}
