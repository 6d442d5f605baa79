/** What decisions of one kind are usually like: their recent past in bounded memory, the older the less it counts. */

/** One decision as far as it can be out of the ordinary. */
export interface Observation {
  agent: string;
  requestType: string | null;
  latencyMs: number;
  tokens: number;
  /** US dollars; null when unknown. */
  costUsd: number | null;
  toolCalls: number;
}

/** Fewer say nothing about what is usual. */
const OBSERVATIONS_MIN = 30;
const UNUSUAL_FACTOR = 2;
/** Where one tool call is usual, two are no outlier. */
const TOOL_CALLS_MARGIN = 1;
const TOOL_SHARE_MIN = 0.9;

export class Usual {
  readonly #latencyMs = new Distribution();
  readonly #tokens = new Distribution();
  readonly #costUsd = new Distribution();
  readonly #toolCalls = new Distribution();

  /** Whether it has seen enough to judge by. */
  get isKnown(): boolean {
    return this.#latencyMs.count >= OBSERVATIONS_MIN;
  }

  add({ latencyMs, tokens, costUsd, toolCalls }: Observation): void {
    this.#latencyMs.add(latencyMs);
    this.#tokens.add(tokens);
    this.#toolCalls.add(toolCalls);
    if (costUsd !== null) this.#costUsd.add(costUsd);
  }

  /** Twice as slow, dear or long as 95 of 100 are, or with that many more tool calls. */
  isFarAbove({ latencyMs, tokens, costUsd, toolCalls }: Observation): boolean {
    return (
      latencyMs > this.#latencyMs.p95 * UNUSUAL_FACTOR ||
      tokens > this.#tokens.p95 * UNUSUAL_FACTOR ||
      toolCalls > this.#toolCalls.p95 * UNUSUAL_FACTOR + TOOL_CALLS_MARGIN ||
      (costUsd !== null && costUsd > this.#costUsd.p95 * UNUSUAL_FACTOR)
    );
  }

  /** No tool was called although nine of ten call one. */
  lacksTool({ toolCalls }: Observation): boolean {
    return toolCalls === 0 && this.#toolCalls.shareAboveZero >= TOOL_SHARE_MIN;
  }
}

/** Buckets 5 % apart: what is far above is no close call. */
const LOG_STEP = Math.log(1.05);
const SMALLEST = 1e-9;
/** When this much is remembered, everything counts half: what was usual is forgotten after some thousand decisions. */
const WEIGHT_MAX = 1_000;
const WEIGHT_MIN = 0.1;
/** The percentile is worked out anew when this part of what it rests on is new. */
const NEWS_SHARE = 0.03;

class Distribution {
  readonly #buckets = new Map<number, number>();
  #weight = 0;
  #zeroWeight = 0;
  #news = 0;
  #p95 = Number.POSITIVE_INFINITY;

  get count(): number {
    return this.#weight;
  }

  get shareAboveZero(): number {
    return 1 - this.#zeroWeight / this.#weight;
  }

  /** Within 5 %; infinite when there is nothing, so that nothing is above it. */
  get p95(): number {
    if (this.#news > this.#weight * NEWS_SHARE) {
      this.#p95 = this.#quantile(0.95);
      this.#news = 0;
    }
    return this.#p95;
  }

  add(value: number): void {
    this.#weight += 1;
    this.#news += 1;
    if (value < SMALLEST) this.#zeroWeight += 1;
    else {
      const bucket = Math.ceil(Math.log(value) / LOG_STEP);
      this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1);
    }
    if (this.#weight >= WEIGHT_MAX) this.#fade();
  }

  #fade(): void {
    this.#zeroWeight /= 2;
    this.#weight = this.#zeroWeight;
    for (const [bucket, weight] of this.#buckets) {
      if (weight / 2 < WEIGHT_MIN) this.#buckets.delete(bucket);
      else {
        this.#buckets.set(bucket, weight / 2);
        this.#weight += weight / 2;
      }
    }
  }

  #quantile(share: number): number {
    let above = this.#weight * (1 - share);
    for (const [bucket, weight] of [...this.#buckets].sort(([left], [right]) => right - left)) {
      above -= weight;
      if (above < 0) return Math.exp(bucket * LOG_STEP);
    }
    return 0;
  }
}
