import type { Sighting } from '../anomaly/anomaly.js';
import type { Decision } from './decision.js';

/** Decisions that belong to one trace, or else to one conversation. */
export interface WatchedUnit {
  fleet: string;
  /** Those that are about to be recorded for the first time. */
  fresh: readonly Decision[];
  /** Those that were recorded, and come again since more of them became known. */
  amended: readonly Decision[];
  /** Every complete decision of the trace. */
  trace: readonly Decision[];
  /** Whether nothing more of the trace is waited for. */
  isSettled: boolean;
}

export interface Judgement {
  sightings: Sighting[];
  /** `groundingScore` of those fresh or amended, by the decision's id; null where there is nothing to judge by. */
  scores: ReadonlyMap<string, number | null>;
}

/** Whoever looks at decisions before they are sealed. */
export interface Watcher {
  /** Recalls what was learned of the fleet before. Rejects when the record cannot be read, and can be called again then. */
  prepare(fleet: string): Promise<void>;
  /** What is wrong with decisions that are complete. */
  judge(unit: WatchedUnit): Judgement;
  /** `groundingScore` of a decision that was judged before and is recorded again. */
  score(fleet: string, decision: Decision): number | null;
  /** What can be said already of decisions that are still running; each thing once. */
  glance(fleet: string, running: readonly Decision[]): Sighting[];
}
