const TWO_POW_31 = 2_147_483_648;
const NANOSECONDS = /^\d{1,20}$/;
const MAX_NANOSECONDS = 9_223_372_036_854_775_807n;

/** What a time beyond 2^63−1 ns (the year 2262) becomes: such a time is always a mistake. */
export const BEYOND_TIME_MS = Number.POSITIVE_INFINITY;

/**
 * Nanoseconds since the Unix epoch, given as the upper and lower 32 bits of a uint64, as milliseconds with a fraction.
 * Whole milliseconds stay whole: only the last addition rounds.
 */
export function timeMsOf(high: number, low: number): number {
  if (high >= TWO_POW_31) return BEYOND_TIME_MS;
  // 2^32 ns are 4294 ms and 967296 ns.
  const restNanoseconds = high * 967_296 + low;
  const restMs = Math.floor(restNanoseconds / 1e6);
  return high * 4_294 + restMs + (restNanoseconds - restMs * 1e6) / 1e6;
}

/**
 * The same from OTLP/JSON, where a uint64 is a decimal string or a number; absent is 0.
 * @returns NaN for anything that is not a whole, non-negative number.
 */
export function parseTimeMs(value: unknown): number {
  if (value === undefined || value === null) return 0;
  const nanoseconds = parseUint(value);
  if (nanoseconds === null) return Number.NaN;
  if (nanoseconds > MAX_NANOSECONDS) return BEYOND_TIME_MS;
  return timeMsOf(Number(nanoseconds >> 32n), Number(nanoseconds & 0xffff_ffffn));
}

function parseUint(value: unknown): bigint | null {
  if (typeof value === 'number') return Number.isInteger(value) && value >= 0 ? BigInt(value) : null;
  return typeof value === 'string' && NANOSECONDS.test(value) ? BigInt(value) : null;
}
