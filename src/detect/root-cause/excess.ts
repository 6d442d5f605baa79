/** Where two samples are compared: the twentieths of their distributions, each at its middle. */
const QUANTILES = Array.from({ length: 20 }, (_, index) => (index + 0.5) / 20);

/**
 * How far a sample lies above another, as the mean logarithm of the ratio over their quantiles, counting only those where
 * it does: a shift of all values and a tail that grew both show, and 0.69 is twice as much throughout. Amounts below
 * `floor` are alike. (The one-sided Wasserstein distance between the logarithms.)
 */
export function excessOver(usual: readonly number[], now: readonly number[], floor: number): number {
  const before = sorted(usual, floor);
  const after = sorted(now, floor);
  const excesses = QUANTILES.map((share) => Math.max(0, Math.log(quantile(after, share) / quantile(before, share))));
  return excesses.reduce((sum, excess) => sum + excess, 0) / QUANTILES.length;
}

/** Half of the values are below it; NaN without values. */
export function medianOf(values: readonly number[]): number {
  return quantile(sorted(values, Number.NEGATIVE_INFINITY), 0.5);
}

function sorted(values: readonly number[], floor: number): number[] {
  return values.map((value) => Math.max(value, floor)).sort((left, right) => left - right);
}

function quantile(ascending: readonly number[], share: number): number {
  const at = share * (ascending.length - 1);
  const below = ascending[Math.floor(at)] ?? Number.NaN;
  const above = ascending[Math.ceil(at)] ?? below;
  return below + (above - below) * (at - Math.floor(at));
}
