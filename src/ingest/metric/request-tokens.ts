import { groupRows } from '../../db/group.js';
import type { Contribution } from '../../metric/figures.js';
import { emptyFigures, summaryOf } from '../../metric/rollup-row.js';
import { type Addition, isHistogram, minuteOf, tokenCountersOf } from '../convention/metric/figures.js';
import type { MetricReading } from '../convention/metric/read.js';
import { type Bucket, bucketsOf } from './buckets.js';
import { attributesKey } from './identity.js';
import type { HistogramLike } from './point.js';

type Side = 'input_tokens' | 'output_tokens';

/** What a histogram adds of the tokens that requests read, or of those they wrote. */
interface TokenHistogram {
  reading: MetricReading;
  added: HistogramLike;
  side: Side;
  typeAttribute: string | null;
}

/**
 * Tokens a request, input and output together, of what histograms tell of them. A request is in two of them, whose points
 * differ in nothing but the type of tokens. Which input belongs to which output they do not say: the largest are added to
 * the largest, since who asks much is answered at length. Count and sum are exact all the same.
 */
export function requestTokensOf(additions: readonly Addition[]): Contribution[] {
  const histograms = additions.flatMap(tokenHistogramOf);
  return [...groupRows(histograms, ({ reading }) => reading.point.metric.resource)].flatMap(([, ofResource]) =>
    [...groupRows(ofResource, requestsKey)].flatMap(([, ofRequests]) => contributionOfRequests(ofRequests)),
  );
}

function tokenHistogramOf({ reading, added }: Addition): TokenHistogram[] {
  const { meaning, point } = reading;
  if (meaning.subject !== 'tokens' || !isHistogram(added) || added.count === 0) return [];
  const counters = tokenCountersOf(meaning, point.attributes);
  const side = (['input_tokens', 'output_tokens'] as const).find((each) => counters.includes(each));
  return side === undefined ? [] : [{ reading, added, side, typeAttribute: meaning.typeAttribute }];
}

/** The same for histograms of the same requests of one resource. */
function requestsKey({ reading: { point, meaning, rank }, typeAttribute }: TokenHistogram): string {
  return JSON.stringify([meaning.source, rank, point.timeMs, attributesKey(point.attributes, typeAttribute)]);
}

function contributionOfRequests(histograms: readonly TokenHistogram[]): Contribution[] {
  const [first] = histograms;
  if (first === undefined) return [];
  const bucketsOn = (side: Side) =>
    histograms
      .filter((each) => each.side === side)
      .flatMap(({ added }) => bucketsOf(added))
      .sort(([left], [right]) => left - right);
  const isSumKnown = histograms.every(({ added }) => added.sum !== null && added.sum >= 0);
  const sum = isSumKnown ? histograms.reduce((all, { added }) => all + (added.sum ?? 0), 0) : null;
  const figures = emptyFigures();
  summaryOf(figures, 'token_usage').addBucketed(addLargest(bucketsOn('input_tokens'), bucketsOn('output_tokens')), sum);
  const { meaning, labels } = first.reading;
  return [{ slice: { source: meaning.source, labels }, minuteMs: minuteOf(first.reading), ...figures }];
}

/** Each value with one of the other, the largest with the largest; what one has more of stands alone. Both ascending. */
function addLargest(left: readonly Bucket[], right: readonly Bucket[]): Bucket[] {
  const [ones, others] = [new Stack(left), new Stack(right)];
  const added: Bucket[] = [];
  while (!ones.isEmpty || !others.isEmpty) {
    const count = Math.min(ones.count, others.count);
    added.push([ones.value + others.value, count]);
    ones.take(count);
    others.take(count);
  }
  return added.reverse();
}

/** Values from the largest on; without end of nothing when they are used up. */
class Stack {
  readonly #buckets: Bucket[];

  constructor(ascending: readonly Bucket[]) {
    this.#buckets = [...ascending];
  }

  get isEmpty(): boolean {
    return this.#buckets.length === 0;
  }

  get value(): number {
    return this.#buckets.at(-1)?.[0] ?? 0;
  }

  get count(): number {
    return this.#buckets.at(-1)?.[1] ?? Number.POSITIVE_INFINITY;
  }

  take(count: number): void {
    const bucket = this.#buckets.pop();
    if (bucket !== undefined && bucket[1] > count) this.#buckets.push([bucket[0], bucket[1] - count]);
  }
}
