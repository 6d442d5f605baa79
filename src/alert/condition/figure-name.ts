import type { Statistic } from '../../fleet/figures/statistic.js';
import type { MetricName } from '../../metric/name.js';
import { quote } from '../../settings/problem.js';
import { suggest } from '../../settings/reader.js';
import { DURATION, NUMBER, SHARE, type Type, USD } from './unit.js';

/** What can be asked of the record: a metric of decisions, or how many anomalies were found. */
export type Measured = MetricName | 'ANOMALIES';

export interface FigureName {
  readonly metric: Measured;
  /** Null: a bare name of what each decision has a value of. */
  readonly statistic: Statistic | null;
}

interface Metric {
  readonly metric: Measured;
  readonly type: Type;
  /** Of what is one figure by itself; null where each decision has a value, so that there are statistics. */
  readonly statistic: Statistic | null;
  /** Whether the sum over some time, divided by it, is a rate. */
  readonly isAdditive: boolean;
}

const METRICS: Readonly<Record<string, Metric>> = {
  decisions: { metric: 'DECISIONS', type: NUMBER, statistic: 'COUNT', isAdditive: true },
  error_rate: { metric: 'ERROR_RATE', type: SHARE, statistic: 'AVG', isAdditive: false },
  token_usage: { metric: 'TOKEN_USAGE', type: NUMBER, statistic: null, isAdditive: true },
  token_usage_per_request: { metric: 'TOKEN_USAGE_PER_REQUEST', type: NUMBER, statistic: null, isAdditive: true },
  decision_latency: { metric: 'DECISION_LATENCY', type: DURATION, statistic: null, isAdditive: false },
  inference_latency: { metric: 'INFERENCE_LATENCY', type: DURATION, statistic: null, isAdditive: false },
  queue_time: { metric: 'QUEUE_TIME', type: DURATION, statistic: null, isAdditive: false },
  time_to_first_token: { metric: 'TIME_TO_FIRST_TOKEN', type: DURATION, statistic: null, isAdditive: false },
  cost: { metric: 'COST', type: USD, statistic: null, isAdditive: true },
  hallucination_score: { metric: 'HALLUCINATION_SCORE', type: SHARE, statistic: null, isAdditive: false },
  tool_invocation_success_rate: {
    metric: 'TOOL_INVOCATION_SUCCESS_RATE',
    type: SHARE,
    statistic: 'AVG',
    isAdditive: false,
  },
  tool_invocations: { metric: 'TOOL_INVOCATIONS', type: NUMBER, statistic: null, isAdditive: true },
};
const ANOMALIES: Metric = { metric: 'ANOMALIES', type: NUMBER, statistic: 'COUNT', isAdditive: true };
/** `anomalies` stands in conditions only: the overview shows what decisions have. */
const CONDITION_METRICS: Readonly<Record<string, Metric>> = { ...METRICS, anomalies: ANOMALIES };
const NAME_OF = new Map(Object.entries(CONDITION_METRICS).map(([name, { metric }]) => [metric, name]));
const SUFFIXES = {
  p50: 'P50',
  p90: 'P90',
  p95: 'P95',
  p99: 'P99',
  avg: 'AVG',
  max: 'MAX',
  min: 'MIN',
  sum: 'SUM',
} as const satisfies Record<string, Statistic>;

const NAMES = namesOf(METRICS);
const CONDITION_NAMES = namesOf(CONDITION_METRICS);

/** Every name that may be written: `decision_latency`, `decision_latency_p95` … */
function namesOf(metrics: Readonly<Record<string, Metric>>): ReadonlyMap<string, FigureName> {
  return new Map(
    Object.entries(metrics).flatMap(([name, { metric, statistic }]): [string, FigureName][] => [
      [name, { metric, statistic }],
      ...Object.entries(statistic === null ? SUFFIXES : {}).map(([suffix, each]): [string, FigureName] => [
        `${name}_${suffix}`,
        { metric, statistic: each },
      ]),
    ]),
  );
}

/** A figure by its name in conditions, or in words what is wrong with the name. */
export function findConditionFigure(name: string): FigureName | string {
  return CONDITION_NAMES.get(name) ?? sayUnknown(name, CONDITION_METRICS, CONDITION_NAMES.keys());
}

/** A figure of decisions by its name, or in words what is wrong with the name. */
export function findFigure(name: string): FigureName | string {
  return NAMES.get(name) ?? sayUnknown(name, METRICS, NAMES.keys());
}

function sayUnknown(name: string, metrics: Readonly<Record<string, Metric>>, names: Iterable<string>): string {
  const suffix = Object.keys(SUFFIXES).find((each) => name.endsWith(`_${each}`));
  const base = suffix && name.slice(0, -suffix.length - 1);
  if (base !== undefined && Object.hasOwn(metrics, base)) {
    return `${base} is one figure and has no ${suffix}: write ${base}`;
  }
  const all = Object.keys(metrics).join(', ');
  const hint = suggest(name, names) || `: the metrics are ${all}, most also with _${Object.keys(SUFFIXES).join(', _')}`;
  return `there is no metric ${quote(name)}${hint}`;
}

/** The inverse of `findConditionFigure`. */
export function nameFigure({ metric, statistic }: FigureName): string {
  const { statistic: own } = metricOf(metric);
  const name = NAME_OF.get(metric) ?? metric;
  return statistic === null || statistic === own ? name : `${name}_${statistic.toLowerCase()}`;
}

export function metricOf(metric: Measured): Metric {
  return CONDITION_METRICS[NAME_OF.get(metric) ?? ''] ?? ANOMALIES;
}

/** The names of what has a rate. */
export const ADDITIVE_NAMES: readonly string[] = Object.keys(CONDITION_METRICS).filter(
  (name) => CONDITION_METRICS[name]?.isAdditive,
);
