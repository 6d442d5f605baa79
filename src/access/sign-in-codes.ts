import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../clock.js';
import { AppError } from '../errors.js';
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

  /**
   * Gives what the code is good for, once: when `give` throws, it was not given, and the code stays good. Throws
   * UNAUTHENTICATED for a code that was used or is too old.
   */
  async redeem<T>(code: string, give: () => Promise<T>): Promise<T> {
    const hash = hashOf(code);
    const untilMs = this.#untilMsByHash.get(hash);
    this.#untilMsByHash.delete(hash);
    if (untilMs === undefined || this.#clock.now() >= untilMs) {
      throw new AppError('UNAUTHENTICATED', 'this link was used or is too old: paste what npx midwatch token prints');
    }
    try {
      return await give();
    } catch (error) {
      this.#untilMsByHash.set(hash, untilMs);
      throw error;
    }
  }
}

/** Looked up by hash, how long a comparison takes tells nothing of the code. */
function hashOf(code: string): string {
  return createHash('sha256').update(code).digest('hex');
}
