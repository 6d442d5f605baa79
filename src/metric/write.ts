import { hash } from 'node:crypto';
import { copyRows, encodeRows } from '../db/copy.js';
import type { Client } from '../db/pool.js';
import { DAY_MS, floorTo } from '../time.js';
import { type CardinalityLimits, DayCardinality, type FoldedSlice, keyedSlice } from './cardinality.js';
import type { Contribution, Figures } from './figures.js';
import { addFigures, emptyFigures, figureValues, ROLLUP_COLUMNS } from './rollup-row.js';
import { DIMENSION_COLUMNS, DIMENSIONS, type Dimension, type Labels, type SliceSource } from './slice.js';

/** Days of one fleet whose values are held in memory: today's, and what comes late. */
const DAYS_HELD_MAX = 16;
/** Slices of one fleet whose ids are held in memory; beyond, they are asked again. */
const IDS_HELD_MAX = 100_000;

interface KnownSlice {
  id: number;
  firstAtMs: number;
}

interface FleetSlices {
  /** By the slice's key. */
  ids: Map<string, KnownSlice>;
  /** By the day's start, milliseconds since the epoch. */
  days: Map<number, DayCardinality>;
}

/** Takes contributions into the figures. */
export interface FigureWriter {
  /** In the caller's transaction: with it they are there or not. */
  write(client: Client, fleet: string, contributions: readonly Contribution[]): Promise<void>;
  /** To be called when a transaction that wrote was rolled back. */
  forget(fleet: string): void;
}

/**
 * Writes contributions as deltas, and knows the slices of each fleet meanwhile. What it knows can be read again, so a failed
 * transaction costs nothing.
 */
export class SliceBook implements FigureWriter {
  readonly #limits: CardinalityLimits;
  readonly #fleets = new Map<string, FleetSlices>();

  constructor(limits: CardinalityLimits) {
    this.#limits = limits;
  }

  async write(client: Client, fleet: string, contributions: readonly Contribution[]): Promise<void> {
    if (contributions.length === 0) return;
    const slices = this.#slicesOf(fleet);
    await learnDays(client, { fleet, slices, limits: this.#limits }, contributions);
    const placed = foldTogether(contributions, slices);
    await learnSlices(client, { fleet, slices }, placed);
    const rows = placed.map(({ slice, minuteMs, figures }) => [
      fleet,
      new Date(minuteMs),
      (slices.ids.get(slice.key) as KnownSlice).id,
      ...figureValues(figures),
    ]);
    await copyRows(client, { table: 'rollup_delta', columns: ROLLUP_COLUMNS }, encodeRows(rows));
  }

  forget(fleet: string): void {
    this.#fleets.delete(fleet);
  }

  #slicesOf(fleet: string): FleetSlices {
    const known = this.#fleets.get(fleet) ?? { ids: new Map(), days: new Map() };
    if (known.ids.size > IDS_HELD_MAX) known.ids.clear();
    this.#fleets.set(fleet, known);
    return known;
  }
}

interface Placed {
  slice: FoldedSlice;
  minuteMs: number;
  figures: Figures;
}

/** One row for each slice and minute, however many decisions it holds. */
function foldTogether(contributions: readonly Contribution[], { days }: FleetSlices): Placed[] {
  const placed = new Map<string, Placed>();
  for (const contribution of contributions) {
    const { minuteMs } = contribution;
    const slice = (days.get(floorTo(minuteMs, DAY_MS)) as DayCardinality).fold(contribution.slice);
    const key = `${minuteMs}\n${slice.key}`;
    const known = placed.get(key) ?? { slice, minuteMs, figures: emptyFigures() };
    addFigures(known.figures, contribution);
    placed.set(key, known);
  }
  return [...placed.values()];
}

interface SliceRow {
  id: number;
  key: Buffer;
  first_at: Date;
}

type LabelColumn = (typeof DIMENSION_COLUMNS)[Dimension];
type StandingSlice = { source: SliceSource; folded: Dimension[] } & Record<LabelColumn, string>;

const SLICES_OF_DAY = `
  SELECT s.* FROM metric_slice s WHERE s.fleet_id = $1 AND s.id IN (
    SELECT slice_id FROM rollup_day WHERE fleet_id = $1 AND bucket = $2::timestamptz
    UNION
    SELECT slice_id FROM rollup_delta
    WHERE fleet_id = $1 AND bucket >= $2::timestamptz AND bucket < $2::timestamptz + interval '1 day')`;

async function learnDays(
  client: Client,
  { fleet, slices, limits }: { fleet: string; slices: FleetSlices; limits: CardinalityLimits },
  contributions: readonly Contribution[],
): Promise<void> {
  const wanted = new Set(contributions.map(({ minuteMs }) => floorTo(minuteMs, DAY_MS)));
  for (const dayMs of wanted) {
    if (slices.days.has(dayMs)) continue;
    const { rows } = await client.query<StandingSlice>(SLICES_OF_DAY, [fleet, new Date(dayMs)]);
    slices.days.set(dayMs, new DayCardinality(limits, rows.map(toFoldedSlice)));
  }
  for (const dayMs of slices.days.keys()) {
    if (slices.days.size <= DAYS_HELD_MAX) break;
    if (!wanted.has(dayMs)) slices.days.delete(dayMs);
  }
}

function toFoldedSlice(row: StandingSlice): FoldedSlice {
  const labels = Object.fromEntries(
    DIMENSIONS.map((dimension) => [dimension, row[DIMENSION_COLUMNS[dimension]]]),
  ) as Record<Dimension, string>;
  return keyedSlice({ source: row.source, labels }, row.folded);
}

const LABEL_COLUMNS = DIMENSIONS.map((dimension) => DIMENSION_COLUMNS[dimension]);

/** Slices seen for the first time get a row; another thread may have had the same thought. */
const INSERT_SLICES = `
  INSERT INTO metric_slice (fleet_id, key, source, folded, first_at, ${LABEL_COLUMNS.join(', ')})
  SELECT $1, decode(key, 'hex'), source, ARRAY(SELECT jsonb_array_elements_text(folded)), first_at, ${LABEL_COLUMNS.join(', ')}
  FROM jsonb_to_recordset($2) AS slice (key text, source text, folded jsonb, first_at timestamptz,
    ${LABEL_COLUMNS.map((column) => `${column} text`).join(', ')})
  ORDER BY key
  ON CONFLICT (fleet_id, key) DO NOTHING`;

async function learnSlices(
  client: Client,
  { fleet, slices }: { fleet: string; slices: FleetSlices },
  placed: readonly Placed[],
): Promise<void> {
  const firstMinutes = new Map<string, Placed>();
  for (const each of placed) {
    const known = firstMinutes.get(each.slice.key);
    if (known === undefined || each.minuteMs < known.minuteMs) firstMinutes.set(each.slice.key, each);
  }
  const unknown = [...firstMinutes.values()].filter(({ slice }) => !slices.ids.has(slice.key));
  if (unknown.length > 0) await insertSlices(client, { fleet, slices }, unknown);
  const earlier = [...firstMinutes.values()].filter(
    ({ slice, minuteMs }) => minuteMs < (slices.ids.get(slice.key) as KnownSlice).firstAtMs,
  );
  if (earlier.length > 0) await moveFirst(client, slices, earlier);
}

async function insertSlices(
  client: Client,
  { fleet, slices }: { fleet: string; slices: FleetSlices },
  unknown: readonly Placed[],
): Promise<void> {
  const hashed = new Map(unknown.map(({ slice }) => [hash('sha256', slice.key), slice.key]));
  const records = unknown.map(({ slice, minuteMs }) => ({
    key: hash('sha256', slice.key),
    source: slice.source,
    folded: slice.folded,
    first_at: new Date(minuteMs),
    ...columnsOf(slice.labels),
  }));
  await client.query(INSERT_SLICES, [fleet, JSON.stringify(records)]);
  const { rows } = await client.query<SliceRow>(
    'SELECT id, key, first_at FROM metric_slice WHERE fleet_id = $1 AND key = ANY($2)',
    [fleet, [...hashed.keys()].map((key) => Buffer.from(key, 'hex'))],
  );
  for (const { id, key, first_at: firstAt } of rows) {
    slices.ids.set(hashed.get(key.toString('hex')) as string, { id, firstAtMs: firstAt.getTime() });
  }
}

function columnsOf(labels: Labels): Record<string, string> {
  return Object.fromEntries(DIMENSIONS.map((dimension) => [DIMENSION_COLUMNS[dimension], labels[dimension]]));
}

/** Late data may be the earliest of its slice. */
async function moveFirst(client: Client, { ids }: FleetSlices, earlier: readonly Placed[]): Promise<void> {
  const moved = earlier.map(({ slice, minuteMs }) => ({ known: ids.get(slice.key) as KnownSlice, minuteMs }));
  const sliceIds = moved.map(({ known }) => known.id);
  // In one order for whoever moves the same slices, so that none waits for one who waits for it.
  await client.query('SELECT FROM metric_slice WHERE id = ANY($1::int[]) ORDER BY id FOR NO KEY UPDATE', [sliceIds]);
  await client.query(
    `UPDATE metric_slice SET first_at = least(metric_slice.first_at, moved.first_at)
     FROM unnest($1::int[], $2::timestamptz[]) AS moved (id, first_at) WHERE metric_slice.id = moved.id`,
    [sliceIds, moved.map(({ minuteMs }) => new Date(minuteMs))],
  );
  for (const { known, minuteMs } of moved) known.firstAtMs = minuteMs;
}
