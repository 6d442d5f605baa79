/**
 * Exact numbers off the wire. JSON.parse makes floats of amounts before anyone can see their digits, so numbers are read
 * as the text they are.
 */

const DECIMAL = /^(-?)(\d{1,30})(?:\.(\d{1,100}))?(?:[eE]([+-]?\d{1,5}))?$/;
const PICODOLLAR_DIGITS = 12;
/** More than any bill has: a number this long is not an amount. */
const DIGITS_MAX = 30;

/** How many decimals of a dollar the unit of an amount is. */
const UNIT_DIGITS = { dollar: 0, cent: 2 } as const;

/**
 * A decimal, with exponent or without, in picodollars; digits below 10^-12 dollars are cut off. Null when it is no amount.
 * OpenAI has sent `0E-6176` for nothing.
 */
export function readAmount(text: string, unit: keyof typeof UNIT_DIGITS): bigint | null {
  const [, sign, whole, fraction = '', exponent = '0'] = DECIMAL.exec(text) ?? [];
  if (whole === undefined) return null;
  const digits = BigInt(whole + fraction);
  if (digits === 0n) return 0n;
  const shift = PICODOLLAR_DIGITS + Number(exponent) - fraction.length - UNIT_DIGITS[unit];
  if (whole.length + fraction.length + shift > DIGITS_MAX) return null;
  const magnitude = shift >= 0 ? digits * 10n ** BigInt(shift) : cutDigits(digits, -shift);
  return sign === '-' ? -magnitude : magnitude;
}

function cutDigits(digits: bigint, count: number): bigint {
  return count > 200 ? 0n : digits / 10n ** BigInt(count);
}

/** A JSON string, which stays as it is (one without an end takes all that is left), or a number outside of one. */
const STRING_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?$)|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Parses JSON with every number as its text, digit for digit. Throws SyntaxError on what is no JSON. */
export function parseExactJson(text: string): unknown {
  return JSON.parse(text.replace(STRING_OR_NUMBER, (match) => (match.startsWith('"') ? match : `"${match}"`)));
}
