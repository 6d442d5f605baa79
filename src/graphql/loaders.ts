import type { Clock } from '../clock.js';
import type { Page, PageRequest } from '../db/page.js';
import type { Pool } from '../db/pool.js';
import type { DecisionFilter } from '../decision/filter.js';
import type { DecisionContent, DecisionRow, StepContent, StepRow } from '../decision/row.js';
import {
  type DecisionKey,
  findChildren,
  findContents,
  findDecisions,
  findParents,
  findStepContents,
  findSteps,
  listDecisionsOfAgents,
} from '../decision/store.js';
import { type AgentRow, type AgentStats, EMPTY_STATS } from '../fleet/agent.js';
import { findAgents, readAgentStats } from '../fleet/store.js';
import type { Entry } from '../ledger/chain.js';
import { findAmendments, findEntries } from '../ledger/store.js';
import { createLoader, type Loader } from './loader.js';

/** What the fields of a list's items read: one statement for the whole list, never one an item. */
export interface Loaders {
  agent: Loader<string, AgentRow | null>;
  decision: Loader<string, DecisionRow | null>;
  parent: Loader<DecisionRow, DecisionRow | null>;
  children: Loader<string, readonly DecisionRow[]>;
  content: Loader<string, DecisionContent | null>;
  steps: Loader<string, readonly StepRow[]>;
  stepContents: Loader<string, readonly StepContent[]>;
  entry: Loader<number, Entry | null>;
  amendments: Loader<string, readonly Entry[]>;
  /** By window: fields with the same one share a statement. */
  agentStats(windowMs: number): Loader<string, AgentStats>;
  /** By arguments: fields with the same ones share a statement. */
  agentDecisions(filter: DecisionFilter, page: PageRequest<DecisionKey>): Loader<string, Page<DecisionRow>>;
}

const EMPTY_PAGE: Page<DecisionRow> = { rows: [], hasNextPage: false, hasPreviousPage: false };

/** The loaders of one request of one fleet. */
export function createLoaders({ pool, fleet, clock }: { pool: Pool; fleet: string; clock: Clock }): Loaders {
  const byText = <Value>(find: (pool: Pool, fleet: string, keys: string[]) => Promise<Map<string, Value>>) => ({
    idOf: (key: string) => key,
    read: (keys: string[]) => find(pool, fleet, keys),
  });
  return {
    agent: createLoader({ ...byText(findAgents), missing: null }),
    decision: createLoader({ ...byText(findDecisions), missing: null }),
    parent: createLoader({
      idOf: (child) => child.id,
      read: (children) => findParents(pool, fleet, children),
      missing: null,
    }),
    children: createLoader({ ...byText(findChildren), missing: [] }),
    content: createLoader({ ...byText(findContents), missing: null }),
    steps: createLoader({ ...byText(findSteps), missing: [] }),
    stepContents: createLoader({ ...byText(findStepContents), missing: [] }),
    entry: createLoader({ idOf: (seq) => seq, read: (seqs) => findEntries(pool, fleet, seqs), missing: null }),
    amendments: createLoader({ ...byText(findAmendments), missing: [] }),
    agentStats: byArguments((windowMs: number) =>
      createLoader({
        idOf: (name: string) => name,
        read: (names) => readAgentStats({ pool, fleet, since: new Date(clock.now() - windowMs) }, names),
        missing: EMPTY_STATS,
      }),
    ),
    agentDecisions: byArguments((filter: DecisionFilter, page: PageRequest<DecisionKey>) =>
      createLoader({
        idOf: (name: string): string | null => name,
        read: (names) => listDecisionsOfAgents({ pool, fleet, filter, page }, names),
        missing: EMPTY_PAGE,
      }),
    ),
  };
}

/** One loader for each different list of arguments. */
function byArguments<Arguments extends readonly unknown[], Value>(
  create: (...args: Arguments) => Value,
): (...args: Arguments) => Value {
  const created = new Map<string, Value>();
  return (...args) => {
    const key = JSON.stringify(args);
    const known = created.get(key) ?? create(...args);
    created.set(key, known);
    return known;
  };
}
