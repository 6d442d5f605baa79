import { groupRows } from '../../db/group.js';
import type { Client } from '../../db/pool.js';
import type { Contribution } from '../../metric/figures.js';
import { type Dialects, hearDialects, isSaidBetter } from '../convention/metric/dialect.js';
import { type Addition, contributionOf } from '../convention/metric/figures.js';
import { type MetricReading, readMetrics } from '../convention/metric/read.js';
import type { Attributes } from '../telemetry.js';
import { dialectsKey, resourceKey, seriesKey } from './identity.js';
import type { MetricPoint } from './point.js';
import { requestTokensOf } from './request-tokens.js';
import { advanceCumulative, advanceDelta, type CumulativeState, type DeltaState, type SeriesState } from './series.js';
import { type Remembered, readSeries, writeSeries } from './store.js';

interface KeyedReading {
  reading: MetricReading;
  series: string;
  /** Of the resource; null for delta points, which need no beginning. */
  resource: string | null;
  /** Of what its resource is known to speak. */
  dialects: string;
}

/**
 * What the points add to the fleet's figures beyond all points before them. Remembers them in the caller's transaction, so
 * that whoever writes the figures in the same one counts every point once. What a resource says in a better dialect too is
 * remembered as well and counts nothing, whether the other came with it or in a request before.
 */
export async function bookPoints(
  client: Client,
  { fleet, nowMs }: { fleet: string; nowMs: number },
  points: readonly MetricPoint[],
): Promise<Contribution[]> {
  const keyed = keyedReadings(readMetrics(points));
  if (keyed.length === 0) return [];
  const keys = new Set(
    keyed.flatMap(({ series, resource, dialects }) =>
      resource === null ? [series, dialects] : [series, dialects, resource],
    ),
  );
  const known = await readSeries(client, fleet, [...keys]);
  const heard = new Map(known);
  const spoken = listen(keyed, { known, nowMs });
  for (const [key, dialects] of spoken) heard.set(key, { startMs: nowMs, state: { dialects } });
  const additions: Addition[] = [];
  const inOrder = keyed.toSorted((left, right) => left.reading.point.timeMs - right.reading.point.timeMs);
  for (const { reading, series, resource, dialects } of inOrder) {
    const { point } = reading;
    const state = (heard.get(series)?.state ?? null) as SeriesState | null;
    const heardSinceMs = resource === null ? null : (known.get(resource)?.startMs ?? null);
    const { state: next, added } = advance(state, point, heardSinceMs);
    heard.set(series, { startMs: point.startMs, state: next });
    if (resource !== null && !heard.has(resource)) heard.set(resource, { startMs: point.timeMs, state: null });
    if (added !== null && !isSaidBetter(reading, spoken.get(dialects) ?? {})) additions.push({ reading, added });
  }
  await writeSeries(client, { fleet, nowMs }, heard);
  return [...additions.flatMap((addition) => contributionOf(addition) ?? []), ...requestTokensOf(additions)];
}

function keyedReadings(readings: readonly MetricReading[]): KeyedReading[] {
  const ofResources = new Map<Attributes, { resource: string; dialects: string }>();
  return readings.map((reading) => {
    const { resource: attributes, temporality } = reading.point.metric;
    const keys = ofResources.get(attributes) ?? {
      resource: resourceKey(attributes),
      dialects: dialectsKey(attributes),
    };
    ofResources.set(attributes, keys);
    const resource = temporality === 'cumulative' ? keys.resource : null;
    return { reading, series: seriesKey(reading.point), resource, dialects: keys.dialects };
  });
}

/** What each resource is known to speak, these readings included; by its key. */
function listen(
  keyed: readonly KeyedReading[],
  { known, nowMs }: { known: ReadonlyMap<string, Remembered>; nowMs: number },
): Map<string, Dialects> {
  const spoken = new Map<string, Dialects>();
  for (const [key, ofResource] of groupRows(keyed, ({ dialects }) => dialects)) {
    const state = known.get(key)?.state ?? null;
    const before = state !== null && 'dialects' in state ? state.dialects : {};
    const readings = ofResource.map(({ reading }) => reading);
    spoken.set(key, hearDialects(before, readings, nowMs));
  }
  return spoken;
}

/** The temporality is part of a series' key: its state is of the same kind. */
function advance(state: SeriesState | null, point: MetricPoint, heardSinceMs: number | null) {
  if (point.metric.temporality === 'delta') return advanceDelta(state as DeltaState | null, point);
  return advanceCumulative(state as CumulativeState | null, point, heardSinceMs);
}
