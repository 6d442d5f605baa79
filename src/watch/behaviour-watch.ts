import type { Sighting } from '../anomaly/anomaly.js';
import type { Decision } from '../decision/decision.js';
import { behaviourOf } from '../detect/drift/behaviour.js';
import { type DriftState, newDriftState, observeBehaviour } from '../detect/drift/observe.js';
import type { Memory } from './memory.js';
import type { Shelf } from './shelf.js';
import { sightingOfAgent } from './sighting.js';

const AGENTS_MAX = 5_000;

/** Follows how each agent behaves, against its own baseline. */
export class BehaviourWatch {
  readonly #states: Shelf<DriftState>;

  constructor(memory: Pick<Memory, 'shelf'>) {
    this.#states = memory.shelf('drift', { max: AGENTS_MAX });
  }

  /** Takes each decision once. */
  observe(fleet: string, decision: Decision, nowMs: number): Sighting[] {
    const { agent } = decision;
    const before = this.#states.get(fleet, agent) ?? newDriftState();
    const { state, findings } = observeBehaviour(before, behaviourOf(decision));
    this.#states.set(fleet, agent, state);
    return findings.map((finding) => sightingOfAgent({ agent, finding }, nowMs));
  }
}
