import type { Finding } from '../anomaly/finding.js';
import { findMetricAnomaly, type MetricSubject } from '../detect/series/metric-anomaly.js';
import { RateDetector, type RateState } from '../detect/series/rate.js';
import { SeriesDetector, type SeriesState } from '../detect/series/series.js';
import type { Verdict } from '../detect/series/verdict.js';
import { poissonTail } from '../detect/significance.js';
import type { Figures } from '../metric/figures.js';
import type { MetricName } from '../metric/name.js';
import { RATE_SERIES, VALUE_SERIES } from './metric-series.js';

export interface MetricFinding {
  metric: MetricName;
  finding: Finding;
}

interface SavedSubject {
  nextMs: number;
  values: Record<string, SeriesState>;
  rates: Record<string, RateState>;
}

/** Counts vary by chance: where few are usual, a few more are nothing. */
const COUNT_CHANCE_MAX = 1e-3;

function isCountByChance(metric: MetricName, count: number, { band }: Verdict): boolean {
  if (metric !== 'DECISIONS' || band === null) return false;
  return poissonTail(count, count > band.high ? band.high : band.low) > COUNT_CHANCE_MAX;
}

/** All series of an agent, or of its requests of one type. */
export class MetricSubjectWatch {
  /** Start of the bin that comes next. */
  nextMs: number;
  readonly #values: Map<MetricName, SeriesDetector>;
  readonly #rates: Map<MetricName, RateDetector>;

  constructor(nextMs: number, saved?: SavedSubject) {
    this.nextMs = nextMs;
    this.#values = new Map(
      VALUE_SERIES.map(({ metric }) => [metric, new SeriesDetector(saved?.values[metric])] as const),
    );
    this.#rates = new Map(RATE_SERIES.map(({ metric }) => [metric, new RateDetector(saved?.rates[metric])] as const));
  }

  static revive(saved: SavedSubject): MetricSubjectWatch {
    return new MetricSubjectWatch(saved.nextMs, saved);
  }

  toJSON(): SavedSubject {
    const json = <State>(detectors: ReadonlyMap<MetricName, { toJSON(): State }>) =>
      Object.fromEntries([...detectors].map(([metric, detector]) => [metric, detector.toJSON()]));
    return { nextMs: this.nextMs, values: json(this.#values), rates: json(this.#rates) };
  }

  /** What is out of the ordinary in one bin of `slice`, which is not to be given twice. */
  observe(atMs: number, figures: Figures, slice: MetricSubject['slice']): MetricFinding[] {
    const found: MetricFinding[] = [];
    const note = (metric: MetricName, observed: number, verdict: Parameters<typeof findMetricAnomaly>[2]) => {
      const finding = findMetricAnomaly({ metric, slice }, observed, verdict);
      if (finding !== null) found.push({ metric, finding });
    };
    for (const { metric, measure } of VALUE_SERIES) {
      const value = measure(figures);
      const verdict = this.#values.get(metric)?.observe(atMs, value);
      if (verdict === undefined || value === null || isCountByChance(metric, value, verdict)) continue;
      note(metric, value, verdict);
    }
    for (const { metric, trialsOf } of RATE_SERIES) {
      const trials = trialsOf(figures);
      const verdict = this.#rates.get(metric)?.observe(trials);
      if (verdict !== undefined && trials.trials > 0) note(metric, trials.events / trials.trials, verdict);
    }
    return found;
  }
}
