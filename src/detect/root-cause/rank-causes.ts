import { fisherTail } from '../significance.js';
import { rankSuspects, type Suspect } from './blame.js';
import { excessOver, medianOf } from './excess.js';
import { ERROR_WEIGHT, type Symptom } from './symptom.js';
import type { Work } from './work.js';
import { type FailureCount, type Timing, WorkFigures } from './work-figures.js';

/** Fewer usual values say nothing of what is usual. */
const USUAL_VALUES_MIN = 4;
/** Shorter times are within the accuracy of clocks. */
const SHORTEST_MS = 1;
/** Errors that come about by chance more often than this are no symptom. */
const ERROR_CHANCE_MAX = 0.05;
/** What fails where one hands work to another may be the fault of either. */
const BOUNDARY_ERROR_WEIGHT = 0.5;

/** Who is most likely to blame for what went wrong in these trees of work, the likeliest first. */
export function rankCauses(works: Iterable<Work>, usual: WorkFigures): Suspect[] {
  const now = new WorkFigures();
  for (const work of works) now.add(work);
  return rankSuspects(symptomsOf(now, usual));
}

function symptomsOf(now: WorkFigures, usual: WorkFigures): Symptom[] {
  return [
    ...Array.from(now.timings).flatMap((timing) => slowness(timing, usual.timingLike(timing))),
    ...Array.from(now.failures).flatMap((count) => failures(count, usual.failuresLike(count))),
  ];
}

function slowness(now: Timing, usual: Timing | undefined): Symptom[] {
  if (usual === undefined || usual.values.length < USUAL_VALUES_MIN) return [];
  const { doer, callee, operation, values } = now;
  return [
    {
      kind: callee === null ? 'OWN_TIME' : 'GAP',
      doer,
      callee,
      operation,
      excess: excessOver(usual.values, values, SHORTEST_MS),
      observations: values.length,
      usual: medianOf(usual.values),
      now: medianOf(values),
    },
  ];
}

function failures(now: FailureCount, usual: FailureCount | undefined): Symptom[] {
  const before = { hits: usual?.failed ?? 0, total: usual?.total ?? 0 };
  const after = { hits: now.failed, total: now.total };
  // Laplace's half: what was seen a few times and never failed may fail all the same.
  const usualRate = (before.hits + 0.5) / (before.total + 1);
  const grown = after.hits / after.total - usualRate;
  if (grown <= 0 || fisherTail(after, before) >= ERROR_CHANCE_MAX) return [];
  const weight = ERROR_WEIGHT * (now.atBoundary * 2 > now.total ? BOUNDARY_ERROR_WEIGHT : 1);
  return [
    {
      kind: 'ERROR',
      doer: now.doer,
      callee: null,
      operation: now.operation,
      excess: weight * grown,
      observations: now.total,
      usual: before.total === 0 ? 0 : before.hits / before.total,
      now: after.hits / after.total,
    },
  ];
}
