/**
 * Refusals: what a caller did wrong, or what we cannot do now. One class, one table; HTTP and GraphQL are made from it at
 * the last moment (http/error.ts, graphql/errors.ts). A code, once shipped, is never renamed.
 */
export const ERROR_CODES = {
  VALIDATION_FAILED: { status: 400, retryable: false },
  UNAUTHENTICATED: { status: 401, retryable: false },
  FORBIDDEN: { status: 403, retryable: false },
  NOT_FOUND: { status: 404, retryable: false },
  METHOD_NOT_ALLOWED: { status: 405, retryable: false },
  REQUEST_TIMEOUT: { status: 408, retryable: true },
  CONFLICT: { status: 409, retryable: false },
  PAYLOAD_TOO_LARGE: { status: 413, retryable: false },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, retryable: false },
  RATE_LIMITED: { status: 429, retryable: true },
  INTERNAL: { status: 500, retryable: false },
  LEDGER_INTEGRITY: { status: 500, retryable: false },
  UNAVAILABLE: { status: 503, retryable: true },
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

export interface AppErrorOptions {
  /** For the log only; never sent. */
  detail?: string;
  cause?: unknown;
  /** Where in the input, e.g. `['decisions', 3, 'tokens', 'input']`. */
  path?: readonly (string | number)[];
  /** Seconds after which the caller should try again. */
  retryAfterS?: number;
}

/** `message` is safe for the caller: it says what was wrong, where, and what to do. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly detail: string | undefined;
  readonly path: readonly (string | number)[] | undefined;
  readonly retryAfterS: number | undefined;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.detail = options.detail;
    this.path = options.path;
    this.retryAfterS = options.retryAfterS;
  }

  get status(): number {
    return ERROR_CODES[this.code].status;
  }
}
