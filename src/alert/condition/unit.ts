import { DURATION_FORMS, SHARE_FORMS } from '../../settings/quantity.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../time.js';

/** The lengths of time that rates are written by: `$5/h`. */
export const RATE_MS = { s: 1_000, min: MINUTE_MS, h: HOUR_MS, d: DAY_MS } as const;
export type RateTime = keyof typeof RATE_MS;

/**
 * What a figure is counted in, and so how it is written: milliseconds for `duration`, 0 to 1 for `share`, US dollars for
 * `usd`. With `per` it is that much per millisecond, and written by the time named.
 */
export interface Unit {
  readonly of: 'number' | 'share' | 'usd' | 'duration';
  readonly per: RateTime | null;
}

/**
 * What a calculation comes to: powers of dollars and of time, and what a figure without either is: a count, a share of
 * something, or the ratio of two figures, which may be written as either.
 */
export interface Type {
  readonly usd: number;
  readonly time: number;
  readonly flavour: 'number' | 'share' | 'ratio';
  /** Nothing is measured in it: it is read as what it is compared with or added to. */
  readonly isConstant: boolean;
}

export const NUMBER: Type = { usd: 0, time: 0, flavour: 'number', isConstant: false };
export const SHARE: Type = { ...NUMBER, flavour: 'share' };
export const USD: Type = { ...NUMBER, usd: 1 };
export const DURATION: Type = { ...NUMBER, time: 1 };

/** What both are when they are compared, added or subtracted; null when they are not alike. */
export function unify(left: Type, right: Type): Type | null {
  if (left.time !== right.time) return null;
  const isConstant = left.isConstant && right.isConstant;
  if (left.usd !== right.usd) {
    const [plain, money] = left.usd === 0 ? [left, right] : [right, left];
    // `cost > 5`: the number is dollars.
    return plain.isConstant && plain.usd === 0 && plain.flavour === 'number' ? { ...money, isConstant } : null;
  }
  if (!isPlain(left) || left.flavour === right.flavour) return { ...left, isConstant };
  const flavours = [left.flavour, right.flavour];
  if (flavours.includes('ratio')) {
    return { ...left, flavour: flavours.includes('share') ? 'share' : 'ratio', isConstant };
  }
  const number = left.flavour === 'number' ? left : right;
  return number.isConstant ? { ...SHARE, isConstant } : null;
}

export function multiply(left: Type, right: Type): Type {
  const [usd, time] = [left.usd + right.usd, left.time + right.time];
  return { usd, time, flavour: productFlavour(left, right), isConstant: left.isConstant && right.isConstant };
}

export function divide(left: Type, right: Type): Type {
  const [usd, time] = [left.usd - right.usd, left.time - right.time];
  const isConstant = left.isConstant && right.isConstant;
  const isCount = isPlain(left) && left.flavour === 'number' && isPlain(right) && right.isConstant;
  return { usd, time, flavour: isCount ? 'number' : 'ratio', isConstant };
}

/** A share of a count is a count, a share of a share a share; a share times a plain number is neither. */
function productFlavour(left: Type, right: Type): Type['flavour'] {
  if (!isPlain(left) || !isPlain(right)) return 'number';
  if (left.flavour === right.flavour) return left.flavour;
  const number = [left, right].find(({ flavour }) => flavour === 'number');
  return number === undefined || number.isConstant ? 'ratio' : 'number';
}

function isPlain({ usd, time }: Type): boolean {
  return usd === 0 && time === 0;
}

/** How figures of the type are written; what no unit is known for is written as a number. */
export function unitOf(type: Type, per: RateTime | null): Unit {
  const { usd, time } = type;
  if (usd === 0 && time === 1) return { of: 'duration', per: null };
  if (usd === 1 && time === 0) return { of: 'usd', per: null };
  if (time === -1 && (usd === 0 || usd === 1)) return { of: usd === 1 ? 'usd' : 'number', per: per ?? 'h' };
  return { of: isPlain(type) && type.flavour === 'share' ? 'share' : 'number', per: null };
}

/** The inverse of `unitOf`. */
export function typeOf({ of, per }: Unit): Type {
  const type = { number: NUMBER, share: SHARE, usd: USD, duration: DURATION }[of];
  return per === null ? type : { ...type, time: type.time - 1 };
}

/** What to write for a figure of the type: completes "write …". */
export function formsOf(type: Type): string {
  const { usd, time } = type;
  if (time === -1) return usd === 1 ? 'US dollars by time such as $5/h' : 'a number by time such as 10k/min';
  const { of } = unitOf(type, null);
  if (of === 'duration') return DURATION_FORMS;
  if (of === 'usd') return 'US dollars such as $5 or 0.25';
  return of === 'share' ? SHARE_FORMS : 'a number without a unit, such as 5000 or 10k';
}

/** What figures of the type are: completes "… is". */
export function nameType(type: Type): string {
  const { usd, time } = type;
  if (![0, 1].includes(usd) || ![-1, 0, 1].includes(time) || (usd === 1 && time === 1)) return 'of no known unit';
  if (time === 1) return 'a time';
  if (isPlain(type)) return type.flavour === 'share' ? 'a share' : 'a number';
  const of = usd === 1 ? 'US dollars' : 'a number';
  return time === -1 ? `${of} by time` : of;
}
