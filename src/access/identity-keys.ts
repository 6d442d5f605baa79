import { createLocalJWKSet, errors, type JWTVerifyGetKey } from 'jose';
import type { Clock } from '../clock.js';
import { AppError } from '../errors.js';
import { DAY_MS, MINUTE_MS } from '../time.js';
import { fetchText } from './bounded-fetch.js';

const FRESH_MS = 10 * MINUTE_MS;
/** How long keys stay in use while the identity provider does not answer. */
const USABLE_MS = DAY_MS;
const COOLDOWN_MS = 30_000;

/**
 * The public keys of the company's identity provider (a JWK Set, RFC 7517 section 5), kept so that it is asked at most
 * once in 30 seconds whatever tokens arrive, and so that an outage of it is not one of ours.
 */
export class IdentityKeys {
  readonly #url: string;
  readonly #clock: Clock;
  #keySet: { find: JWTVerifyGetKey; readAtMs: number } | null = null;
  #attemptedAtMs = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | null = null;
  #failure: unknown = null;

  constructor(url: string, clock: Clock) {
    this.#url = url;
    this.#clock = clock;
  }

  /** For jose's `jwtVerify`. Throws UNAVAILABLE while there is no key to check with, jose's errors for a token's own faults. */
  readonly find: JWTVerifyGetKey = async (header, token) => {
    if (this.#ageMs() >= USABLE_MS) await this.#refresh();
    else if (this.#ageMs() >= FRESH_MS) void this.#refresh();
    try {
      return await this.#usable()(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await this.#refresh();
      return this.#usable()(header, token);
    }
  };

  #ageMs(): number {
    return this.#keySet === null ? Number.POSITIVE_INFINITY : this.#clock.now() - this.#keySet.readAtMs;
  }

  #usable(): JWTVerifyGetKey {
    if (this.#keySet !== null && this.#ageMs() < USABLE_MS) return this.#keySet.find;
    throw new AppError('UNAVAILABLE', "the identity provider's keys cannot be read now: try again later", {
      cause: this.#failure,
      retryAfterS: COOLDOWN_MS / 1000,
    });
  }

  /** Reads the set unless that was tried within the cooldown; callers at the same time share one request. Never rejects. */
  #refresh(): Promise<void> {
    if (this.#reading !== null) return this.#reading;
    if (this.#clock.now() - this.#attemptedAtMs < COOLDOWN_MS) return Promise.resolve();
    this.#attemptedAtMs = this.#clock.now();
    this.#reading = this.#read().finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  async #read(): Promise<void> {
    try {
      const headers = { accept: 'application/jwk-set+json, application/json' };
      const find = createLocalJWKSet(JSON.parse(await fetchText(this.#url, { headers })));
      this.#keySet = { find, readAtMs: this.#clock.now() };
    } catch (error) {
      this.#failure = error;
    }
  }
}
