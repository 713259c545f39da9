// @ts-check
// The few statistics that the bench needs.

/** The middle value, or the mean of the two middle ones; NaN for an empty list. @param {readonly number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle] ?? Number.NaN;
  return ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

/** The value below which `share` (0 to 1) of all values lie; NaN for an empty list. @param {readonly number[]} values @param {number} share */
export function percentile(values, share) {
  const sorted = Float64Array.from(values).sort();
  const index = Math.min(sorted.length - 1, Math.floor(sorted.length * share));
  return sorted[index] ?? Number.NaN;
}
