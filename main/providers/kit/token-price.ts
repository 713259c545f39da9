// Prices of a model list in words. They come in dollars for a token, as OpenRouter began to tell them.

/** What a list tells; a number or a text each. Below nothing means that it depends. */
export interface TokenPricing {
  readonly prompt?: unknown;
  readonly completion?: unknown;
}

const MILLION = 1_000_000;

/** `$3 in, $15 out per million tokens`, `free` where both are nothing; undefined where nothing is told. */
export function describeTokenPrice({ prompt, completion }: TokenPricing): string | undefined {
  const [into, out] = [readPrice(prompt), readPrice(completion)];
  if (into === 0 && out === 0) return 'free';
  const ways = [
    into ? `$${writeAmount(into * MILLION)} in` : [],
    out ? `$${writeAmount(out * MILLION)} out` : [],
  ].flat();
  return ways.length === 0 ? undefined : `${ways.join(', ')} per million tokens`;
}

/** An amount that is told; undefined for none and for nonsense. */
export function readPrice(value: unknown): number | undefined {
  const price = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof price === 'number' && Number.isFinite(price) && price >= 0 ? price : undefined;
}

/** Two decimals; small amounts with three digits that count. */
export function writeAmount(amount: number): string {
  return String(amount < 0.1 ? Number(amount.toPrecision(3)) : Math.round(amount * 100) / 100);
}
