// Writes a moment for people who read a message on this machine or near it.

/** `2026-01-05 at 12:00`, by the clock on this machine's wall. */
export function writeMoment(at: number): string {
  const date = new Date(at);
  const two = (part: number) => String(part).padStart(2, '0');
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  return `${day} at ${two(date.getHours())}:${two(date.getMinutes())}`;
}
