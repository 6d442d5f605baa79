import { DAY_MS } from '../../../time.js';
import type { MetricReading } from './read.js';

/** The dialect in which a resource says each thing, as far as it was heard. */
export type Dialects = Readonly<Record<string, HeardDialect>>;

interface HeardDialect {
  rank: number;
  /** When it was last heard, milliseconds since the epoch. */
  heardMs: number;
}

/** A dialect that was silent for so long is not spoken any more: another one counts again. */
const SPOKEN_MS = DAY_MS;

/** What is known of a resource's dialects once these readings of it are heard too: of several, the one of the lowest rank. */
export function hearDialects(known: Dialects, readings: readonly MetricReading[], nowMs: number): Dialects {
  const dialects: Record<string, HeardDialect> = { ...known };
  for (const reading of readings) {
    const topic = topicOf(reading);
    const best = dialects[topic];
    const isSpoken = best !== undefined && best.heardMs > nowMs - SPOKEN_MS;
    if (!isSpoken || reading.rank <= best.rank) dialects[topic] = { rank: reading.rank, heardMs: nowMs };
  }
  return dialects;
}

/** Whether the resource says the same thing in a dialect that comes first, so that this counts nothing. */
export function isSaidBetter(reading: MetricReading, dialects: Dialects): boolean {
  return (dialects[topicOf(reading)]?.rank ?? reading.rank) < reading.rank;
}

function topicOf({ meaning: { source, subject } }: MetricReading): string {
  return `${source} ${subject}`;
}
