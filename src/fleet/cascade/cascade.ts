import { sumKnownDollars } from '../../cost/dollars.js';
import { groupRows } from '../../db/group.js';
import { type FailedDecision, intervalOf } from './failed-decision.js';
import { findOrigin, type Origin } from './origin.js';
import { judgeSpread, SPREAD_CONFIDENCE_MIN, type Spread } from './spread.js';

/** A failure that made callers fail, from where it broke to the last caller it reached. */
export interface Cascade {
  traceId: string | null;
  /** The decisions from the last caller down to where it broke. */
  path: readonly FailedDecision[];
  origin: Origin;
  /** Every decision that failed with it, those beside the path too, in order of start. */
  decisions: readonly FailedDecision[];
  /** Decimal US dollars as text, of those whose cost is known; null when none is. */
  costUsd: string | null;
  /** From the first start to the last end. */
  latencyMs: number;
  /** When it broke: the end of the step, else of the decision. */
  brokeAtMs: number;
  /** 0 to 1: that of its weakest link. */
  confidence: number;
  /** Sentences from where it broke upwards. */
  evidence: readonly string[];
}

interface Link extends Spread {
  child: FailedDecision;
  parent: FailedDecision;
}

/** The cascades among failed decisions, the one that broke last first. `parentIds`: who invoked whom, child to parent, by id. */
export function findCascades(failed: readonly FailedDecision[], parentIds: ReadonlyMap<string, string>): Cascade[] {
  const byId = new Map(failed.map((decision) => [decision.row.id, decision]));
  const links = failed.flatMap((child): Link[] => {
    const parent = byId.get(parentIds.get(child.row.id) ?? '');
    return parent === undefined || parent === child ? [] : [{ child, parent, ...judgeSpread(child, parent) }];
  });
  const spreading = links.filter(({ confidence }) => confidence >= SPREAD_CONFIDENCE_MIN);
  const below = groupRows(spreading, ({ parent }) => parent);
  const reached = new Set(spreading.map(({ child }) => child));
  const tops = [...below.keys()].filter((parent) => !reached.has(parent));
  return tops.map((top) => describe(top, below)).sort((left, right) => right.brokeAtMs - left.brokeAtMs);
}

function describe(top: FailedDecision, below: ReadonlyMap<FailedDecision, readonly Link[]>): Cascade {
  const links = pathFrom(top, below);
  const path = [top, ...links.map(({ child }) => child)];
  const origin = findOrigin(path.at(-1) ?? top);
  const decisions = allBelow(top, below);
  const startMs = Math.min(...decisions.map((decision) => intervalOf(decision).startMs));
  const endMs = Math.max(...decisions.map((decision) => intervalOf(decision).endMs));
  return {
    traceId: top.row.traceId,
    path,
    origin,
    decisions,
    costUsd: sumKnownDollars(decisions.map(({ row }) => row.costUsd)),
    latencyMs: endMs - startMs,
    brokeAtMs: origin.step?.endMs ?? intervalOf(origin.decision).endMs,
    confidence: Math.min(...links.map(({ confidence }) => confidence)),
    evidence: [origin.evidence, ...links.toReversed().flatMap(({ evidence }) => evidence)],
  };
}

/** Down to where it broke, by the strongest evidence; of equals, by the failure that came last before the caller's. */
function pathFrom(top: FailedDecision, below: ReadonlyMap<FailedDecision, readonly Link[]>): Link[] {
  const path: Link[] = [];
  for (let links = below.get(top); links !== undefined; ) {
    const strongest = links.reduce((best, link) => (explainsMore(link, best) ? link : best));
    path.push(strongest);
    links = below.get(strongest.child);
  }
  return path;
}

function explainsMore(link: Link, other: Link): boolean {
  if (link.confidence !== other.confidence) return link.confidence > other.confidence;
  return intervalOf(link.child).endMs > intervalOf(other.child).endMs;
}

function allBelow(top: FailedDecision, below: ReadonlyMap<FailedDecision, readonly Link[]>): FailedDecision[] {
  const found = [top];
  for (const decision of found) found.push(...(below.get(decision) ?? []).map(({ child }) => child));
  return found.sort((left, right) => intervalOf(left).startMs - intervalOf(right).startMs);
}
