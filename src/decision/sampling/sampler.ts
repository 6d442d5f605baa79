import { hash } from 'node:crypto';
import type { SamplingSettings } from '../../settings/settings.js';
import type { Decision, RiskClass } from '../decision.js';
import { type Classifiable, classify, type LabelValues } from './classify.js';
import { findingOf, observe } from './finding.js';
import { History } from './history.js';
import type { Observation } from './usual.js';

export interface SamplerOptions {
  settings: SamplingSettings;
  /** What recent decisions of a fleet were like, the oldest first: history from before this process. */
  recall: (fleet: string) => Promise<readonly Observation[]>;
}

/** Decisions that are kept or dropped together. */
export interface SampledUnit {
  fleet: string;
  /** The trace they belong to, else the conversation, else the decision's id: equal keys give equal choices. */
  key: string;
  /** Those that are to be recorded now. */
  decisions: readonly Decision[];
  /** Of everything in the unit, recorded before or now: the highest share among them counts. */
  riskClasses: Iterable<RiskClass>;
  /** Whether something was found wrong with one of them. */
  isFound: boolean;
}

/**
 * Says of which decisions the content and the steps are kept: of all with a finding, and of the others the share of their
 * class by a hash of their trace. Before `prepare` has recalled a fleet's history, and for agents it does not know, more is
 * kept, never less.
 */
export class Sampler {
  readonly #settings: SamplingSettings;
  readonly #recall: SamplerOptions['recall'];
  readonly #history = new History();
  readonly #recalled = new Map<string, Promise<void>>();
  /** Whether anything can be dropped at all: without that nothing is worth remembering. */
  readonly #isDropping: boolean;

  constructor({ settings, recall }: SamplerOptions) {
    this.#settings = settings;
    this.#recall = recall;
    this.#isDropping = Object.values(settings.shares).some((share) => share < 1);
  }

  /** The part of each class that is kept when nothing is found, 0 to 1. */
  get shares(): SamplingSettings['shares'] {
    return this.#settings.shares;
  }

  /** The class of a decision that states none itself. */
  classify(decision: Classifiable, labels: LabelValues): RiskClass {
    return classify(decision, labels, this.#settings.rules);
  }

  /** Recalls what is usual in the fleet, once. Rejects when the record cannot be read, and can be called again then. */
  async prepare(fleet: string): Promise<void> {
    if (!this.#isDropping) return;
    const known = this.#recalled.get(fleet);
    if (known !== undefined) return known;
    const recalled = this.#learnFromRecord(fleet);
    this.#recalled.set(fleet, recalled);
    try {
      await recalled;
    } catch (error) {
      this.#recalled.delete(fleet);
      throw error;
    }
  }

  async #learnFromRecord(fleet: string): Promise<void> {
    for (const observation of await this.#recall(fleet)) this.#history.add(fleet, observation);
  }

  /** Whether the unit's content is kept. Its decisions are part of the history from then on. */
  keeps({ fleet, key, decisions, riskClasses, isFound }: SampledUnit): boolean {
    if (!this.#isDropping) return true;
    const share = Math.max(0, ...Array.from(riskClasses, (riskClass) => this.#settings.shares[riskClass]));
    const isKept =
      isFound ||
      fractionOf(fleet, key) < share ||
      decisions.some((decision) => findingOf(fleet, decision, this.#history) !== null);
    for (const decision of decisions) this.#history.add(fleet, observe(decision));
    return isKept;
  }
}

/** From 0 to below 1, evenly: the same for the same key, whatever the server, and nobody's to choose. */
export function fractionOf(fleet: string, key: string): number {
  const digest = hash('sha256', `${fleet}\n${key}`, 'buffer');
  return Number(digest.readBigUInt64BE(0) >> 11n) / 2 ** 53;
}
