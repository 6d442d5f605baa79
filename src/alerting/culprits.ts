import type { Measure } from '../alert/condition/expression.js';
import { type Label, matchesSelector } from '../alert/condition/label.js';
import { type AlertRule, measuresOfRule } from '../alert/rule.js';
import type { Pool } from '../db/pool.js';
import type { MetricName } from '../metric/name.js';
import { DIMENSION_COLUMNS } from '../metric/slice.js';
import { DAY_MS, dayOf } from '../time.js';
import { LONG_MS } from './stragglers.js';

/** What an alert names as its cause. */
export interface Culprits {
  /** The worst first. */
  decisionIds: string[];
  /** Agents that cascades among the anomalies pulled down. */
  victims: string[];
}

const NAMED_MAX = 10;
/** Selectors have patterns: so many rows are read for the few that are named. */
const READ_MAX = 200;
/** The worst are looked for among so many, the newest of the window: what a long window of a busy fleet has is too much. */
const CANDIDATES_MAX = 20_000;

/** What makes a decision bad: SQL on `decision d`. */
interface Badness {
  /** Whether it can be. */
  condition: string;
  /** How bad it is. */
  figure: string;
  /** Whether there cannot be too little of it, whatever the rule compares. */
  isFailure: boolean;
}

const measured = (figure: string): Badness => ({ condition: `${figure} IS NOT NULL`, figure, isFailure: false });

const BADNESS: Readonly<Record<MetricName, Badness | null>> = {
  DECISIONS: null,
  ERROR_RATE: { condition: "d.outcome = 'ERROR'", figure: 'd.started_at', isFailure: true },
  TOKEN_USAGE: measured('d.input_tokens + d.output_tokens'),
  TOKEN_USAGE_PER_REQUEST: measured('d.input_tokens + d.output_tokens'),
  DECISION_LATENCY: measured('d.latency_ms'),
  INFERENCE_LATENCY: measured('d.latency_ms'),
  QUEUE_TIME: measured('d.queue_ms'),
  TIME_TO_FIRST_TOKEN: measured('d.time_to_first_token_ms'),
  COST: measured('d.cost_usd'),
  HALLUCINATION_SCORE: measured('d.hallucination_score'),
  TOOL_INVOCATION_SUCCESS_RATE: {
    condition: 'd.failed_tool_calls > 0',
    figure: 'd.failed_tool_calls',
    isFailure: true,
  },
  TOOL_INVOCATIONS: measured('d.tool_calls'),
};

const LABEL_COLUMNS = Object.entries(DIMENSION_COLUMNS).filter(([dimension]) => dimension !== 'CALLER');

interface CulpritWindow {
  pool: Pool;
  fleet: string;
  atMs: number;
}

/** The decisions in the rule's window that made it fire for the group. */
export async function findCulprits(
  window: CulpritWindow,
  rule: AlertRule,
  group: readonly string[],
): Promise<Culprits> {
  const [measure] = measuresOfRule(rule);
  if (measure === undefined) return { decisionIds: [], victims: [] };
  if (measure.metric === 'ANOMALIES') return findInAnomalies(window, { rule, group, measure });
  const badness = BADNESS[measure.metric];
  const decisionIds = badness === null ? [] : await findDecisions(window, { rule, group, measure, badness });
  return { decisionIds, victims: [] };
}

interface Suspects {
  rule: AlertRule;
  group: readonly string[];
  measure: Measure;
}

async function findDecisions(
  { pool, fleet, atMs }: CulpritWindow,
  { rule, group, measure, badness }: Suspects & { badness: Badness },
): Promise<string[]> {
  const fromMs = atMs - rule.windowMs;
  const parameters: unknown[] = [fleet, fromMs, atMs, dayOf(fromMs - DAY_MS), dayOf(atMs + DAY_MS)];
  const ofGroup = rule.condition.by.map((dimension, index) => {
    const column = `d.${DIMENSION_COLUMNS[dimension]}`;
    const value = group[index] ?? '';
    if (value === '') return `coalesce(${column}, '') = ''`;
    parameters.push(value);
    return `${column} = $${parameters.length}`;
  });
  const conditions = [
    'd.fleet_id = $1 AND d.sealed_on BETWEEN $4::date AND $5::date',
    badness.condition,
    ...ofGroup,
  ].join(' AND ');
  const { rows } = await pool.query<{ id: string } & Record<string, string | null>>(
    `SELECT d.id, ${LABEL_COLUMNS.map(([dimension, column]) => `d.${column} AS "${dimension}"`).join(', ')}
     FROM (
       (SELECT d.* FROM decision d
        WHERE ${conditions} AND d.started_at >= to_timestamp($2 / 1000.0) AND d.started_at < to_timestamp($3 / 1000.0)
        ORDER BY d.started_at DESC, d.id DESC LIMIT ${CANDIDATES_MAX})
       UNION ALL
       (SELECT d.* FROM decision d
        WHERE ${conditions} AND d.latency_ms > ${LONG_MS} AND d.started_at < to_timestamp($2 / 1000.0)
          AND d.ended_at >= to_timestamp($2 / 1000.0) AND d.ended_at < to_timestamp($3 / 1000.0)
        ORDER BY d.ended_at DESC LIMIT ${CANDIDATES_MAX})
     ) d
     ORDER BY ${badness.figure} ${isLowBad(rule, badness) ? 'ASC' : 'DESC'}, d.started_at DESC LIMIT ${READ_MAX}`,
    parameters,
  );
  return rows
    .filter((row) => matchesSelector(measure.selector, (label) => row[label] ?? ''))
    .slice(0, NAMED_MAX)
    .map(({ id }) => id);
}

function isLowBad({ condition: { expression } }: AlertRule, { isFailure }: Badness): boolean {
  return expression.kind === 'comparison' && expression.operator.startsWith('<') && !isFailure;
}

interface AnomalyOfGroup extends Partial<Record<Label, string | null>> {
  decisionId: string | null;
  path: unknown;
}

async function findInAnomalies(
  { pool, fleet, atMs }: CulpritWindow,
  { rule, group, measure }: Suspects,
): Promise<Culprits> {
  const { rows } = await pool.query<AnomalyOfGroup>(
    `SELECT a.decision_id AS "decisionId", a.kind AS "KIND", a.severity AS "SEVERITY", a.agent AS "AGENT",
       a.customer_segment AS "CUSTOMER_SEGMENT", a.evidence -> 'path' AS path
     FROM anomaly a
     WHERE a.fleet_id = $1 AND a.detected_at >= to_timestamp($2 / 1000.0) AND a.detected_at < to_timestamp($3 / 1000.0)
     ORDER BY a.seq DESC LIMIT ${READ_MAX}`,
    [fleet, atMs - rule.windowMs, atMs],
  );
  const found = rows.filter(
    (row) =>
      rule.condition.by.every((dimension, index) => (row[dimension] ?? '') === (group[index] ?? '')) &&
      matchesSelector(measure.selector, (label) => row[label] ?? ''),
  );
  const pulledDown = found.flatMap(({ path, AGENT }) =>
    Array.isArray(path) ? path.filter((agent): agent is string => typeof agent === 'string' && agent !== AGENT) : [],
  );
  return {
    decisionIds: [...new Set(found.flatMap(({ decisionId }) => decisionId ?? []))].slice(0, NAMED_MAX),
    victims: [...new Set(pulledDown)],
  };
}
