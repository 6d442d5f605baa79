import type { Sighting } from '../../anomaly/anomaly.js';
import type { AssembledDecision } from '../assembly/assemble.js';
import type { Decision } from '../decision.js';
import { revisionHashOf } from '../record/payload.js';
import type { Recordable } from '../record/record.js';
import type { SampledUnit } from '../sampling/sampler.js';
import type { Judgement, WatchedUnit } from '../watcher.js';
import type { SealedDecision, Trace } from './trace.js';

/** How long a decision may wait for what is missing, milliseconds since the last span of its trace came. */
export interface Patience {
  /** For the root of a trace, or a parent, that was named and has not come. */
  settleMs: number;
  /** For the other side of a call to a remote agent. */
  calleeMs: number;
}

export interface TracePlan {
  items: Recordable[];
  links: { id: string; parentId: string }[];
  superseded: { id: string; by: string }[];
  sightings: Sighting[];
  /** When the trace must be looked at again although nothing came; null when nothing is waited for. */
  waitUntilMs: number | null;
}

/** What a decision of a trace is, and what is known of it in the record. */
interface Candidate {
  decision: Decision;
  spanIds: readonly string[];
  sealed: SealedDecision | undefined;
  /** Whether the record is to be told of it; null: it stands as it is. */
  mode: Recordable['mode'] | null;
}

export interface PlanOptions {
  nowMs: number;
  patience: Patience;
  /** Asked once, when there is something to record. */
  judge: (unit: Omit<WatchedUnit, 'fleet'> & Pick<SampledUnit, 'riskClasses'>) => Verdict;
  /** `groundingScore` of a decision that nothing new is known of. */
  score: (decision: Decision) => number | null;
  /** What can be said of decisions that are not complete yet. */
  glance: (running: readonly Decision[]) => Sighting[];
}

export interface Verdict extends Judgement {
  /** Whether the content is kept of all decisions of the trace. */
  isKept: boolean;
}

/**
 * What there is to record of a trace now: decisions that are complete or have waited long enough and were not sealed as
 * they stand. A decision that holds the spans of one that was sealed amends it under its old id. The content of a trace is
 * kept as a whole or not at all: when something comes that keeps it, what was sealed without is amended.
 */
export function planTrace(
  trace: Trace,
  assembled: readonly { assembled: AssembledDecision; decision: Decision }[],
  { nowMs, patience, judge, score, glance }: PlanOptions,
): TracePlan {
  const plan: TracePlan = { items: [], links: [], superseded: [], sightings: [], waitUntilMs: null };
  const idBySpan = sealedIdBySpan(trace);
  const finalIds = new Map<string, string>();
  for (const {
    decision,
    assembled: { spanIds },
  } of assembled)
    finalIds.set(decision.id, finalIdOf(decision, { spanIds, idBySpan, trace }));

  const candidates: Candidate[] = [];
  const running: Decision[] = [];
  for (const {
    decision,
    assembled: { spanIds, state },
  } of assembled) {
    const waitMs = waitFor(state, patience);
    const dueMs = trace.lastArrivalMs + waitMs;
    if (dueMs > nowMs && waitMs > 0) {
      plan.waitUntilMs = Math.min(plan.waitUntilMs ?? Number.POSITIVE_INFINITY, dueMs);
      running.push(decision);
      continue;
    }
    const id = finalIds.get(decision.id) as string;
    const parentId = decision.parentId === null ? null : (finalIds.get(decision.parentId) ?? decision.parentId);
    // An agent that is not instrumented itself is seen from its caller's side only: nothing is missing then.
    const complete = state === 'closed' || state === 'awaiting-callee' || state === 'unending';
    candidates.push(candidateOf(trace, { decision: { ...decision, id, parentId, complete }, spanIds }));
  }

  const { isKept, sightings, scores } = judgeTrace(trace, candidates, { judge, isSettled: plan.waitUntilMs === null });
  plan.sightings.push(...sightings, ...glance(running));
  const scoreOf = (decision: Decision) => {
    const judged = scores.get(decision.id);
    return judged === undefined ? score(decision) : judged;
  };
  for (const candidate of candidates) {
    const isPlanned = planDecision(plan, trace, { ...candidate, isKept, scoreOf });
    if (!isPlanned) continue;
    const { spanIds, decision } = candidate;
    for (const other of overlapping(spanIds, { idBySpan, except: decision.id })) {
      plan.superseded.push({ id: other, by: decision.id });
    }
  }
  return plan;
}

/** What was kept of a trace stays, and keeps what comes later; nothing new changes nothing. */
function judgeTrace(
  trace: Trace,
  candidates: readonly Candidate[],
  { judge, isSettled }: Pick<PlanOptions, 'judge'> & { isSettled: boolean },
): Verdict {
  const inMode = (wanted: Recordable['mode']) =>
    candidates.filter(({ mode }) => mode === wanted).map(({ decision }) => decision);
  const [fresh, amended] = [inMode('seal'), inMode('amend')];
  const wasKept = [...trace.sealed.values()].some(({ sampled }) => sampled);
  if (fresh.length + amended.length === 0) return { isKept: wasKept, sightings: [], scores: new Map() };
  const all = candidates.map(({ decision }) => decision);
  const riskClasses = new Set(all.map(({ riskClass }) => riskClass));
  const verdict = judge({ fresh, amended, trace: all, isSettled, riskClasses });
  return { ...verdict, isKept: verdict.isKept || wasKept };
}

function waitFor(state: AssembledDecision['state'], { settleMs, calleeMs }: Patience): number {
  if (state === 'closed') return 0;
  return state === 'awaiting-callee' ? calleeMs : settleMs;
}

function sealedIdBySpan(trace: Trace): Map<string, string> {
  const ids = new Map<string, string>();
  for (const { id, spanIds } of trace.sealed.values()) for (const spanId of spanIds) ids.set(spanId, id);
  return ids;
}

/** Its own id when it was sealed under that or never; else the id under which its first spans were sealed. */
function finalIdOf(
  decision: Decision,
  known: { spanIds: readonly string[]; idBySpan: ReadonlyMap<string, string>; trace: Trace },
): string {
  if (known.trace.sealed.has(decision.id)) return decision.id;
  const [sealedId] = overlapping(known.spanIds, { idBySpan: known.idBySpan, except: decision.id });
  return sealedId ?? decision.id;
}

function overlapping(
  spanIds: readonly string[],
  { idBySpan, except }: { idBySpan: ReadonlyMap<string, string>; except: string },
): Set<string> {
  const ids = new Set<string>();
  for (const spanId of spanIds) {
    const id = idBySpan.get(spanId);
    if (id !== undefined && id !== except) ids.add(id);
  }
  return ids;
}

function candidateOf(trace: Trace, found: { decision: Decision; spanIds: readonly string[] }): Candidate {
  const sealed = trace.sealed.get(found.decision.id);
  return { ...found, sealed, mode: modeOf(sealed, trace, found) };
}

/** Whether the decision is to be sealed or amended now. */
function planDecision(
  plan: TracePlan,
  trace: Trace,
  candidate: Candidate & { isKept: boolean; scoreOf: PlanOptions['score'] },
): boolean {
  const { decision, spanIds, sealed, isKept, scoreOf } = candidate;
  const isLost = isKept && sealed?.sampled === false && isPartOf(sealed, trace);
  const mode = candidate.mode ?? (isLost ? 'amend' : null);
  if (mode !== null) {
    plan.items.push({
      decision: { ...decision, groundingScore: scoreOf(decision) },
      spanIds,
      journalIds: trace.journalIdsOf(spanIds),
      mode,
      sampled: isKept,
      hasKin: trace.sealed.size > 0,
    });
  } else if (sealed?.parentId === null && decision.parentId !== null) {
    plan.links.push({ id: decision.id, parentId: decision.parentId });
  }
  return mode !== null;
}

function modeOf(
  sealed: SealedDecision | undefined,
  trace: Trace,
  { decision, spanIds }: { decision: Decision; spanIds: readonly string[] },
): Recordable['mode'] | null {
  if (sealed === undefined) return 'seal';
  const isChanged = isPartOf(sealed, trace) && !sealed.revisionHash.equals(revisionHashOf(decision, spanIds));
  return isChanged ? 'amend' : null;
}

/** False when spans it was sealed with are gone from the journal: less is known now, so it stays as it stands. */
function isPartOf(sealed: SealedDecision, trace: Trace): boolean {
  for (const spanId of sealed.spanIds) if (!trace.has(spanId)) return false;
  return true;
}
