// Lengths of time and moments as people say them, in sentences of the log and of errors.

/** `420 ms`, `3.5 s`, `30 seconds`, `10 minutes`. */
export function writeDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${Number((ms / 1_000).toFixed(1))} s`;
  if (ms < 120_000) return `${Math.round(ms / 1_000)} seconds`;
  return `${Math.round(ms / 60_000)} minutes`;
}

/** `14:05` on the clock of this machine, with the day (`14:05 on 6 January`) where it is not that of `now`. */
export function writeMoment(at: number, now: number): string {
  const moment = new Date(at);
  const time = [moment.getHours(), moment.getMinutes()].map((part) => String(part).padStart(2, '0')).join(':');
  if (moment.toDateString() === new Date(now).toDateString()) return time;
  return `${time} on ${moment.toLocaleDateString('en-GB', { day: 'numeric', month: 'long' })}`;
}
