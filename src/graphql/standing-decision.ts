import type { DecisionRow } from '../decision/row.js';
import { successorOf } from '../decision/successor.js';
import type { Loaders } from './loaders.js';

/** The decisions of these ids, each once, in their order; for one that turned out to be part of another since, that one. */
export async function findStandingDecisions(loaders: Loaders, ids: readonly string[]): Promise<DecisionRow[]> {
  const found = await Promise.all(ids.map((id) => findStanding(loaders, id)));
  return [...new Set(found)].filter((decision) => decision !== null);
}

async function findStanding(loaders: Loaders, id: string): Promise<DecisionRow | null> {
  const decision = await loaders.decision.load(id);
  if (decision !== null) return decision;
  const successor = successorOf(await loaders.amendments.load(id));
  return successor === null ? null : loaders.decision.load(successor);
}
