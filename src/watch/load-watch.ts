import type { Sighting } from '../anomaly/anomaly.js';
import { groupRows } from '../db/group.js';
import { DECISIONS_MIN, type LoadMemory, loadsOfRoles, type RoleLoad, sumOf, watchLoad } from '../detect/load-skew.js';
import { named } from '../detect/named.js';
import { type FigureGroup, type FigureRecords, readFigures } from '../fleet/figures/read.js';
import { findRoles } from '../fleet/version/role.js';
import { floorTo, HOUR_MS, MINUTE_MS } from '../time.js';
import type { FigureDetector } from './figure-detector.js';
import type { Memory } from './memory.js';
import type { Shelf } from './shelf.js';
import { sightingOfAgent } from './sighting.js';

const FLEETS_MAX = 10_000;
/** How often figures are read; after a longer pause the time before is a gap. */
const READ_MS = 5 * MINUTE_MS;
/** A role's window is over when it has decisions enough, or after so long. */
const WINDOW_MAX_MS = HOUR_MS;

interface Watched extends LoadMemory {
  /** What is read next begins here. */
  fromMs: number;
  /** Windows that are not over, by agent. */
  counting: Readonly<Record<string, { decisions: number; sinceMs: number }>>;
}

/** Watches how the agents of a role share its work: in windows as long as it takes to tell, up to an hour. */
export class LoadWatch implements FigureDetector {
  readonly name = 'load';
  readonly everyMs = MINUTE_MS;
  readonly #records: FigureRecords;
  readonly #loads: Shelf<Watched>;

  constructor(records: FigureRecords, memory: Pick<Memory, 'shelf'>) {
    this.#records = records;
    this.#loads = memory.shelf('load-skew', { max: FLEETS_MAX });
  }

  async look(fleet: string, nowMs: number): Promise<Sighting[]> {
    const toMs = floorTo(nowMs, MINUTE_MS);
    const known = this.#loads.get(fleet, '') ?? { usual: {}, open: [], fromMs: toMs - READ_MS, counting: {} };
    if (toMs - known.fromMs < READ_MS) return [];
    const fromMs = Math.max(known.fromMs, toMs - WINDOW_MAX_MS);
    const read = await this.#readLoads(fleet, { fromMs, toMs });
    const loads = read.map((load) => addCounting(load, known.counting));
    const isOver = ({ decisions }: RoleLoad) =>
      sumOf(decisions.values()) >= DECISIONS_MIN || toMs - sinceOf(decisions, known.counting, fromMs) >= WINDOW_MAX_MS;
    const [over, going] = [loads.filter(isOver), loads.filter((load) => !isOver(load))];
    const concerned = new Set(over.flatMap(({ decisions }) => [...decisions.keys()]));
    const { memory, changes } = watchLoad(
      memoryOf(known, (agent) => concerned.has(agent)),
      over,
      nowMs,
    );
    const others = memoryOf(known, (agent) => !concerned.has(agent));
    this.#loads.set(fleet, '', {
      usual: { ...others.usual, ...memory.usual },
      open: [...others.open, ...memory.open],
      fromMs: toMs,
      counting: Object.fromEntries(
        going.flatMap(({ decisions }) => {
          const sinceMs = sinceOf(decisions, known.counting, fromMs);
          return [...decisions].map(([agent, count]) => [agent, { decisions: count, sinceMs }] as const);
        }),
      ),
    });
    return changes.found.map((found) => sightingOfAgent(found, nowMs, new Date(fromMs).toISOString()));
  }

  async #readLoads(fleet: string, { fromMs, toMs }: { fromMs: number; toMs: number }): Promise<RoleLoad[]> {
    const groups = await readFigures(this.#records, {
      fleet,
      source: 'DECISIONS',
      fromMs,
      toMs,
      stepMs: null,
      groupBy: ['AGENT', 'REGION', 'REQUEST_TYPE'],
      filter: {},
      tellsAgents: true,
      measures: [],
      totals: ['decisions'],
    });
    const byAgent = [...groupRows(groups, ({ labels: [agent = ''] }) => agent)];
    const roles = findRoles(
      byAgent.map(([agent, of]) => ({ agent, regions: labelsOf(of, 1), requestTypes: labelsOf(of, 2) })),
    );
    return loadsOfRoles(
      roles,
      byAgent.map(([name, of]) => ({
        name,
        decisions: of.reduce((sum, group) => sum + group.figures.counts.decisions, 0),
      })),
    );
  }
}

function addCounting({ role, decisions }: RoleLoad, counting: Watched['counting']): RoleLoad {
  return {
    role,
    decisions: new Map(
      [...decisions].map(([agent, count]) => [agent, count + (named(counting, agent)?.decisions ?? 0)]),
    ),
  };
}

/** When the role's window began: with the first of its agents'. */
function sinceOf(decisions: RoleLoad['decisions'], counting: Watched['counting'], fromMs: number): number {
  return Math.min(fromMs, ...[...decisions.keys()].map((agent) => named(counting, agent)?.sinceMs ?? fromMs));
}

function memoryOf({ usual, open }: LoadMemory, isWanted: (agent: string) => boolean): LoadMemory {
  return {
    usual: Object.fromEntries(Object.entries(usual).filter(([agent]) => isWanted(agent))),
    open: open.filter(({ agent }) => agent !== null && isWanted(agent)),
  };
}

function labelsOf(groups: readonly FigureGroup[], index: number): string[] {
  return [...new Set(groups.map(({ labels }) => labels[index] ?? ''))].filter((label) => label !== '');
}
