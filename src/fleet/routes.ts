import type { Measure } from '../metric/figures.js';
import { type FigureGroup, type FigureRecords, readFigures } from './figures/read.js';
import { type AgentStats, STATS_TOTALS, statsOf } from './stats.js';
import type { Window } from './window.js';

/** One agent's part of the requests of one type. */
export interface Route {
  agent: string;
  /** '' where no type is known. */
  requestType: string;
  /** Whether it stands for the types beyond the bound on cardinality. */
  isFolded: boolean;
  /** Of the decisions of this type, 0 to 1. */
  share: number;
  stats: AgentStats;
}

/** Which agents take which request types, the largest first; `measures`: which of its stats are asked for. */
export async function readRoutes(
  records: FigureRecords,
  { fleet, measures, ...window }: Window & { fleet: string; measures: readonly Measure[] },
): Promise<Route[]> {
  const groups = await readFigures(records, {
    fleet,
    source: 'DECISIONS',
    ...window,
    stepMs: null,
    groupBy: ['AGENT', 'REQUEST_TYPE'],
    filter: {},
    tellsAgents: true,
    measures,
    totals: STATS_TOTALS,
  });
  return routesOf(groups);
}

function routesOf(groups: readonly FigureGroup[]): Route[] {
  const totals = new Map<string, number>();
  for (const { labels, figures } of groups) {
    const type = labels[1] as string;
    totals.set(type, (totals.get(type) ?? 0) + figures.counts.decisions);
  }
  return groups
    .map(({ labels: [agent = '', requestType = ''], isFolded, figures }) => ({
      agent,
      requestType,
      isFolded,
      share: figures.counts.decisions / Math.max(totals.get(requestType) ?? 0, 1),
      stats: statsOf(figures),
    }))
    .sort((left, right) => right.stats.decisions - left.stats.decisions);
}
