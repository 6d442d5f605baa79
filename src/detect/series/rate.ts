import { Rest, type RestState } from './rest.js';
import { ALARM_SCORE, type Band, type Verdict } from './verdict.js';

/** So many trials of an interval, and in how many of them the event came: errors of calls, successes of tools. */
export interface Trials {
  events: number;
  trials: number;
}

export interface RateState {
  count: number;
  /** The last intervals, oldest first. */
  recent: Trials[];
  /** Those before, fading. */
  usual: Trials;
  /** How much more than by chance the intervals before differed, and how many they are, both fading. */
  spread: { sum: number; count: number };
  rest: RestState;
}

/** An incident is seen in one interval if it is gross, in eight or thirty-two added up if it is slight. */
const SPANS = [1, 8, 32] as const;
const RECENT_MAX = 32;
/** Intervals to learn from before any is judged, beside the recent. */
const LEARN_COUNT = 100;
/** Ten days of five minutes. */
const KEPT_SHARE = 0.5 ** (1 / 3_000);
/** A shift by less than a point wakes nobody, however sure it is. */
const TOLERANCE = 0.01;
/** Standard errors by which the usual rate may be off. */
const BASE_ERRORS = 2;
/** One incident is not to make every later one look ordinary: an interval counts at most so much for the spread. */
const SPREAD_MAX = 25;
/** A tail of e^-15 scores 1 - 1/e: the alarm's score is then one interval in two million, by chance. */
const NATS_SCALE = 15;
const ALARM_NATS = -NATS_SCALE * Math.log(1 - ALARM_SCORE);
/** Halvings until a bound of the band is exact to a millionth. */
const BISECTIONS = 20;

/**
 * Watches a share of trials. The range that a rate of few trials has kept to says little (one failure of two is 50 %), so its
 * counts are held against the binomial tail, by Chernoff's bound: P(rate at least r) <= exp(-n KL(r || p)). Intervals that
 * differ more than by chance count for less by that factor (the quasi-binomial's dispersion).
 */
export class RateDetector {
  #count: number;
  readonly #recent: Trials[];
  #usual: Trials;
  #spread: { sum: number; count: number };
  readonly #rest: Rest;

  constructor(state?: RateState) {
    this.#count = state?.count ?? 0;
    this.#recent = (state?.recent ?? []).map((trials) => ({ ...trials }));
    this.#usual = { ...(state?.usual ?? { events: 0, trials: 0 }) };
    this.#spread = { ...(state?.spread ?? { sum: 0, count: 0 }) };
    this.#rest = new Rest(state?.rest);
  }

  /** Judges the interval and those just before it by what came before them. One without trials, or with impossible counts, is passed over. */
  observe(interval: Trials | null): Verdict {
    const isJudged = this.#count >= LEARN_COUNT + RECENT_MAX;
    if (!isPossible(interval)) return { score: 0, aspect: null, ...this.#expectation(isJudged, 0) };
    this.#add(interval);
    const nats = isJudged ? Math.max(...SPANS.map((span) => this.#natsOf(sumOf(this.#recent.slice(-span))))) : 0;
    const score = this.#rest.hear(this.#count, 1 - Math.exp(-nats / NATS_SCALE));
    this.#count += 1;
    return { score, aspect: score > 0 ? 'rate' : null, ...this.#expectation(isJudged, interval.trials) };
  }

  #add(interval: Trials): void {
    this.#recent.push({ ...interval });
    const past = this.#recent.length > RECENT_MAX ? this.#recent.shift() : undefined;
    if (past === undefined) return;
    if (this.#usual.trials > 0) {
      const rate = this.#rate();
      const variance = past.trials * rate * (1 - rate);
      const chance = (past.events - past.trials * rate) ** 2 / variance;
      this.#spread.sum = this.#spread.sum * KEPT_SHARE + Math.min(chance, SPREAD_MAX);
      this.#spread.count = this.#spread.count * KEPT_SHARE + 1;
    }
    this.#usual.events = this.#usual.events * KEPT_SHARE + past.events;
    this.#usual.trials = this.#usual.trials * KEPT_SHARE + past.trials;
  }

  /** By Jeffreys' prior, so that what never happened is rare, not impossible. */
  #rate(): number {
    return (this.#usual.events + 0.5) / (this.#usual.trials + 1);
  }

  #dispersion(): number {
    return this.#spread.count === 0 ? 1 : Math.max(1, this.#spread.sum / this.#spread.count);
  }

  /** What the usual rate may be. */
  #base(): Band {
    const rate = this.#rate();
    const error = Math.sqrt((this.#dispersion() * rate * (1 - rate)) / (this.#usual.trials + 1));
    const slack = BASE_ERRORS * error + TOLERANCE;
    return { low: Math.max(0, rate - slack), high: Math.min(1, rate + slack) };
  }

  #natsOf({ events, trials }: Trials): number {
    const rate = events / trials;
    const { low, high } = this.#base();
    const nearest = Math.min(Math.max(rate, low), high);
    return (trials * divergence(rate, nearest)) / this.#dispersion();
  }

  #expectation(isJudged: boolean, trials: number): Pick<Verdict, 'expected' | 'band'> {
    if (!isJudged) return { expected: null, band: null };
    const { low, high } = this.#base();
    const limit = trials === 0 ? 0 : (ALARM_NATS * this.#dispersion()) / trials;
    return { expected: this.#rate(), band: { low: edge(low, 0, limit), high: edge(high, 1, limit) } };
  }

  toJSON(): RateState {
    return {
      count: this.#count,
      recent: this.#recent.map((trials) => ({ ...trials })),
      usual: { ...this.#usual },
      spread: { ...this.#spread },
      rest: this.#rest.toJSON(),
    };
  }
}

function isPossible(interval: Trials | null): interval is Trials {
  if (interval === null) return false;
  const { events, trials } = interval;
  return Number.isFinite(trials) && trials > 0 && events >= 0 && events <= trials;
}

function sumOf(intervals: readonly Trials[]): Trials {
  const sum = { events: 0, trials: 0 };
  for (const { events, trials } of intervals) {
    sum.events += events;
    sum.trials += trials;
  }
  return sum;
}

/** Kullback and Leibler's divergence of a coin of one bias from a coin of another, in nats. */
function divergence(rate: number, from: number): number {
  const part = (share: number, base: number) => (share === 0 ? 0 : share * Math.log(share / base));
  return Math.max(0, part(rate, from) + part(1 - rate, 1 - from));
}

/** The rate on the way from `base` to `end` that diverges from the base by so much; `end` where none does. */
function edge(base: number, end: number, limit: number): number {
  if (divergence(end, base) <= limit) return end;
  let inside = base;
  let outside = end;
  for (let step = 0; step < BISECTIONS; step += 1) {
    const middle = (inside + outside) / 2;
    if (divergence(middle, base) <= limit) inside = middle;
    else outside = middle;
  }
  return inside;
}
