import type { Sighting } from '../anomaly/anomaly.js';
import type { WatchedUnit } from '../decision/watcher.js';
import { findCascadeFailures } from '../detect/cascade-failure.js';
import { worksOfDecisions } from '../detect/root-cause/decision-work.js';
import { WorkFigures } from '../detect/root-cause/work-figures.js';
import type { Memory } from './memory.js';
import type { Shelf } from './shelf.js';
import { sightingOf } from './sighting.js';

const FLEETS_MAX = 100;
/** The figures of a fleet are large, and slow to change: they are saved again when they are so much more, or so many works. */
const UNSAVED_SHARE = 0.1;
const UNSAVED_MAX = 500;
/** From so many works on what is usual is known: then one trace in some keeps it up to date. */
const WORKS_KNOWN = 2_000;
const LEARNED_OF = 4;

/** Follows failures from agent to agent, and learns what a fleet's work is usually like. */
export class CascadeWatch {
  readonly #figures: Shelf<WorkFigures>;
  readonly #unsaved = new Map<string, number>();
  #traces = 0;

  constructor(memory: Pick<Memory, 'shelf'>) {
    this.#figures = memory.shelf('work', { max: FLEETS_MAX, revive: WorkFigures.restore });
  }

  observe({ fleet, fresh, trace, isSettled }: WatchedUnit, nowMs: number): Sighting[] {
    const usual = this.#figures.get(fleet, '') ?? new WorkFigures();
    const found = trace.length < 2 ? [] : findCascadeFailures(trace, { usual, isSettled });
    this.#learn(fleet, usual, fresh);
    return found.map(({ agent, decisionId, finding }) => {
      const segment = trace.find(({ id }) => id === decisionId)?.customerSegment ?? null;
      return { ...sightingOf({ agent, finding }, nowMs), decisionId, customerSegment: segment };
    });
  }

  #learn(fleet: string, usual: WorkFigures, fresh: WatchedUnit['fresh']): void {
    this.#traces += 1;
    if (usual.works >= WORKS_KNOWN && this.#traces % LEARNED_OF !== 0) return;
    const works = worksOfDecisions(fresh);
    if (works.length === 0) return;
    for (const work of works) usual.add(work);
    const unsaved = (this.#unsaved.get(fleet) ?? 0) + works.length;
    const isDue = unsaved >= Math.min(usual.works * UNSAVED_SHARE, UNSAVED_MAX);
    if (isDue) this.#figures.set(fleet, '', usual);
    this.#unsaved.set(fleet, isDue ? 0 : unsaved);
  }
}
