import { compareText } from '../../order.js';
import { type LedgerFact, momentOf, textOf } from './payload.js';

/** A setup that an agent worked with: its own version, its model, and the fingerprint of prompt and tools. */
export interface SetupFacts {
  agent: string;
  version: string | null;
  provider: string | null;
  model: string | null;
  fingerprint: string | null;
  decisions: number;
  /** When the first and last of them started; milliseconds since the epoch. */
  firstMs: number;
  lastMs: number;
  /** The entry of the first. */
  firstSeq: number;
}

/** More are counted and not told apart: a version in every decision would be as many as there are decisions. */
const SETUPS_MAX = 2_000;

/** Which setups were in force, and from when. */
export class SetupTracker {
  readonly #setups = new Map<string, SetupFacts>();
  #untold = 0;

  add({ seq, payload }: LedgerFact): void {
    const setup = {
      agent: textOf(payload, 'agent') ?? '',
      version: textOf(payload, 'agentVersion'),
      provider: textOf(payload, 'provider'),
      model: textOf(payload, 'model'),
      fingerprint: textOf(payload, 'fingerprint'),
    };
    const startedMs = momentOf(payload, 'startedAt') ?? 0;
    const key = JSON.stringify(Object.values(setup));
    const known = this.#setups.get(key);
    if (known === undefined) {
      if (this.#setups.size >= SETUPS_MAX) this.#untold += 1;
      else this.#setups.set(key, { ...setup, decisions: 1, firstMs: startedMs, lastMs: startedMs, firstSeq: seq });
      return;
    }
    known.decisions += 1;
    known.firstMs = Math.min(known.firstMs, startedMs);
    known.lastMs = Math.max(known.lastMs, startedMs);
  }

  /** By agent, and of each agent in the order they came. */
  setups(): readonly SetupFacts[] {
    return [...this.#setups.values()].sort(
      (left, right) =>
        compareText(left.agent, right.agent) || left.firstMs - right.firstMs || left.firstSeq - right.firstSeq,
    );
  }

  /** Decisions whose setup is none of those. */
  get untold(): number {
    return this.#untold;
  }
}
