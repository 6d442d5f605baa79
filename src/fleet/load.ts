import { OTHER } from '../metric/slice.js';
import { compareText } from '../order.js';
import { type FigureGroup, type FigureRecords, readFigures } from './figures/read.js';
import { listAllAgents } from './store.js';
import type { Window } from './window.js';

/** How much of the fleet's work something carries. */
export interface Share {
  /** The agent's or the region's name; '' where no region is known. */
  name: string;
  decisions: number;
  /** Of all decisions, 0 to 1. */
  share: number;
  tokens: number;
  /** The time its decisions took together, milliseconds. */
  busyMs: number;
  /** Whether it stands for regions beyond the bound on cardinality. */
  isFolded: boolean;
}

export interface Load {
  decisions: number;
  /** The busiest first; agents without work are not among them. */
  agents: Share[];
  regions: Share[];
  /** The Gini coefficient over the fleet's agents, 0 all alike to nearly 1 one carries all; null without decisions. */
  skew: number | null;
  /** Agents that were seen before the window ended and had nothing to do in it. */
  idle: string[];
}

/** `isTimed`: whether `busyMs` is asked for; else it is 0. */
export async function readLoad(
  records: FigureRecords,
  { fleet, isTimed, ...window }: Window & { fleet: string; isTimed: boolean },
): Promise<Load> {
  const [groups, agents] = await Promise.all([
    readFigures(records, {
      fleet,
      source: 'DECISIONS',
      ...window,
      stepMs: null,
      groupBy: ['AGENT', 'REGION'],
      filter: {},
      tellsAgents: true,
      measures: isTimed ? ['latency'] : [],
      totals: ['decisions', 'input_tokens', 'output_tokens'],
    }),
    listAllAgents(records.pool, fleet),
  ]);
  const byAgent = sharesBy(groups, 0);
  const working = new Set(byAgent.map(({ name }) => name));
  const known = agents.filter(({ firstSeenAt }) => firstSeenAt.getTime() < window.toMs).map(({ name }) => name);
  const idle = known.filter((name) => !working.has(name));
  return {
    decisions: byAgent.reduce((sum, { decisions }) => sum + decisions, 0),
    agents: byAgent,
    regions: sharesBy(groups, 1),
    skew: giniOf([...byAgent.map(({ decisions }) => decisions), ...idle.map(() => 0)]),
    idle,
  };
}

function sharesBy(groups: readonly FigureGroup[], label: number): Share[] {
  const shares = new Map<string, Share>();
  let total = 0;
  for (const { labels, figures, isFolded } of groups) {
    const name = labels[label] as string;
    const { counts, summaries } = figures;
    const share = shares.get(name) ?? {
      name,
      decisions: 0,
      share: 0,
      tokens: 0,
      busyMs: 0,
      isFolded: isFolded && name === OTHER,
    };
    share.decisions += counts.decisions;
    share.tokens += counts.input_tokens + counts.output_tokens;
    share.busyMs += summaries.latency?.sum ?? 0;
    total += counts.decisions;
    shares.set(name, share);
  }
  return [...shares.values()]
    .filter(({ decisions }) => decisions > 0)
    .map((each) => ({ ...each, share: each.decisions / total }))
    .sort((left, right) => right.decisions - left.decisions || compareText(left.name, right.name));
}

/**
 * The Gini coefficient of amounts that are not negative: half the mean difference between two of them, relative to their
 * mean. 0 when all are alike, 1 − 1/n when one of n has everything; null when there is nothing to share.
 */
export function giniOf(amounts: readonly number[]): number | null {
  const sorted = [...amounts].sort((left, right) => left - right);
  const total = sorted.reduce((sum, amount) => sum + amount, 0);
  if (total === 0) return null;
  const weighted = sorted.reduce((sum, amount, index) => sum + (index + 1) * amount, 0);
  const count = sorted.length;
  return (2 * weighted) / (count * total) - (count + 1) / count;
}
