import type { Pool } from '../../db/pool.js';
import type { StatusSettings } from '../../settings/settings.js';
import { DAY_MS, dayOf, HOUR_MS, shiftDay } from '../../time.js';
import type { AgentRow } from '../agent.js';
import { type FigureQuery, type FigureRecords, readFigures } from '../figures/read.js';
import { type AgentStats, EMPTY_STATS, statsOf } from '../stats.js';
import { type Health, judgeHealth, type Performance } from './judge.js';
import { RECENT_MAX, type Rhythm } from './rhythm.js';

const WEEK_MS = 7 * DAY_MS;
/** What is usual changes slowly: it is read again after this. */
const HISTORY_KEPT_MS = 60_000;
const FLEETS_KEPT_MAX = 100;
/** An agent younger than a day has gaps of less: after so long it is silent whatever they were, and nobody reads them. */
const RECENT_MS = 10 * DAY_MS;

/** What the agents of a fleet usually do. */
interface History {
  readAtMs: number;
  usual: ReadonlyMap<string, AgentStats>;
  hours: ReadonlyMap<string, ReadonlyMap<number, number>>;
}

/** Says how the agents of a fleet are: four statements for all of them, two of which are remembered for a minute. */
export class StatusBoard {
  readonly #records: FigureRecords;
  readonly #settings: StatusSettings;
  readonly #histories = new Map<string, History>();

  constructor(records: FigureRecords, settings: StatusSettings) {
    this.#records = records;
    this.#settings = settings;
  }

  /** How these agents are, by name; whoever asks reads them and their last hour, and often shows both too. */
  async read(
    fleet: string,
    nowMs: number,
    known: { agents: Promise<readonly AgentRow[]>; lastHour: Promise<ReadonlyMap<string, AgentStats>> },
  ): Promise<Map<string, Health>> {
    const [agents, stats, history] = await Promise.all([known.agents, known.lastHour, this.#historyOf(fleet, nowMs)]);
    const young = agents.filter((agent) => isYoung(agent) && agent.lastSeenAt.getTime() > nowMs - RECENT_MS);
    const recent = await readRecent(this.#records.pool, { fleet, nowMs }, young);
    const rhythms = rhythmsOf(agents, history, recent);
    return new Map(
      [...rhythms].map(([name, rhythm]) => {
        const evidence = {
          now: performanceOf(stats.get(name) ?? EMPTY_STATS),
          usual: performanceOf(history.usual.get(name) ?? EMPTY_STATS),
          rhythm,
        };
        return [name, judgeHealth(evidence, this.#settings, nowMs)];
      }),
    );
  }

  /** What is known of the past of these agents, by name, with the last decisions of those that made some today. */
  async readRhythms(fleet: string, nowMs: number, agents: readonly AgentRow[]): Promise<Map<string, Rhythm>> {
    const active = agents.filter(({ lastSeenAt }) => lastSeenAt.getTime() > nowMs - DAY_MS);
    const [history, recent] = await Promise.all([
      this.#historyOf(fleet, nowMs),
      readRecent(this.#records.pool, { fleet, nowMs }, active),
    ]);
    return rhythmsOf(agents, history, recent);
  }

  async #historyOf(fleet: string, nowMs: number): Promise<History> {
    const known = this.#histories.get(fleet);
    if (known !== undefined && Math.abs(nowMs - known.readAtMs) < HISTORY_KEPT_MS) return known;
    const history = await readHistory(this.#records, fleet, nowMs);
    this.#histories.delete(fleet);
    this.#histories.set(fleet, history);
    const [oldest] = this.#histories.keys();
    if (oldest !== undefined && this.#histories.size > FLEETS_KEPT_MAX) this.#histories.delete(oldest);
    return history;
  }
}

function rhythmsOf(
  agents: readonly AgentRow[],
  { hours }: History,
  recent: ReadonlyMap<string, readonly number[]>,
): Map<string, Rhythm> {
  return new Map(
    agents.map(({ name, firstSeenAt, lastSeenAt }) => [
      name,
      {
        firstSeenMs: firstSeenAt.getTime(),
        lastSeenMs: lastSeenAt.getTime(),
        hours: hours.get(name) ?? new Map(),
        recentMs: recent.get(name) ?? [],
      },
    ]),
  );
}

function isYoung({ firstSeenAt, lastSeenAt }: AgentRow): boolean {
  return lastSeenAt.getTime() - firstSeenAt.getTime() < DAY_MS;
}

function byAgent(range: { fleet: string; fromMs: number; toMs: number }): FigureQuery {
  return {
    source: 'DECISIONS',
    stepMs: null,
    groupBy: ['AGENT'],
    filter: {},
    measures: ['latency'],
    totals: ['decisions', 'errors'],
    ...range,
  };
}

function performanceOf({ decisions, errorRate, latencyMs }: AgentStats): Performance {
  return { decisions, errors: Math.round(errorRate * decisions), p95LatencyMs: latencyMs.p95 };
}

/** The week before the last hour; whole hours, so that rollups answer it. */
async function readHistory(records: FigureRecords, fleet: string, nowMs: number): Promise<History> {
  const hourMs = Math.floor(nowMs / HOUR_MS) * HOUR_MS;
  const week = { fleet, fromMs: hourMs - HOUR_MS - WEEK_MS, toMs: hourMs - HOUR_MS };
  const [usual, byHour] = await Promise.all([
    readFigures(records, byAgent(week)),
    readFigures(records, { ...byAgent(week), toMs: hourMs + HOUR_MS, stepMs: HOUR_MS, measures: [] }),
  ]);
  const hours = new Map<string, Map<number, number>>();
  for (const { labels, step, figures } of byHour) {
    const name = labels[0] as string;
    const counts = hours.get(name) ?? new Map<number, number>();
    counts.set(week.fromMs + step * HOUR_MS, figures.counts.decisions);
    hours.set(name, counts);
  }
  return {
    readAtMs: nowMs,
    usual: new Map(usual.map(({ labels: [name = ''], figures }) => [name, statsOf(figures)])),
    hours,
  };
}

/** When the last decisions of these agents started, of the last days, newest first, by agent. */
async function readRecent(
  pool: Pool,
  { fleet, nowMs }: { fleet: string; nowMs: number },
  agents: readonly AgentRow[],
): Promise<Map<string, number[]>> {
  if (agents.length === 0) return new Map();
  const firstMs = Math.min(...agents.map(({ firstSeenAt }) => firstSeenAt.getTime()));
  const sinceMs = Math.max(firstMs, nowMs - RECENT_MS);
  const { rows } = await pool.query<{ agent: string; started_at: Date[] }>(
    `SELECT known.agent, ARRAY(
       SELECT d.started_at FROM decision d
       WHERE d.fleet_id = $1 AND d.agent = known.agent AND d.sealed_on BETWEEN $3::date AND $4::date
       ORDER BY d.started_at DESC, d.id DESC LIMIT ${RECENT_MAX}) AS started_at
     FROM unnest($2::text[]) AS known (agent)`,
    [fleet, agents.map(({ name }) => name), shiftDay(dayOf(sinceMs), -1), dayOf(nowMs)],
  );
  return new Map(rows.map(({ agent, started_at: times }) => [agent, times.map((time) => time.getTime())]));
}
