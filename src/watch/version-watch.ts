import type { Sighting } from '../anomaly/anomaly.js';
import type { OpenIncidents } from '../detect/incident.js';
import { watchVersions } from '../detect/version-drift.js';
import type { FigureRecords } from '../fleet/figures/read.js';
import { readVersionDrift } from '../fleet/version/read.js';
import { HOUR_MS, MINUTE_MS } from '../time.js';
import type { FigureDetector } from './figure-detector.js';
import type { Memory } from './memory.js';
import type { Shelf } from './shelf.js';
import { sightingOfAgent } from './sighting.js';

const FLEETS_MAX = 10_000;
const RANGE_MS = 6 * HOUR_MS;

/** Watches who runs which version. */
export class VersionWatch implements FigureDetector {
  readonly name = 'versions';
  readonly everyMs = MINUTE_MS;
  readonly #records: FigureRecords;
  readonly #open: Shelf<OpenIncidents>;

  constructor(records: FigureRecords, memory: Pick<Memory, 'shelf'>) {
    this.#records = records;
    this.#open = memory.shelf('version-drift', { max: FLEETS_MAX });
  }

  async look(fleet: string, nowMs: number): Promise<Sighting[]> {
    const query = { records: this.#records, fleet, fromMs: nowMs - RANGE_MS, toMs: nowMs };
    const watched = watchVersions(await readVersionDrift(query), this.#open.get(fleet, '') ?? [], nowMs);
    const { found, ended } = watched.changes;
    if (found.length + ended.length > 0) this.#open.set(fleet, '', watched.open.length === 0 ? null : watched.open);
    return found.map((each) => sightingOfAgent(each, nowMs));
  }
}
