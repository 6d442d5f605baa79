import type { Pool } from '../../db/pool.js';
import type { DecisionCalendar } from '../../decision/calendar.js';
import { portions } from '../../decision/days.js';
import type { ReportRequest, StoredFigures } from '../request.js';
import { findCases, findStart } from './extent.js';
import type { LedgerCut } from './report.js';

interface Records {
  pool: Pool;
  calendar: DecisionCalendar;
}

/** What is to be read of one fleet for a report. */
export interface LedgerPlan {
  fleet: string;
  /** Every entry between two places, or some. */
  entries: { scope: 'range'; from: number; to: number } | { scope: 'selection'; seqs: readonly number[] };
  /** The decisions of one person; null where the report is not about a person. */
  decisionIds: readonly string[] | null;
  dossierIds: readonly string[];
  stored: StoredFigures;
}

/** Of a report about cases; what is beyond is counted and not told one by one. */
const CASE_DOSSIERS_MAX = 40;
/** Of a report about a period. */
const NOTABLE_MAX = 6;

/** Finds what a report needs of a fleet. Rejects with what `findCases` rejects with. */
export async function planLedger(records: Records, cut: LedgerCut, request: ReportRequest): Promise<LedgerPlan> {
  const { fleet } = cut;
  const { decisionId, conversationId, subject, preset } = request;
  if (decisionId === null && conversationId === null && subject === null) {
    const from = await findStart(records, cut, request);
    const dossierIds = preset === 'AUTHORITY' ? await findNotable(records, fleet, request) : [];
    const stored = await readStored(records, { fleet, request, decisionIds: null });
    return { fleet, entries: { scope: 'range', from, to: cut.size }, decisionIds: null, dossierIds, stored };
  }
  const ids = (await findCases(records, fleet, request)).map(({ id }) => id);
  return {
    fleet,
    entries: { scope: 'selection', seqs: await findCaseSeqs(records.pool, cut, { ids, request }) },
    decisionIds: subject === null ? null : ids,
    dossierIds: ids.slice(0, CASE_DOSSIERS_MAX),
    stored: await readStored(records, { fleet, request, decisionIds: ids }),
  };
}

/** The entries of these decisions, of what erased their content and, but for a person who is to hear of nobody else, of the alerts that name them. */
async function findCaseSeqs(
  pool: Pool,
  { fleet, size }: LedgerCut,
  { ids, request }: { ids: readonly string[]; request: ReportRequest },
): Promise<number[]> {
  const { rows } = await pool.query<{ seq: number }>(
    `SELECT e.seq FROM ledger_entry e WHERE e.fleet_id = $1 AND e.seq < $2
       AND e.subject IN (SELECT unnest($3::text[])
         UNION SELECT 'Erasure:' || x.erasure_id FROM erased_decision x WHERE x.fleet_id = $1 AND x.decision_id = ANY($3::text[])
         UNION SELECT 'Alert:' || a.seq FROM alert a WHERE $4 AND a.fleet_id = $1 AND a.decision_ids && $3::text[])
     ORDER BY e.seq`,
    [fleet, size, ids, request.preset !== 'INDIVIDUAL'],
  );
  return rows.map(({ seq }) => seq);
}

/** The decisions that somebody would ask about first: of high risk before others, failed ones and made-up answers first. */
async function findNotable({ pool, calendar }: Records, fleet: string, request: ReportRequest): Promise<string[]> {
  const { fromMs, toMs, agents, riskClasses } = request;
  const found: { id: string; seq: number; weight: number }[] = [];
  for (const days of portions(await calendar.daysOf(fleet, [{ fromMs, toMs }]))) {
    const { rows } = await pool.query<{ id: string; seq: number; weight: number }>(
      `SELECT d.id, d.seq, (d.risk_class = 'HIGH_RISK')::int * 4 + (d.outcome = 'ERROR')::int * 2
         + coalesce(d.hallucination_score, 0) AS weight
       FROM decision d
       WHERE d.fleet_id = $1 AND d.sealed_on = ANY($2::date[]) AND d.sampled AND d.started_at >= $3 AND d.started_at < $4
         AND ($5::text[] IS NULL OR d.agent = ANY($5)) AND ($6::text[] IS NULL OR d.risk_class = ANY($6))
       ORDER BY weight DESC, d.seq LIMIT ${NOTABLE_MAX}`,
      [fleet, days, new Date(fromMs).toISOString(), new Date(toMs).toISOString(), agents, riskClasses],
    );
    found.push(...rows);
  }
  found.sort((left, right) => right.weight - left.weight || left.seq - right.seq);
  return found.slice(0, NOTABLE_MAX).map(({ id }) => id);
}

/** Figures that are in no entry: kinds of steps, of which entries hold digests alone, and what detectors found. */
async function readStored(
  { pool, calendar }: Records,
  { fleet, request, decisionIds }: { fleet: string; request: ReportRequest; decisionIds: readonly string[] | null },
): Promise<StoredFigures> {
  const { fromMs, toMs, agents, riskClasses } = request;
  const span = [new Date(fromMs).toISOString(), new Date(toMs).toISOString()];
  const counts = { humanReviews: 0, guardrails: 0, failedGuardrails: 0 };
  for (const days of portions(await calendar.daysOf(fleet, [{ fromMs, toMs }]))) {
    const { rows } = await pool.query<typeof counts>(
      `SELECT count(*) FILTER (WHERE s.kind = 'HUMAN_REVIEW') AS "humanReviews",
         count(*) FILTER (WHERE s.kind = 'GUARDRAIL') AS guardrails,
         count(*) FILTER (WHERE s.kind = 'GUARDRAIL' AND s.outcome = 'ERROR') AS "failedGuardrails"
       FROM decision d JOIN step s ON s.fleet_id = d.fleet_id AND s.decision_id = d.id AND s.risk_class = d.risk_class
         AND s.sealed_on = d.sealed_on AND s.kind IN ('HUMAN_REVIEW', 'GUARDRAIL')
       WHERE d.fleet_id = $1 AND d.sealed_on = ANY($2::date[]) AND s.sealed_on = ANY($2::date[])
         AND d.started_at >= $3 AND d.started_at < $4
         AND ($5::text[] IS NULL OR d.agent = ANY($5)) AND ($6::text[] IS NULL OR d.risk_class = ANY($6))
         AND ($7::text[] IS NULL OR d.id = ANY($7))`,
      [fleet, days, ...span, agents, riskClasses, decisionIds],
    );
    for (const name of Object.keys(counts) as (keyof typeof counts)[]) counts[name] += rows[0]?.[name] ?? 0;
  }
  const { rows: anomalies } = await pool.query<{ kind: string; count: number }>(
    `SELECT kind, count(*) AS count FROM anomaly
     WHERE fleet_id = $1 AND detected_at >= $2 AND detected_at < $3 AND ($4::text[] IS NULL OR agent = ANY($4))
       AND ($5::text[] IS NULL OR decision_id = ANY($5))
     GROUP BY kind ORDER BY kind`,
    [fleet, ...span, agents, decisionIds],
  );
  return { ...counts, anomalies: Object.fromEntries(anomalies.map(({ kind, count }) => [kind, count])) };
}
