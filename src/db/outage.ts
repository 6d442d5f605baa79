import { AppError } from '../errors.js';

const SQLSTATE = /^[0-9A-Z]{5}$/;
/**
 * SQLSTATEs of a server that is away, full, shutting down or too slow just now: connection exceptions, insufficient
 * resources, operator intervention, and a lock that was not to be had.
 */
const OUTAGE_STATES = /^(08|53|57|58|40|25P03|55P03)/;
/** What node-postgres and Node's sockets say instead of a SQLSTATE. */
const OUTAGE_WORDS =
  /timeout|terminated|ECONN|EPIPE|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|not queryable|Connection ended/i;

/** Whether the database could not do it just now, so that the same may well succeed later. */
export function isOutage(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof AppError) return false;
  const { code } = error as { code?: unknown };
  if (typeof code === 'string' && SQLSTATE.test(code)) return OUTAGE_STATES.test(code);
  return OUTAGE_WORDS.test(`${String(code)} ${error.message}`);
}

/** SQLSTATEs of values that no table takes: data exceptions, constraints, and what is too large for an index. */
const REFUSED_STATES = /^(22|23|54)/;

/** Whether something in the data was refused: the same without it may well succeed. */
export function isRefused(error: unknown): boolean {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' && SQLSTATE.test(code) && REFUSED_STATES.test(code);
}

const QUERY_CANCELED = '57014';

/** Whether the statement took longer than any may: others may well be answered. */
export function isTooSlow(error: unknown): boolean {
  return error instanceof Error && (error as { code?: unknown }).code === QUERY_CANCELED;
}

/** What a caller is told of an outage: UNAVAILABLE, to be tried again. */
export function outageError(cause: unknown): AppError {
  return new AppError('UNAVAILABLE', 'the database is away: try again', { cause, retryAfterS: 2 });
}
