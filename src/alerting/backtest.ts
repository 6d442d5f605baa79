import type { AlertRule } from '../alert/rule.js';
import { beginSimulation, type Firing } from '../alert/simulate.js';
import type { FigureRecords } from '../fleet/figures/read.js';
import { readGroups } from './figures.js';

export interface Past {
  fleet: string;
  fromMs: number;
  /** The last evaluation is here, or less than `everyMs` before. */
  toMs: number;
  /** Between two evaluations. */
  everyMs: number;
  /** Ends it early, by throwing the signal's reason. */
  signal?: AbortSignal;
}

/** When a rule would have fired over the record, for whom and how long, by the code that evaluates it. Changes nothing. */
export async function backtestRule(
  records: FigureRecords,
  rule: AlertRule,
  { fleet, fromMs, toMs, everyMs, signal }: Past,
): Promise<readonly Firing[]> {
  const simulation = beginSimulation(rule);
  for (let atMs = fromMs; atMs <= toMs; atMs += everyMs) {
    signal?.throwIfAborted();
    simulation.take({ atMs, groups: await readGroups({ records, fleet, atMs }, rule) });
  }
  return simulation.firings;
}
