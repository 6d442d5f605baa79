import type { Client } from '../db/pool.js';
import { appendOrOwe } from '../ledger/append.js';
import { canonicalize } from '../ledger/canonical.js';
import type { EntryDraft } from '../ledger/chain.js';
import type { AlertChangeKind, AlertRow } from './alert.js';

/** Something that happens to an alert, or begins one. */
export interface AlertEvent {
  change: AlertChangeKind;
  atMs: number;
  actor: string | null;
  comment: string | null;
  /** The alert after the change; without a place it is new, and gets one. */
  alert: Omit<AlertRow, 'seq' | 'changedSeq'> & { seq: number | null };
}

/** What the ledger says of: that somebody's attention was asked for, by what, and what came of it. */
const SEALED: ReadonlySet<AlertChangeKind> = new Set(['FIRING', 'RESOLVED', 'ACKNOWLEDGED', 'COMMENTED']);

/**
 * Writes what happened to alerts and seals it in the ledger, which owes it while it stands still: nobody is to sleep through a
 * night because of that. It does so in a transaction that has locked the fleet's row: places follow
 * the order of commits, so whoever reads by place misses none. Returns the alerts as they are now, in the order given.
 */
export async function recordAlertEvents(
  client: Client,
  fleet: string,
  { events, nowMs }: { events: readonly AlertEvent[]; nowMs: number },
): Promise<AlertRow[]> {
  if (events.length === 0) return [];
  const { rows } = await client.query<{ reached: number }>(
    'UPDATE fleet SET alert_seq = alert_seq + $2 WHERE id = $1 RETURNING alert_seq AS reached',
    [fleet, events.length],
  );
  const first = (rows[0]?.reached ?? 0) - events.length + 1;
  const alerts = events.map(({ alert }, index) => ({
    ...alert,
    seq: alert.seq ?? first + index,
    changedSeq: first + index,
  }));
  await writeAlerts(client, fleet, alerts);
  await writeChanges(client, fleet, events, alerts);
  const drafts = events.flatMap((event, index) =>
    SEALED.has(event.change) ? [draftOf(event, alerts[index] as AlertRow)] : [],
  );
  await appendOrOwe(client, fleet, { drafts, nowMs });
  return alerts;
}

/** The newest word on each counts: one alert may change twice in a batch. */
async function writeAlerts(client: Client, fleet: string, alerts: readonly AlertRow[]): Promise<void> {
  const newest = [...new Map(alerts.map((alert) => [alert.seq, alert])).values()];
  await client.query(
    `INSERT INTO alert (fleet_id, seq, changed_seq, rule, condition, severity, state, labels, agent, customer_segment,
       anomaly_kind, summary, value, threshold, started_at, fired_at, resolved_at, reopened, acknowledged_at,
       acknowledged_by, decision_ids, victims)
     SELECT $1, seq, "changedSeq", rule, condition, severity, state, labels, agent, "customerSegment", "anomalyKind", summary,
       value, threshold, "startedAt", "firedAt", "resolvedAt", reopened, "acknowledgedAt", "acknowledgedBy", "decisionIds", victims
     FROM jsonb_to_recordset($2) AS alert (seq bigint, "changedSeq" bigint, rule text, condition text, severity text,
       state text, labels jsonb, agent text, "customerSegment" text, "anomalyKind" text, summary text, value float8,
       threshold float8, "startedAt" timestamptz, "firedAt" timestamptz, "resolvedAt" timestamptz, reopened int,
       "acknowledgedAt" timestamptz, "acknowledgedBy" text, "decisionIds" text[], victims text[])
     ON CONFLICT (fleet_id, seq) DO UPDATE SET
       changed_seq = EXCLUDED.changed_seq, severity = EXCLUDED.severity, state = EXCLUDED.state, labels = EXCLUDED.labels,
       summary = EXCLUDED.summary, value = EXCLUDED.value, threshold = EXCLUDED.threshold, fired_at = EXCLUDED.fired_at,
       resolved_at = EXCLUDED.resolved_at, reopened = EXCLUDED.reopened, acknowledged_at = EXCLUDED.acknowledged_at,
       acknowledged_by = EXCLUDED.acknowledged_by, decision_ids = EXCLUDED.decision_ids, victims = EXCLUDED.victims`,
    [fleet, JSON.stringify(newest)],
  );
}

async function writeChanges(
  client: Client,
  fleet: string,
  events: readonly AlertEvent[],
  alerts: readonly AlertRow[],
): Promise<void> {
  await client.query(
    `INSERT INTO alert_change (fleet_id, seq, alert_seq, change, at, actor, comment, alert)
     SELECT $1, * FROM unnest($2::bigint[], $3::bigint[], $4::text[], $5::timestamptz[], $6::text[], $7::text[], $8::jsonb[])`,
    [
      fleet,
      alerts.map(({ changedSeq }) => changedSeq),
      alerts.map(({ seq }) => seq),
      events.map(({ change }) => change),
      events.map(({ atMs }) => new Date(atMs)),
      events.map(({ actor }) => actor),
      events.map(({ comment }) => comment),
      alerts.map((alert) => JSON.stringify(alert)),
    ],
  );
}

/** A comment may be anything a person wrote: like a reason, it is no content of a decision. */
function draftOf({ change, atMs, actor, comment }: AlertEvent, alert: AlertRow): EntryDraft {
  const { seq, rule, condition, severity, labels, summary, value, threshold, decisionIds } = alert;
  const number = (figure: number | null) => (figure === null ? null : String(figure));
  const payload = {
    actor,
    at: new Date(atMs).toISOString(),
    change,
    comment,
    condition,
    decisionIds: [...decisionIds],
    labels: { ...labels },
    rule,
    severity,
    summary,
    threshold: number(threshold),
    value: number(value),
  };
  return { kind: 'ALERT', subject: `Alert:${seq}`, payload: canonicalize(payload) };
}
