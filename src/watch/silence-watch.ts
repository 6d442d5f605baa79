import type { Sighting } from '../anomaly/anomaly.js';
import type { Pool } from '../db/pool.js';
import type { OpenIncidents } from '../detect/incident.js';
import { watchSilence } from '../detect/silent-agent.js';
import type { AgentRow } from '../fleet/agent.js';
import type { StatusBoard } from '../fleet/status/board.js';
import { listAllAgents } from '../fleet/store.js';
import type { StatusSettings } from '../settings/settings.js';
import type { FigureDetector } from './figure-detector.js';
import type { Memory } from './memory.js';
import type { Shelf } from './shelf.js';
import { sightingOfAgent } from './sighting.js';

const FLEETS_MAX = 10_000;
/** What began longer ago and is sealed now has been waiting somewhere: while such comes, nobody can be called silent. */
const LATE_MS = 60_000;

/** When a fleet was listened to last, and since when without a break. */
interface Attention {
  lookedAtMs: number;
  sinceMs: number;
}

/** After a longer stop nobody is called silent for what could not be heard meanwhile. */
const AWAY_MS = 60_000;

interface SilenceWatchOptions {
  pool: Pool;
  statuses: StatusBoard;
  memory: Pick<Memory, 'shelf'>;
  settings: Pick<StatusSettings, 'silentAfterMs'>;
}

/** Listens for agents that are no longer heard. */
export class SilenceWatch implements FigureDetector {
  readonly name = 'silence';
  readonly everyMs = 10_000;
  readonly #options: SilenceWatchOptions;
  readonly #open: Shelf<OpenIncidents>;
  readonly #attention: Shelf<Attention>;
  /** Since when each fleet is listened to, of those that this process has looked at. */
  readonly #since = new Map<string, number>();

  constructor(options: SilenceWatchOptions) {
    this.#options = options;
    this.#open = options.memory.shelf('silent-agent', { max: FLEETS_MAX });
    this.#attention = options.memory.shelf('silence-attention', { max: FLEETS_MAX });
  }

  async look(fleet: string, nowMs: number): Promise<Sighting[]> {
    const { pool, statuses, settings } = this.#options;
    const listeningSinceMs = this.#listen(fleet, nowMs);
    const agents = await listAllAgents(pool, fleet);
    if (agents.length === 0 || (await this.#isCatchingUp(fleet, agents, nowMs))) return [];
    const rhythms = await statuses.readRhythms(fleet, nowMs, agents);
    const { silentAfterMs } = settings;
    const { open, changes, sinceMs } = watchSilence(
      [...rhythms].map(([agent, rhythm]) => ({ agent, rhythm, silentAfterMs })),
      { open: this.#open.get(fleet, '') ?? [], sinceMs: listeningSinceMs, nowMs },
    );
    this.#attend(fleet, { lookedAtMs: nowMs, sinceMs });
    if (changes.found.length + changes.ended.length > 0) this.#open.set(fleet, '', open.length === 0 ? null : open);
    return changes.found.map((found) => sightingOfAgent(found, nowMs));
  }

  /** Since when the fleet is listened to: from before a restart on, unless that took long. */
  #listen(fleet: string, nowMs: number): number {
    const before = this.#attention.get(fleet, '');
    const isUnbroken = before !== null && nowMs - before.lookedAtMs <= AWAY_MS;
    const sinceMs = this.#since.get(fleet) ?? (isUnbroken ? before.sinceMs : nowMs);
    this.#attend(fleet, { lookedAtMs: nowMs, sinceMs });
    return sinceMs;
  }

  #attend(fleet: string, attention: Attention): void {
    this.#since.set(fleet, attention.sinceMs);
    this.#attention.set(fleet, '', attention);
  }

  async #isCatchingUp(fleet: string, agents: readonly AgentRow[], nowMs: number): Promise<boolean> {
    const newestMs = Math.max(...agents.map(({ lastSeenAt }) => lastSeenAt.getTime()));
    if (newestMs > nowMs - LATE_MS) return false;
    const { rows } = await this.#options.pool.query<{ recorded_at: Date }>(
      `SELECT recorded_at FROM ledger_entry WHERE fleet_id = $1 AND kind = 'DECISION' ORDER BY seq DESC LIMIT 1`,
      [fleet],
    );
    return rows[0] !== undefined && rows[0].recorded_at.getTime() > nowMs - LATE_MS;
  }
}
