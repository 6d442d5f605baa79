/**
 * Money without floats. US dollars travel as decimal text and are added as whole picodollars (10^-12 dollars): a price
 * per million tokens has at most six decimals, so one token's price is a whole number of them.
 */

const PICODOLLARS_PER_DOLLAR = 1_000_000_000_000n;
const FRACTION_DIGITS = 12;

/** Decimal text such as `0.00021`, without exponent, in picodollars; digits below 10^-12 dollars are cut off. */
export function parseDollars(text: string): bigint {
  const isNegative = text.startsWith('-');
  const [whole = '0', fraction = ''] = text.slice(isNegative ? 1 : 0).split('.');
  const picodollars =
    BigInt(whole) * PICODOLLARS_PER_DOLLAR + BigInt(fraction.slice(0, FRACTION_DIGITS).padEnd(FRACTION_DIGITS, '0'));
  return isNegative ? -picodollars : picodollars;
}

/** The inverse of `parseDollars`: no exponent, no trailing zeros. */
export function formatDollars(picodollars: bigint): string {
  const magnitude = picodollars < 0n ? -picodollars : picodollars;
  const whole = (magnitude / PICODOLLARS_PER_DOLLAR).toString();
  const fraction = (magnitude % PICODOLLARS_PER_DOLLAR).toString().padStart(FRACTION_DIGITS, '0').replace(/0+$/, '');
  const sign = picodollars < 0n ? '-' : '';
  return fraction === '' ? `${sign}${whole}` : `${sign}${whole}.${fraction}`;
}

/** For answers only: what is added up or compared stays exact. */
export function dollarsAsNumber(picodollars: bigint): number {
  return Number(formatDollars(picodollars));
}

/** The exact sum of decimal texts. */
export function sumDollars(amounts: readonly string[]): string {
  return formatDollars(amounts.reduce((sum, amount) => sum + parseDollars(amount), 0n));
}

/** The exact sum of those amounts that are known; null when none is. */
export function sumKnownDollars(amounts: readonly (string | null)[]): string | null {
  const known = amounts.filter((amount) => amount !== null);
  return known.length === 0 ? null : sumDollars(known);
}

/** A figure some client computed with floats, rounded to 12 decimals; null when it is no possible price. */
export function dollarsFromNumber(dollars: number): string | null {
  const isPrice = dollars >= 0 && dollars < 1e15;
  return isPrice ? formatDollars(parseDollars(dollars.toFixed(FRACTION_DIGITS))) : null;
}
