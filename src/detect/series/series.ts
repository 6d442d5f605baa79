import { DAY_MS } from '../../time.js';
import { Range, type RangeRule, type RangeState } from './range.js';
import { Recent } from './recent.js';
import { Rest, type RestState } from './rest.js';
import { Season, type SeasonState } from './season.js';
import { Shape, type ShapeState } from './shape.js';
import type { Aspect, Band, Verdict } from './verdict.js';

/** The figures made of each value. */
type SeriesAspect = Exclude<Aspect, 'rate'>;

export interface SeriesState {
  count: number;
  firstAtMs: number | null;
  level: number;
  recent: number[];
  /** The last distances outside what is usual at the time of day, signed. */
  strayed: number[];
  ranges: Record<SeriesAspect, RangeState>;
  season: SeasonState;
  shape: ShapeState;
  rest: RestState;
}

/** A hundred values before the first is judged: under two hours of minutes, eight hours of five minutes. */
const LEARN_COUNT = 100;
interface AspectRule extends RangeRule {
  /** The age of the series before which the aspect does not count. */
  learnMs: number;
}

/** Nothing is unusual before the first night and the first morning. Forgets half in four months of five minutes. */
const LEVEL: AspectRule = { learnCount: LEARN_COUNT, learnMs: DAY_MS, halfLife: 40_000 };
/** One day says what is usual at its hours, a second how far days differ; forgets half in ten days of five minutes. */
const SEASON: AspectRule = { learnCount: LEARN_COUNT, learnMs: 2 * DAY_MS, halfLife: 3_000 };
/** A shape is judged every eighth value. */
const SHAPE: AspectRule = { learnCount: 30, learnMs: DAY_MS, halfLife: 375 };
const RULES: Readonly<Record<SeriesAspect, AspectRule>> = {
  value: LEVEL,
  level: LEVEL,
  floor: LEVEL,
  season: SEASON,
  season_level: SEASON,
  shape: SHAPE,
};

const LEVEL_COUNT = 8;
const FLOOR_COUNT = 32;
const SEASON_LEVEL_COUNT = 48;
/** An excess of a tenth of the range over all aspects, a long history behind it, scores 1 - 1/e. */
const EXCESS_SCALE = 0.1;
/** Ranges of few values are easily left: with so many seen an excess counts half. */
const HALF_TRUST_COUNT = 300;
/** Finer differences than a ten-millionth mean nothing, and numbers of up to 17 digits would double the state. */
const DIGITS = 7;
/** Sums of squares of larger values would overflow. */
const MAGNITUDE_MAX = 1e100;
/** Weight of a value in the running level that stands for the expected value until a day has passed. */
const LEVEL_WEIGHT = 0.01;

/**
 * Watches one series of values. Six figures are made of each value (itself, the median of the last 8, the least of the last 32,
 * its distance outside what other days had at the time of day and the mean of 48 such distances, the unlikeness of the last
 * 64 to any before) and each is held against the range that it has kept to. The excesses add up with equal weights: ../shared/data/nab
 * is won by few streams of equal weight, and more or fitted ones do worse on files they were not fitted to.
 * The cost of a value and the state are constant.
 */
export class SeriesDetector {
  #count: number;
  #firstAtMs: number | null;
  #level: number;
  readonly #recent: Recent;
  readonly #strayed: Recent;
  readonly #ranges: Readonly<Record<SeriesAspect, Range>>;
  readonly #season: Season;
  readonly #shape: Shape;
  readonly #rest: Rest;

  constructor(state?: SeriesState) {
    this.#count = state?.count ?? 0;
    this.#firstAtMs = state?.firstAtMs ?? null;
    this.#level = state?.level ?? 0;
    this.#recent = new Recent(FLOOR_COUNT, state?.recent);
    this.#strayed = new Recent(SEASON_LEVEL_COUNT, state?.strayed);
    const range = (aspect: SeriesAspect) => new Range(RULES[aspect], state?.ranges[aspect]);
    this.#ranges = byAspect(range);
    this.#season = new Season(state?.season);
    this.#shape = new Shape(state?.shape);
    this.#rest = new Rest(state?.rest);
  }

  /** Judges the value by what came before, then learns it. Null, NaN and what is beyond all measure are passed over. */
  observe(atMs: number, value: number | null): Verdict {
    const usual = this.#season.usualAt(atMs);
    const ageMs = atMs - (this.#firstAtMs ?? atMs);
    const verdict = { score: 0, aspect: null, ...this.#expectation(ageMs, usual) };
    if (value === null || !(Math.abs(value) <= MAGNITUDE_MAX)) return verdict;
    const figure = round(value);
    const excesses = this.#learn(figure, usual);
    this.#season.learn(atMs, figure);
    const { score, aspect } = this.#judge(ageMs, excesses);
    this.#firstAtMs ??= atMs;
    this.#count += 1;
    this.#level += (figure - this.#level) * Math.max(LEVEL_WEIGHT, 1 / this.#count);
    return { ...verdict, score, aspect };
  }

  /** How far each figure of the value lies outside its range. */
  #learn(value: number, usual: Band | null): [SeriesAspect, number][] {
    this.#recent.add(value);
    const unlikeness = this.#shape.observe(value);
    const ranges = this.#ranges;
    const excesses: [SeriesAspect, number][] = [
      ['value', ranges.value.observe(value)],
      ['level', ranges.level.observe(this.#recent.medianOfLast(LEVEL_COUNT))],
      ['floor', ranges.floor.observe(this.#recent.minimum())],
    ];
    if (unlikeness !== null) excesses.push(['shape', ranges.shape.observe(unlikeness)]);
    if (usual === null) return excesses;
    const strayed = round(value > usual.high ? value - usual.high : Math.min(value - usual.low, 0));
    this.#strayed.add(strayed);
    excesses.push(['season', ranges.season.observe(strayed)]);
    excesses.push(['season_level', ranges.season_level.observe(this.#strayed.mean())]);
    return excesses;
  }

  #judge(ageMs: number, excesses: readonly [SeriesAspect, number][]): Pick<Verdict, 'score' | 'aspect'> {
    let sum = 0;
    let most: { aspect: SeriesAspect | null; excess: number } = { aspect: null, excess: 0 };
    for (const [aspect, excess] of excesses) {
      if (ageMs < RULES[aspect].learnMs) continue;
      sum += excess;
      if (excess > most.excess) most = { aspect, excess };
    }
    const trust = this.#count / (this.#count + HALF_TRUST_COUNT);
    const score = this.#rest.hear(this.#count, 1 - Math.exp((-sum / EXCESS_SCALE) * trust));
    return { score, aspect: score > 0 ? most.aspect : null };
  }

  #expectation(ageMs: number, usual: Band | null): Pick<Verdict, 'expected' | 'band'> {
    const { value, season } = this.#ranges;
    if (!value.isLearned || ageMs < LEVEL.learnMs) return { expected: null, band: null };
    if (usual === null || !season.isLearned || ageMs < SEASON.learnMs) {
      return { expected: this.#level, band: { low: value.low, high: value.high } };
    }
    const low = Math.max(value.low, usual.low + season.low);
    const high = Math.min(value.high, usual.high + season.high);
    return { expected: (usual.low + usual.high) / 2, band: { low: Math.min(low, high), high: Math.max(low, high) } };
  }

  toJSON(): SeriesState {
    return {
      count: this.#count,
      firstAtMs: this.#firstAtMs,
      level: this.#level,
      recent: this.#recent.toJSON(),
      strayed: this.#strayed.toJSON(),
      ranges: byAspect((aspect) => this.#ranges[aspect].toJSON()),
      season: this.#season.toJSON(),
      shape: this.#shape.toJSON(),
      rest: this.#rest.toJSON(),
    };
  }
}

function round(value: number): number {
  return Number(value.toPrecision(DIGITS));
}

function byAspect<Value>(make: (aspect: SeriesAspect) => Value): Record<SeriesAspect, Value> {
  return {
    value: make('value'),
    level: make('level'),
    floor: make('floor'),
    season: make('season'),
    season_level: make('season_level'),
    shape: make('shape'),
  };
}
