import { AppError } from '../errors.js';
import { isDay } from '../time.js';

const MOMENT = /^(\d{4}-\d{2}-\d{2})([Tt]\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?([Zz]|[+-]\d{2}:\d{2}))?$/;

/** A day, which begins at midnight UTC, or an RFC 3339 time, in milliseconds since the epoch. Throws VALIDATION_FAILED. */
export function parseMoment(text: string, option: string): number {
  const [, day = ''] = MOMENT.exec(text) ?? [];
  const ms = isDay(day) ? Date.parse(text.toUpperCase()) : Number.NaN;
  if (!Number.isNaN(ms)) return ms;
  throw new AppError(
    'VALIDATION_FAILED',
    `${option}: ${JSON.stringify(text)} is no day such as 2026-11-01 and no time such as 2026-11-01T08:30:00Z`,
  );
}
