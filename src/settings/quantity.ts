import { DAY_MS, HOUR_MS, MINUTE_MS } from '../time.js';

/** A year is 366 days, so that what must be kept for some years is never dropped before they are over. */
const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: MINUTE_MS,
  h: HOUR_MS,
  d: DAY_MS,
  y: 366 * DAY_MS,
};

export const DURATION_FORMS = 'a time such as 500ms, 2s, 5m, 1h, 90d or 7y';
export const SHARE_FORMS = 'a share from 0 to 1 such as 10% or 0.1';

/** Milliseconds of a time such as `90d`; undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  const [, count, unit = ''] = /^(\d{1,9}(?:\.\d{1,3})?) ?(ms|s|m|h|d|y)$/.exec(text) ?? [];
  const ms = Number(count) * (UNIT_MS[unit] ?? Number.NaN);
  // 1.1h is not a whole number of milliseconds in binary.
  return ms <= Number.MAX_SAFE_INTEGER ? Math.round(ms * 1_000) / 1_000 : undefined;
}

/** The inverse of `parseDuration`, in the largest unit that leaves a whole number. */
export function formatDuration(ms: number): string {
  const [unit, unitMs] = Object.entries(UNIT_MS).findLast(([, each]) => ms >= each && ms % each === 0) ?? ['ms', 1];
  return `${ms / unitMs}${unit}`;
}

/** 0 to 1 of a share such as `10%` or `0.1`; undefined when it is none. */
export function parseShare(text: string): number | undefined {
  const [, percent] = /^(\d{1,3}(?:\.\d{1,9})?) ?%$/.exec(text) ?? [];
  // `e-2` instead of a division: 99.9% is 0.999, to the last bit.
  const share = percent === undefined ? parseNumber(text) : Number(`${percent}e-2`);
  return share !== undefined && share <= 1 ? share : undefined;
}

/** The inverse of `parseShare`, in percent. */
export function formatShare(share: number): string {
  return `${Number((share * 100).toFixed(9))}%`;
}

/** A number from 0 without sign or exponent; undefined when it is none. */
export function parseNumber(text: string): number | undefined {
  return /^\d{1,15}(\.\d{1,15})?$/.test(text) ? Number(text) : undefined;
}
