import type { Alert } from '../alert/evaluate-rule.js';
import type { Client, Pool } from '../db/pool.js';

/** Where a group stands under a rule, and the alert that its incident is. */
export interface Standing {
  alert: Alert;
  /** Null while it has had none. */
  alertSeq: number | null;
}

/** The groups of one rule by `groupKey`. */
export interface RuleStanding {
  /** What the rule was about: `subjectOf`. */
  subject: string;
  groups: ReadonlyMap<string, Standing>;
}

/** By the rule's name. */
export type Standings = ReadonlyMap<string, RuleStanding>;

interface StandingRow {
  rule: string;
  groupKey: string;
  subject: string;
  standing: Alert;
  alertSeq: number | null;
}

/** All of a fleet, by rule. */
export async function loadStandings(pool: Pool, fleet: string): Promise<Standings> {
  const { rows } = await pool.query<StandingRow>(
    `SELECT rule, group_key AS "groupKey", subject, standing, alert_seq AS "alertSeq" FROM alert_state
     WHERE fleet_id = $1 ORDER BY rule, group_key`,
    [fleet],
  );
  const standings = new Map<string, { subject: string; groups: Map<string, Standing> }>();
  for (const { rule, groupKey, subject, standing, alertSeq } of rows) {
    const known = standings.get(rule) ?? { subject, groups: new Map() };
    known.groups.set(groupKey, { alert: standing, alertSeq });
    standings.set(rule, known);
  }
  return standings;
}

/** A group's new standing under a rule; null: nothing is to be remembered of it. */
export interface StandingChange {
  rule: string;
  subject: string;
  groupKey: string;
  standing: Standing | null;
}

/** What is to be written to get from one to the other: evaluations that changed nothing are not. */
export function changedStandings(before: Standings, after: Standings): StandingChange[] {
  const changes: StandingChange[] = [];
  for (const [rule, { subject, groups }] of after) {
    const known = before.get(rule);
    for (const [key, standing] of groups) {
      const old = known?.groups.get(key);
      const isSame = known?.subject === subject && old !== undefined && essenceOf(old) === essenceOf(standing);
      if (!isSame) changes.push({ rule, subject, groupKey: key, standing });
    }
  }
  for (const [rule, { subject, groups }] of before) {
    for (const key of groups.keys()) {
      if (after.get(rule)?.groups.has(key) !== true) changes.push({ rule, subject, groupKey: key, standing: null });
    }
  }
  return changes;
}

/** All but what every evaluation changes, and the next one would again. */
function essenceOf({ alert, alertSeq }: Standing): string {
  const { evaluatedAtMs: _evaluated, decided: _decided, ...state } = alert.state;
  return JSON.stringify([alertSeq, alert.labels, state]);
}

export async function saveStandings(client: Client, fleet: string, changes: readonly StandingChange[]): Promise<void> {
  const gone = changes.filter(({ standing }) => standing === null);
  const kept = changes.flatMap(({ standing, ...place }) => (standing === null ? [] : [{ ...place, ...standing }]));
  if (gone.length > 0) {
    await client.query(
      `DELETE FROM alert_state USING unnest($2::text[], $3::text[]) AS gone (rule, group_key)
       WHERE fleet_id = $1 AND alert_state.rule = gone.rule AND alert_state.group_key = gone.group_key`,
      [fleet, gone.map(({ rule }) => rule), gone.map(({ groupKey }) => groupKey)],
    );
  }
  if (kept.length === 0) return;
  await client.query(
    `INSERT INTO alert_state (fleet_id, rule, group_key, subject, standing, alert_seq)
     SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::jsonb[], $6::bigint[])
     ON CONFLICT (fleet_id, rule, group_key) DO UPDATE SET
       subject = EXCLUDED.subject, standing = EXCLUDED.standing, alert_seq = EXCLUDED.alert_seq`,
    [
      fleet,
      kept.map(({ rule }) => rule),
      kept.map(({ groupKey }) => groupKey),
      kept.map(({ subject }) => subject),
      kept.map(({ alert }) => JSON.stringify(alert)),
      kept.map(({ alertSeq }) => alertSeq),
    ],
  );
}
