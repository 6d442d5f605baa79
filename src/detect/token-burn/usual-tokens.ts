/** What decisions of one kind use, as a histogram of logarithms that forgets: any quantile within 10 %, in bounded memory. */
export interface TokenHistogram {
  weight: number;
  /** By bucket, ascending. */
  buckets: readonly (readonly [bucket: number, weight: number])[];
}

export const NO_TOKENS: TokenHistogram = { weight: 0, buckets: [] };

const LOG_STEP = Math.log(1.1);
/** When so much is remembered, everything counts half. */
const WEIGHT_MAX = 500;
const WEIGHT_MIN = 0.5;

export function addTokens({ weight, buckets }: TokenHistogram, tokens: number): TokenHistogram {
  const bucket = Math.ceil(Math.log1p(tokens) / LOG_STEP);
  const place = buckets.findIndex(([each]) => each >= bucket);
  const known = buckets[place];
  const added =
    known?.[0] === bucket
      ? buckets.with(place, [bucket, known[1] + 1])
      : buckets.toSpliced(known === undefined ? buckets.length : place, 0, [bucket, 1]);
  return weight + 1 < WEIGHT_MAX ? { weight: weight + 1, buckets: added } : halve(added);
}

function halve(buckets: TokenHistogram['buckets']): TokenHistogram {
  const kept = buckets.flatMap(([bucket, weight]): [number, number][] =>
    weight / 2 < WEIGHT_MIN ? [] : [[bucket, weight / 2]],
  );
  return { weight: kept.reduce((sum, [, weight]) => sum + weight, 0), buckets: kept };
}

/** The tokens that this share of the decisions does not pass; 0 of nothing. */
export function tokenQuantile({ weight, buckets }: TokenHistogram, share: number): number {
  let below = weight * share;
  for (const [bucket, each] of buckets) {
    below -= each;
    if (below <= 0) return Math.expm1(bucket * LOG_STEP);
  }
  return 0;
}
