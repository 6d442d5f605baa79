import type { AssembledDecision } from '../assembly/assemble.js';
import type { Decision } from '../decision.js';
import { revisionHashOf } from '../record/payload.js';
import type { Recordable } from '../record/record.js';
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
  /** When the trace must be looked at again although nothing came; null when nothing is waited for. */
  waitUntilMs: number | null;
}

/**
 * What there is to record of a trace now: decisions that are complete or have waited long enough and were not sealed as
 * they stand. A decision that holds the spans of one that was sealed amends it under its old id.
 */
export function planTrace(
  trace: Trace,
  assembled: readonly { assembled: AssembledDecision; decision: Decision }[],
  { nowMs, patience }: { nowMs: number; patience: Patience },
): TracePlan {
  const plan: TracePlan = { items: [], links: [], superseded: [], waitUntilMs: null };
  const idBySpan = sealedIdBySpan(trace);
  const finalIds = new Map<string, string>();
  for (const {
    decision,
    assembled: { spanIds },
  } of assembled)
    finalIds.set(decision.id, finalIdOf(decision, { spanIds, idBySpan, trace }));

  for (const {
    decision,
    assembled: { spanIds, state },
  } of assembled) {
    const waitMs = waitFor(state, patience);
    const dueMs = trace.lastArrivalMs + waitMs;
    if (dueMs > nowMs && waitMs > 0) {
      plan.waitUntilMs = Math.min(plan.waitUntilMs ?? Number.POSITIVE_INFINITY, dueMs);
      continue;
    }
    const id = finalIds.get(decision.id) as string;
    const parentId = decision.parentId === null ? null : (finalIds.get(decision.parentId) ?? decision.parentId);
    // An agent that is not instrumented itself is seen from its caller's side only: nothing is missing then.
    const complete = state === 'closed' || state === 'awaiting-callee';
    const isPlanned = planDecision(plan, trace, { decision: { ...decision, id, parentId, complete }, spanIds });
    if (!isPlanned) continue;
    for (const other of overlapping(spanIds, { idBySpan, except: id })) plan.superseded.push({ id: other, by: id });
  }
  return plan;
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

/** Whether the decision is to be sealed or amended now. */
function planDecision(
  plan: TracePlan,
  trace: Trace,
  found: { decision: Decision; spanIds: readonly string[] },
): boolean {
  const { decision, spanIds } = found;
  const sealed = trace.sealed.get(decision.id);
  const mode = modeOf(sealed, trace, found);
  if (mode !== null) {
    plan.items.push({ decision, spanIds, journalIds: trace.journalIdsOf(spanIds), mode });
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
