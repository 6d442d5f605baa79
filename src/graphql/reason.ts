import { AppError } from '../errors.js';

const REASON_MAX = 1_000;
/** What neither a screen nor the database takes. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}]/u;

/** A person's own words for why. Throws VALIDATION_FAILED when they are missing, too long or not printable. */
export function readReason(reason: string): string {
  const printable = reason.trim();
  const isFit = printable.length >= 1 && printable.length <= REASON_MAX;
  if (isFit && !UNPRINTABLE.test(printable.replaceAll(/\r?\n|\t/g, ' '))) return printable;
  throw new AppError('VALIDATION_FAILED', `reason must be 1 to ${REASON_MAX} printable characters`, {
    path: ['reason'],
  });
}
