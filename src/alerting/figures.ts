import type { Measure } from '../alert/condition/expression.js';
import { type Label, matchesSelector } from '../alert/condition/label.js';
import { type Group, groupKey } from '../alert/evaluate-rule.js';
import { type AlertRule, measuresOfRule } from '../alert/rule.js';
import { groupRows } from '../db/group.js';
import type { Pool } from '../db/pool.js';
import { type FigureRecords, readFigures } from '../fleet/figures/read.js';
import { figuresFor, statisticOf } from '../fleet/figures/statistic.js';
import type { Figures } from '../metric/figures.js';
import type { MetricName } from '../metric/name.js';
import { addFigures, emptyFigures } from '../metric/rollup-row.js';
import type { Dimension } from '../metric/slice.js';
import { readStragglers } from './stragglers.js';

/** Where and when a rule is looked at. */
export interface RuleWindow {
  records: FigureRecords;
  fleet: string;
  /** The evaluation; the window ends here. */
  atMs: number;
}

/** Figures of decisions, or a number of anomalies, under some labels. */
interface Part {
  labels: Readonly<Partial<Record<Label, string>>>;
  figures: Figures | null;
  anomalies: number;
}

/** Every group that has figures in the rule's window, with what the rule asks of them. */
export async function readGroups(window: RuleWindow, rule: AlertRule): Promise<Group[]> {
  const measures = measuresOfRule(rule);
  const [decisions, anomalies] = await Promise.all([
    readDecisions(window, rule, measures),
    readAnomalies(window, rule, measures),
  ]);
  const groups = groupRows([...decisions, ...anomalies], ({ labels }) =>
    groupKey(rule.condition.by.map((dimension) => labels[dimension] ?? '')),
  );
  // The fleet is a group whether there are figures or not.
  if (rule.condition.by.length === 0 && groups.size === 0) groups.set(groupKey([]), []);
  return [...groups].map(([key, parts]) => ({ labels: JSON.parse(key) as string[], figureOf: figureOf(parts) }));
}

function figureOf(parts: readonly Part[]): Group['figureOf'] {
  const known = new Map<string, number | null>();
  return (measure) => {
    const value = known.has(measure.key) ? (known.get(measure.key) ?? null) : measureIn(parts, measure);
    known.set(measure.key, value);
    return value;
  };
}

function measureIn(parts: readonly Part[], { metric, statistic, selector }: Measure): number | null {
  const selected = parts.filter(({ labels }) => matchesSelector(selector, (label) => labels[label] ?? ''));
  if (metric === 'ANOMALIES') return selected.reduce((sum, { anomalies }) => sum + anomalies, 0);
  const figures = emptyFigures();
  for (const part of selected) if (part.figures !== null) addFigures(figures, part.figures);
  return statisticOf(figures, metric, statistic);
}

async function readDecisions(
  { records, fleet, atMs }: RuleWindow,
  { condition, windowMs }: AlertRule,
  measures: readonly Measure[],
): Promise<Part[]> {
  const wanted = measures.filter(({ metric }) => metric !== 'ANOMALIES');
  if (wanted.length === 0) return [];
  const dimensions = [...new Set([...condition.by, ...labelsOf(wanted)])] as Dimension[];
  const needs = wanted.map(({ metric, statistic }) => figuresFor(metric as MetricName, statistic));
  const range = { fromMs: atMs - windowMs, toMs: atMs };
  const [groups, stragglers] = await Promise.all([
    readFigures(records, {
      fleet,
      source: 'DECISIONS',
      ...range,
      stepMs: null,
      groupBy: dimensions,
      filter: {},
      measures: [...new Set(needs.flatMap(({ measures: each }) => each))],
      totals: [...new Set(needs.flatMap(({ totals }) => totals))],
    }),
    readStragglers(records.pool, fleet, range),
  ]);
  return [
    ...groups.map(({ labels, figures }): Part => {
      const named = dimensions.map((dimension, index): [Dimension, string] => [dimension, labels[index] ?? '']);
      return { labels: Object.fromEntries(named), figures, anomalies: 0 };
    }),
    ...stragglers.map(({ slice, ...figures }): Part => ({ labels: slice.labels, figures, anomalies: 0 })),
  ];
}

async function readAnomalies(
  { records, fleet, atMs }: RuleWindow,
  { windowMs }: AlertRule,
  measures: readonly Measure[],
): Promise<Part[]> {
  if (measures.every(({ metric }) => metric !== 'ANOMALIES')) return [];
  const counts = await countAnomalies(records.pool, fleet, { fromMs: atMs - windowMs, toMs: atMs });
  return counts.map(({ kind, severity, agent, customerSegment, count }) => ({
    labels: { KIND: kind, SEVERITY: severity, AGENT: agent ?? '', CUSTOMER_SEGMENT: customerSegment ?? '' },
    figures: null,
    anomalies: count,
  }));
}

interface AnomalyCount {
  kind: string;
  severity: string;
  agent: string | null;
  customerSegment: string | null;
  count: number;
}

async function countAnomalies(
  pool: Pool,
  fleet: string,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): Promise<AnomalyCount[]> {
  const { rows } = await pool.query<AnomalyCount>(
    `SELECT kind, severity, agent, customer_segment AS "customerSegment", count(*)::int AS count FROM anomaly
     WHERE fleet_id = $1 AND detected_at >= to_timestamp($2 / 1000.0) AND detected_at < to_timestamp($3 / 1000.0)
     GROUP BY 1, 2, 3, 4`,
    [fleet, fromMs, toMs],
  );
  return rows;
}

function labelsOf(measures: readonly Measure[]): Label[] {
  return measures.flatMap(({ selector }) => selector.map(({ label }) => label));
}
