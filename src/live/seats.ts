import { AppError } from '../errors.js';

/** Connections that stay open, counted by the credential that opened them, so that none takes them all. */
export class Seats {
  readonly #mostEach: number;
  readonly #taken = new Map<string, number>();

  constructor(mostEach = 200) {
    this.#mostEach = mostEach;
  }

  /** Takes one; returns what gives it back, which is to be called once. Throws RATE_LIMITED when all are taken. */
  take(subject: string): () => void {
    const taken = this.#taken.get(subject) ?? 0;
    if (taken >= this.#mostEach) {
      throw new AppError('RATE_LIMITED', `the credential has ${this.#mostEach} streams open: close some first`, {
        retryAfterS: 5,
      });
    }
    this.#taken.set(subject, taken + 1);
    return () => this.#giveBack(subject);
  }

  #giveBack(subject: string): void {
    const left = (this.#taken.get(subject) ?? 0) - 1;
    if (left > 0) this.#taken.set(subject, left);
    else this.#taken.delete(subject);
  }
}
