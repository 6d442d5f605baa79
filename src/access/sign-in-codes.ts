import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../clock.js';
import { MINUTE_MS } from '../time.js';

const GOOD_FOR_MS = 15 * MINUTE_MS;
const CODE_BYTES = 32;

/** Codes of the links that `npm start` prints: each opens one session, once, soon after it was made. */
export class SignInCodes {
  readonly #clock: Clock;
  readonly #untilMsByHash = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  issue(): string {
    const code = randomBytes(CODE_BYTES).toString('base64url');
    this.#untilMsByHash.set(hashOf(code), this.#clock.now() + GOOD_FOR_MS);
    return code;
  }

  /** Whether the code was good; it is not any more. */
  redeem(code: string): boolean {
    const hash = hashOf(code);
    const untilMs = this.#untilMsByHash.get(hash);
    this.#untilMsByHash.delete(hash);
    return untilMs !== undefined && this.#clock.now() < untilMs;
  }
}

/** Looked up by hash, how long a comparison takes tells nothing of the code. */
function hashOf(code: string): string {
  return createHash('sha256').update(code).digest('hex');
}
