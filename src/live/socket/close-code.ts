import { AppError, type ErrorCode } from '../../errors.js';

/** Why a socket was closed: the codes of graphql-ws (PROTOCOL.md) and of RFC 6455 section 7.4. */
export const CLOSE = {
  GOING_AWAY: 1001,
  POLICY_VIOLATION: 1008,
  INTERNAL_ERROR: 1011,
  /** Try again later, and resume: the client did not read fast enough, or there are too many of its sockets. */
  TRY_AGAIN_LATER: 1013,
  BAD_REQUEST: 4400,
  UNAUTHORIZED: 4401,
  FORBIDDEN: 4403,
  INITIALISATION_TIMEOUT: 4408,
  SUBSCRIBER_ALREADY_EXISTS: 4409,
  TOO_MANY_INITIALISATION_REQUESTS: 4429,
} as const;

export type CloseCode = (typeof CLOSE)[keyof typeof CLOSE];

const CODE_OF_REFUSAL: Partial<Record<ErrorCode, CloseCode>> = {
  UNAUTHENTICATED: CLOSE.FORBIDDEN,
  FORBIDDEN: CLOSE.FORBIDDEN,
  NOT_FOUND: CLOSE.FORBIDDEN,
  VALIDATION_FAILED: CLOSE.BAD_REQUEST,
  RATE_LIMITED: CLOSE.TRY_AGAIN_LATER,
  UNAVAILABLE: CLOSE.TRY_AGAIN_LATER,
};

/** How a socket is closed whose `connection_init` was refused. */
export function closeForRefusal(error: unknown): { code: CloseCode; reason: string } {
  const code = error instanceof AppError ? CODE_OF_REFUSAL[error.code] : undefined;
  if (code === undefined) return { code: CLOSE.INTERNAL_ERROR, reason: 'something went wrong here' };
  return { code, reason: (error as AppError).message };
}

/** A close frame holds 123 bytes of reason (RFC 6455 section 5.5); what is longer is cut between characters. */
export function fitReason(reason: string): string {
  const REASON_BYTES_MAX = 123;
  let fitting = reason;
  while (Buffer.byteLength(fitting) > REASON_BYTES_MAX) fitting = fitting.slice(0, -1);
  return fitting.toWellFormed();
}
