import { type Observation, Usual } from './usual.js';

/** Histories held at once; the ones unused for longest are forgotten, and what they would have judged counts as unknown. */
const HISTORIES_MAX = 5_000;

/**
 * What is usual in each fleet, by agent and request type. Where those two together have not been seen often enough, the
 * agent's whole history stands in, then that of the request type with all agents.
 */
export class History {
  readonly #usual = new Map<string, Usual>();

  /** The narrowest history that knows enough to judge the decision; null when none does. */
  usualFor(fleet: string, observation: Observation): Usual | null {
    for (const key of keysOf(fleet, observation)) {
      const usual = this.#usual.get(key);
      if (usual?.isKnown) return usual;
    }
    return null;
  }

  add(fleet: string, observation: Observation): void {
    for (const key of keysOf(fleet, observation)) {
      const usual = this.#usual.get(key) ?? new Usual();
      usual.add(observation);
      this.#usual.delete(key);
      this.#usual.set(key, usual);
    }
    for (const oldest of this.#usual.keys()) {
      if (this.#usual.size <= HISTORIES_MAX) break;
      this.#usual.delete(oldest);
    }
  }
}

/** The narrowest first. */
function keysOf(fleet: string, { agent, requestType }: Observation): string[] {
  const own = JSON.stringify([fleet, agent]);
  if (requestType === null) return [own];
  return [JSON.stringify([fleet, agent, requestType]), own, JSON.stringify([fleet, null, requestType])];
}
