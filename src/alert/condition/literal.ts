import { parseDuration } from '../../settings/quantity.js';
import { DURATION, NUMBER, RATE_MS, type RateTime, SHARE, type Type, USD } from './unit.js';

/** A number as it may be written: `5000`, `10k`, `95%`, `2s`, `$5`, `$5/h`, `10k/min`. */
export interface Literal {
  /** As it is written, without spaces. */
  readonly text: string;
  /** Milliseconds of times, 0 to 1 of percents; of rates, per millisecond. */
  readonly value: number;
  readonly type: Type;
  /** What the rate is written by; null when it is none. */
  readonly per: RateTime | null;
}

export const LITERAL_UNITS = 'ms, s, m, h, d, y, k, M and %, and by time /s, /min, /h and /d';

/** As much as may be a number; a unit may stand apart, but not a word that begins like one. */
export const LITERAL_START = /(?:\$ ?)?\d[\d.]*(?:[\w%]+| (?:ms|[smhdykM](?!\w)|%))?(?:\/(?:min|[smhd])(?!\w))?/y;

const LITERAL = /^(\$ ?)?(\d{1,15}(?:\.\d{1,15})?) ?(ms|s|m|h|d|y|k|M|%)?(?:\/(s|min|m|h|d))?$/;
const POWERS_OF_TEN: Readonly<Record<string, string>> = { '': 'e0', k: 'e3', M: 'e6', '%': 'e-2' };

/** Undefined for what is no number of the language. */
export function parseLiteral(written: string): Literal | undefined {
  const [, dollar, digits = '', unit = '', by] = LITERAL.exec(written) ?? [];
  const text = written.replaceAll(' ', '');
  const power = POWERS_OF_TEN[unit];
  if (digits === '' || (dollar !== undefined && (power === undefined || unit === '%'))) return undefined;
  // `e3` instead of a product: 99.9% is 0.999, to the last bit.
  const amount = power === undefined ? parseDuration(`${digits}${unit}`) : Number(`${digits}${power}`);
  if (amount === undefined) return undefined;
  const type = { ...(dollar !== undefined ? USD : typeOfUnit(unit)), isConstant: true };
  if (by === undefined) return { text, value: amount, type, per: null };
  if (type.time !== 0 || type.flavour === 'share') return undefined;
  const per = by === 'm' ? 'min' : (by as RateTime);
  return { text, value: amount / RATE_MS[per], type: { ...type, time: -1 }, per };
}

function typeOfUnit(unit: string): Type {
  if (unit === '%') return SHARE;
  return unit in POWERS_OF_TEN ? NUMBER : DURATION;
}
