import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Question } from '../detect/grounding/score-answer.js';
import type { Log } from '../log.js';
import { HOUR_MS, MINUTE_MS } from '../time.js';
import type { Endpoint, Reply } from './endpoint.js';
import { type Opinion, readOpinion } from './opinion.js';
import { createPrompt } from './prompt.js';

export interface AskerOptions {
  endpoint: Endpoint;
  /** Whether one more call may be made today; it counts from then on. */
  claim: () => Promise<boolean>;
  log: Log;
}

/** Of one decision; then it is given up. */
const ATTEMPTS_MAX = 3;
const FIRST_WAIT_MS = 1_000;
const WAIT_MAX_MS = 5 * MINUTE_MS;
/** However long the other side asks to be left alone. */
const ASKED_WAIT_MAX_MS = HOUR_MS;
const CODE_BYTES = 8;

/** Asks a model for its opinions, and leaves it alone for longer and longer while it does not give any. */
export class Asker {
  readonly #options: AskerOptions;
  /** Attempts in a row, of whichever decision, that came to nothing. */
  #failures = 0;
  /** On the clock of `performance.now()`, which nobody sets. */
  #restsUntilMs = 0;

  constructor(options: AskerOptions) {
    this.#options = options;
  }

  /**
   * The model's opinion; null when it cannot be had: no more calls are allowed today, or it was given up, which is logged
   * with `place`. Rejects when `stopped` is aborted, and when calls cannot be counted.
   */
  async ask(question: Question, place: object, stopped: AbortSignal): Promise<Opinion | null> {
    const { endpoint, claim, log } = this.#options;
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
      await this.#rest(stopped);
      if (!(await claim())) return null;
      const reply = await endpoint.complete(createPrompt(question, drawCode()), stopped);
      stopped.throwIfAborted();
      const opinion = reply.kind === 'answered' ? readOpinion(reply.text, question.answer) : null;
      if (opinion !== null) {
        this.#failures = 0;
        return opinion;
      }
      const reason = reasonOf(reply);
      if (reply.kind === 'refused') {
        log.warn({ ...place, reason }, 'the judge refused an answer: it is not judged');
        return null;
      }
      if (this.#failures === 0) log.warn({ ...place, reason }, 'the judge gave no opinion: trying again');
      if (attempt === ATTEMPTS_MAX)
        log.warn({ ...place, reason }, 'the judge gave no opinion: the answer is not judged');
      this.#fail(reply.kind === 'failed' ? reply.waitMs : null);
    }
    return null;
  }

  /** Waits together with whoever else is asking. */
  async #rest(stopped: AbortSignal): Promise<void> {
    stopped.throwIfAborted();
    for (;;) {
      // Another's failure may have made it longer meanwhile.
      const restMs = this.#restsUntilMs - performance.now();
      if (restMs <= 0) return;
      await wait(restMs, undefined, { signal: stopped });
    }
  }

  /** Doubles with each failure up to a bound. */
  #fail(askedMs: number | null): void {
    const ownMs = Math.min(FIRST_WAIT_MS * 2 ** Math.min(this.#failures, 20), WAIT_MAX_MS);
    const waitMs = Math.max(ownMs, Math.min(askedMs ?? 0, ASKED_WAIT_MAX_MS));
    this.#failures += 1;
    this.#restsUntilMs = Math.max(this.#restsUntilMs, performance.now() + waitMs);
  }
}

function drawCode(): string {
  return randomBytes(CODE_BYTES).toString('hex');
}

function reasonOf(reply: Reply): string {
  return reply.kind === 'answered' ? 'the answer is not the JSON that was asked for' : reply.reason;
}
