import type { Client } from '../db/pool.js';
import type { EntryDraft } from '../ledger/chain.js';
import { SEVERITIES } from '../settings/settings.js';
import type { Sighting } from './anomaly.js';
import { type Incident, incidentDraft } from './incident-entry.js';

const rankOf = ({ severity }: Sighting) => SEVERITIES.indexOf(severity);
const rankSql = (column: string) => `array_position(ARRAY['${SEVERITIES.join("','")}'], ${column})`;

/** An incident that is seen again changes nothing, unless it is more severe now or it is only now known whose it is. */
const RECORD = `
  INSERT INTO anomaly AS known (fleet_id, seq, kind, incident, severity, agent, decision_id, customer_segment, metric,
    observed, expected, score, detected_at, summary, evidence, quotes)
  SELECT $1, $2 + sighting.place, kind, incident, severity, agent, decision_id, customer_segment, metric,
    observed, expected, score, to_timestamp(detected_at_ms / 1000), summary, evidence, quotes
  FROM jsonb_to_recordset($3) AS sighting (place bigint, kind text, incident text, severity text, agent text,
    decision_id text, customer_segment text, metric text, observed float8, expected float8, score float8,
    detected_at_ms float8, summary text, evidence jsonb, quotes jsonb)
  ORDER BY sighting.place
  ON CONFLICT (fleet_id, kind, incident) DO UPDATE SET
    agent = coalesce(EXCLUDED.agent, known.agent), decision_id = coalesce(EXCLUDED.decision_id, known.decision_id),
    customer_segment = coalesce(EXCLUDED.customer_segment, known.customer_segment),
    severity = EXCLUDED.severity, score = EXCLUDED.score, observed = EXCLUDED.observed, expected = EXCLUDED.expected,
    summary = EXCLUDED.summary, evidence = EXCLUDED.evidence, quotes = EXCLUDED.quotes,
    raised_seq = CASE WHEN ${rankSql('EXCLUDED.severity')} > ${rankSql('known.severity')} THEN EXCLUDED.seq ELSE known.raised_seq END,
    raised_from = CASE WHEN ${rankSql('EXCLUDED.severity')} > ${rankSql('known.severity')}
      THEN coalesce(known.raised_from, known.severity) ELSE known.raised_from END
  WHERE ${rankSql('EXCLUDED.severity')} > ${rankSql('known.severity')}
    OR (${rankSql('EXCLUDED.severity')} = ${rankSql('known.severity')}
      AND known.decision_id IS NULL AND EXCLUDED.decision_id IS NOT NULL)
  RETURNING seq, kind, severity, agent, decision_id AS "decisionId", customer_segment AS "customerSegment", metric, observed,
    expected, score, detected_at AS "detectedAt", summary, coalesce(raised_seq, seq) AS "severeSince",
    raised_from AS "foundAs"`;

/**
 * Writes what was seen, in a transaction that has locked the fleet's row: places follow the order of commits, so whoever
 * reads by place misses none. Each incident is one row. Returns the place the fleet's stream has reached, and what the ledger
 * is to say: of each that is critical from now on.
 */
export async function recordSightings(
  client: Client,
  fleet: string,
  sightings: readonly Sighting[],
): Promise<RecordedSightings> {
  const distinct = mostSevere(sightings);
  const { rows } = await client.query<{ reached: number }>(
    'UPDATE fleet SET anomaly_seq = anomaly_seq + $2 WHERE id = $1 RETURNING anomaly_seq AS reached',
    [fleet, distinct.length],
  );
  const reached = rows[0]?.reached ?? 0;
  const before = reached - distinct.length;
  const changed = await client.query<Changed>(RECORD, [
    fleet,
    before,
    JSON.stringify(distinct.map(toRecord), storable),
  ]);
  const drafts = changed.rows.filter((row) => isSealed(row) && row.severeSince > before).map(incidentDraft);
  return { reached, drafts };
}

export interface RecordedSightings {
  reached: number;
  drafts: EntryDraft[];
}

type Changed = Incident & { severeSince: number };

/** A fault of the ledger is not told in it: a ledger that is not as it was sealed takes nothing more. */
function isSealed({ kind, severity }: Changed): boolean {
  return severity === 'CRITICAL' && kind !== 'LEDGER_FAULT';
}

/** What was found in decisions that turned out to be part of others was found in those. */
export async function moveSightings(
  client: Client,
  fleet: string,
  superseded: readonly { id: string; by: string }[],
): Promise<void> {
  if (superseded.length === 0) return;
  await client.query(
    `UPDATE anomaly SET decision_id = moved.by FROM unnest($2::text[], $3::text[]) AS moved (id, by)
     WHERE fleet_id = $1 AND decision_id = moved.id`,
    [fleet, superseded.map(({ id }) => id), superseded.map(({ by }) => by)],
  );
}

/** One statement cannot change a row twice. */
function mostSevere(sightings: readonly Sighting[]): Sighting[] {
  const byIncident = new Map<string, Sighting>();
  for (const sighting of sightings) {
    const key = JSON.stringify([sighting.kind, sighting.incident]);
    const known = byIncident.get(key);
    if (known === undefined || rankOf(sighting) > rankOf(known)) byIncident.set(key, sighting);
  }
  return [...byIncident.values()];
}

/** What detectors quote may be cut anywhere, and PostgreSQL holds neither half a character nor NUL. */
function storable(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? value.toWellFormed().replaceAll('\0', '\uFFFD') : value;
}

function toRecord(sighting: Sighting, index: number): Record<string, unknown> {
  const { decisionId, customerSegment, detectedAtMs, score, ...same } = sighting;
  return {
    ...same,
    // Where a detector's arithmetic fails, what it saw, and the decisions it comes with, are recorded all the same.
    score: Number.isFinite(score) ? score : 1,
    place: index + 1,
    decision_id: decisionId,
    customer_segment: customerSegment,
    detected_at_ms: detectedAtMs,
  };
}
