import { dollarsAsNumber } from '../cost/dollars.js';
import { type FigureRecords, readFigures } from './figures/read.js';
import { type Distribution, distributionOf } from './stats.js';
import type { Window } from './window.js';

/** One agent calling another, over all traces of a window. */
export interface Call {
  caller: string;
  callee: string;
  calls: number;
  /** Calls that failed. */
  errors: number;
  /** Of the callee's decisions. */
  latencyMs: Distribution;
  /** What the callee's decisions of known cost cost, their own calls not included. */
  costUsd: number;
}

export interface CallGraph {
  /** Agents that call or are called, by name. */
  agents: string[];
  /** The busiest first. */
  calls: Call[];
}

/** Who calls whom. The window is widened to whole minutes. */
export async function readCallGraph(records: FigureRecords, fleet: string, window: Window): Promise<CallGraph> {
  const groups = await readFigures(records, {
    fleet,
    source: 'CALLS',
    ...window,
    stepMs: null,
    groupBy: ['CALLER', 'AGENT'],
    filter: {},
    measures: ['latency'],
  });
  const calls = groups
    .map(({ labels: [caller = '', callee = ''], figures }) => ({
      caller,
      callee,
      calls: figures.counts.decisions,
      errors: figures.counts.errors,
      latencyMs: distributionOf(figures.summaries.latency),
      costUsd: dollarsAsNumber(figures.costPicodollars),
    }))
    .sort((left, right) => right.calls - left.calls);
  return { agents: [...new Set(calls.flatMap(({ caller, callee }) => [caller, callee]))].sort(), calls };
}
