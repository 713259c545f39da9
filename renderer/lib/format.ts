// Numbers, times and sizes as people read them. Pure functions; no texts that would need a translation.

const COUNT = new Intl.NumberFormat('en');
const AMOUNT = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });
const TIME = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const DATE = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
const DAY_AND_TIME = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});
const AGO = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' });

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** `4,210`. */
export function formatCount(count: number): string {
  return COUNT.format(count);
}

/** `12:01:44` for today, `20 Nov, 12:01:44` for other days. */
export function formatTime(at: number, now = Date.now()): string {
  const sameDay = new Date(at).toDateString() === new Date(now).toDateString();
  return (sameDay ? TIME : DAY_AND_TIME).format(at);
}

/** `12:01:44` for today, `20 Nov` for other days. */
export function formatShortTime(at: number, now = Date.now()): string {
  const sameDay = new Date(at).toDateString() === new Date(now).toDateString();
  return (sameDay ? TIME : DAY).format(at);
}

/** `20 Nov, 12:01:44`, whatever the day. */
export function formatDayAndTime(at: number): string {
  return DAY_AND_TIME.format(at);
}

/** `$1.20`; `<$0.01` for what is more than nothing. */
export function formatDollars(dollars: number): string {
  return dollars > 0 && dollars < 0.005 ? '<$0.01' : `$${dollars.toFixed(2)}`;
}

/** `840 ms`, `1.2 s`, `2 min 03 s`. */
export function formatDuration(durationMs: number): string {
  if (durationMs < 1000) return `${Math.round(durationMs)} ms`;
  if (durationMs < 59_950) return `${(durationMs / 1000).toFixed(1)} s`;
  const seconds = Math.round(durationMs / 1000);
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
}

/** `48 s`, `9 min 42 s`, `2 h 05 min`: a time that runs down. */
export function formatTimeLeft(leftMs: number): string {
  const seconds = Math.ceil(leftMs / 1000);
  if (seconds < 60) return `${seconds} s`;
  const [minutes, rest] = [Math.floor(seconds / 60), String(seconds % 60).padStart(2, '0')];
  if (minutes < 60) return `${minutes} min ${rest} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** The text with everything that is not seen, or that turns the direction of reading, written out as `\u{202e}`. */
export function revealHidden(text: string): string {
  return text.replace(
    /[^\P{C}\n\t]|[\u2028\u2029\u115f\u1160\u3164\uffa0]/gu,
    (hidden) => `\\u{${hidden.codePointAt(0)?.toString(16)}}`,
  );
}

/** `now`, `3 min. ago`, `yesterday`. */
export function formatAgo(at: number, now = Date.now()): string {
  const passedMs = Math.max(0, now - at);
  if (passedMs < MINUTE_MS) return AGO.format(0, 'second');
  if (passedMs < HOUR_MS) return AGO.format(-Math.floor(passedMs / MINUTE_MS), 'minute');
  if (passedMs < DAY_MS) return AGO.format(-Math.floor(passedMs / HOUR_MS), 'hour');
  return AGO.format(-Math.floor(passedMs / DAY_MS), 'day');
}

/** `in 4 days`, `in 3 hr.`, `now`. */
export function formatUntil(at: number, now = Date.now()): string {
  const leftMs = Math.max(0, at - now);
  if (leftMs < MINUTE_MS) return AGO.format(0, 'second');
  if (leftMs < HOUR_MS) return AGO.format(Math.round(leftMs / MINUTE_MS), 'minute');
  if (leftMs < DAY_MS) return AGO.format(Math.round(leftMs / HOUR_MS), 'hour');
  return AGO.format(Math.round(leftMs / DAY_MS), 'day');
}

/** `16:40` for today, `20 Nov, 16:40` for the next days, `3 Dec` for later ones. */
export function formatMoment(at: number, now = Date.now()): string {
  const time = CLOCK.format(at);
  if (new Date(at).toDateString() === new Date(now).toDateString()) return time;
  return at - now > 3 * DAY_MS ? DAY.format(at) : `${DAY.format(at)}, ${time}`;
}

/** `20 minutes`, `1 hour`, `3 days`; at least a minute. */
export function formatSpan(spanMs: number): string {
  const [unit, ms] =
    spanMs < HOUR_MS
      ? (['minute', MINUTE_MS] as const)
      : spanMs < 2 * DAY_MS
        ? (['hour', HOUR_MS] as const)
        : (['day', DAY_MS] as const);
  const count = Math.max(1, Math.round(spanMs / ms));
  return new Intl.NumberFormat('en', { style: 'unit', unit, unitDisplay: 'long' }).format(count);
}

/** `20 Nov 2026`. */
export function formatDate(at: number): string {
  return DATE.format(at);
}

/** `1,417.43`, with two decimals at most. */
export function formatAmount(amount: number): string {
  return AMOUNT.format(amount);
}

/** Sizes of context windows as they are spoken of: `200K`, `1M`, `512`. */
export function formatTokens(tokens: number): string {
  if (tokens < 1000) return String(tokens);
  // Windows are given either in thousands or in powers of two: 131,072 is called 128K.
  const unit = tokens % 1024 === 0 ? 1024 : 1000;
  if (tokens >= unit * unit) return `${trimZero((tokens / unit ** 2).toFixed(1))}M`;
  return `${Math.round(tokens / unit)}K`;
}

/** `0 %`, `0.4 %`, `12 %`. */
export function formatShare(part: number, whole: number): string {
  if (whole === 0 || part === 0) return '0 %';
  const share = (part / whole) * 100;
  return share < 10 ? `${trimZero(share.toFixed(1))} %` : `${Math.round(share)} %`;
}

function trimZero(text: string): string {
  return text.replace(/\.0$/, '');
}
