import { sumKnownDollars } from '../../cost/dollars.js';
import { groupRows } from '../../db/group.js';
import type { StepKind } from '../../decision/decision.js';
import type { Cascade } from './cascade.js';

/** Cascades that broke in the same place and went the same way. */
export interface CascadePattern {
  /** Names of agents from the last caller down to where it broke. */
  path: readonly string[];
  originAgent: string;
  stepKind: StepKind | null;
  stepName: string | null;
  count: number;
  failedDecisions: number;
  /** Decimal US dollars as text, of those whose cost is known; null when none is. */
  costUsd: string | null;
  /** The mean of theirs, 0 to 1. */
  confidence: number;
  firstAtMs: number;
  lastAtMs: number;
}

/** The most frequent first. */
export function groupCascades(cascades: readonly Cascade[]): CascadePattern[] {
  const groups = groupRows(cascades, (cascade) =>
    JSON.stringify([agentsOf(cascade), cascade.origin.step?.kind, cascade.origin.step?.name]),
  );
  const patterns = [...groups.values()].map(describe);
  return patterns.sort((left, right) => right.count - left.count || right.lastAtMs - left.lastAtMs);
}

export function agentsOf({ path }: Cascade): string[] {
  return path.map(({ row }) => row.agentName);
}

function describe(cascades: readonly Cascade[]): CascadePattern {
  const [{ origin }] = cascades as readonly [Cascade];
  const times = cascades.map(({ brokeAtMs }) => brokeAtMs);
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return {
    path: agentsOf(cascades[0] as Cascade),
    originAgent: origin.decision.row.agentName,
    stepKind: origin.step?.kind ?? null,
    stepName: origin.step?.name ?? null,
    count: cascades.length,
    failedDecisions: sum(cascades.map(({ decisions }) => decisions.length)),
    costUsd: sumKnownDollars(cascades.map(({ costUsd }) => costUsd)),
    confidence: sum(cascades.map(({ confidence }) => confidence)) / cascades.length,
    firstAtMs: Math.min(...times),
    lastAtMs: Math.max(...times),
  };
}
