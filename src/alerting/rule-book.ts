import { type RuleFields, readRule } from '../alert/read-rule.js';
import type { AlertRule } from '../alert/rule.js';
import type { Client, Pool } from '../db/pool.js';
import type { Log } from '../log.js';

/** A rule as somebody made it over the API. */
export interface OwnRule {
  name: string;
  fields: RuleFields;
  updatedAt: Date;
  updatedBy: string;
}

/** A rule in force, with who made it; null: the file. */
export interface KnownRule {
  rule: AlertRule;
  updatedAt: Date | null;
  updatedBy: string | null;
}

/** The rules of a fleet: those of midwatch.yaml, which hold for every fleet, and those made over the API. */
export class RuleBook {
  readonly #pool: Pool;
  readonly #ofFile: () => readonly AlertRule[];
  readonly #log: Log;

  constructor({ pool, ofFile, log }: { pool: Pool; ofFile: () => readonly AlertRule[]; log: Log }) {
    this.#pool = pool;
    this.#ofFile = ofFile;
    this.#log = log;
  }

  /** A rule of the file wins over one of the same name. */
  async rulesOf(fleet: string): Promise<KnownRule[]> {
    const ofFile = this.#ofFile();
    const names = new Set(ofFile.map(({ name }) => name));
    const own = await listOwnRules(this.#pool, fleet);
    return [
      ...ofFile.map((rule) => ({ rule, updatedAt: null, updatedBy: null })),
      ...own.filter(({ name }) => !names.has(name)).flatMap((each) => this.#read(each)),
    ];
  }

  isOfFile(name: string): boolean {
    return this.#ofFile().some((rule) => rule.name === name);
  }

  /** What an earlier version wrote and this one cannot read is left out, and said. */
  #read({ name, fields, updatedAt, updatedBy }: OwnRule): KnownRule[] {
    const { rule, problems } = readRule({ ...fields, name });
    if (rule !== null) return [{ rule, updatedAt, updatedBy }];
    this.#log.warn({ rule: name, problem: problems[0]?.message }, 'an alert rule cannot be read any more');
    return [];
  }
}

async function listOwnRules(pool: Pool, fleet: string): Promise<OwnRule[]> {
  const { rows } = await pool.query<OwnRule>(
    `SELECT name, fields, updated_at AS "updatedAt", updated_by AS "updatedBy" FROM alert_rule
     WHERE fleet_id = $1 ORDER BY name`,
    [fleet],
  );
  return rows;
}

export async function writeOwnRule(client: Client, fleet: string, rule: OwnRule): Promise<void> {
  await client.query(
    `INSERT INTO alert_rule (fleet_id, name, fields, updated_at, updated_by) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (fleet_id, name) DO UPDATE SET
       fields = EXCLUDED.fields, updated_at = EXCLUDED.updated_at, updated_by = EXCLUDED.updated_by`,
    [fleet, rule.name, JSON.stringify(rule.fields), rule.updatedAt, rule.updatedBy],
  );
}

/** Whether there was one. */
export async function removeOwnRule(client: Client, fleet: string, name: string): Promise<boolean> {
  const { rowCount } = await client.query('DELETE FROM alert_rule WHERE fleet_id = $1 AND name = $2', [fleet, name]);
  return rowCount === 1;
}
