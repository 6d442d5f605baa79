import type { Client, Pool } from '../db/pool.js';

/** `AHEAD`: the witness has seen more entries than the ledger has; `INCONSISTENT`: others than it has. */
export const CONTRADICTION_KINDS = ['AHEAD', 'INCONSISTENT'] as const;
/** `COSIGNED`: the witness found that the ledger goes on from what it knew; `LEFT_POLICY`: it is not asked any more. */
export const CONTRADICTION_ENDS = ['COSIGNED', 'LEFT_POLICY'] as const;

/** A witness that cosigned what a ledger does not continue: entries were lost, or there are two histories. */
export interface Contradiction {
  /** `ROOT_LOG` for the log of the installation. */
  fleet: string;
  /** The witness's name in the policy. */
  witness: string;
  kind: (typeof CONTRADICTION_KINDS)[number];
  /** How many entries the witness has cosigned. */
  witnessSize: number;
  /** How many the ledger had. */
  ownSize: number;
  /** The checkpoint that the witness cosigned, with the ledger's own signature; null when it did not show it. */
  evidence: string | null;
}

export interface KeptContradiction extends Contradiction {
  foundAt: Date;
  /** Null while it stands. */
  overAt: Date | null;
  overBy: (typeof CONTRADICTION_ENDS)[number] | null;
}

/** The condition, in a statement whose first parameter is the fleet, that a contradiction of its ledger stands. */
export const IS_CONTRADICTED = 'EXISTS (SELECT FROM ledger_contradiction WHERE fleet_id = $1 AND over_at IS NULL)';

const SELECTION = `SELECT fleet_id AS fleet, witness, kind, witness_size AS "witnessSize", own_size AS "ownSize", evidence,
  found_at AS "foundAt", over_at AS "overAt", over_by AS "overBy" FROM ledger_contradiction`;

/** The contradictions that stand, of one ledger, or of all. */
export async function findStanding(database: Pool | Client, fleet?: string): Promise<KeptContradiction[]> {
  const { rows } = await database.query<KeptContradiction>(
    `${SELECTION} WHERE over_at IS NULL AND ($1::text IS NULL OR fleet_id = $1) ORDER BY fleet_id, found_at`,
    [fleet ?? null],
  );
  return rows;
}

const LISTED_MAX = 100;

/** The contradictions of a ledger, the newest first, at most 100. */
export async function listContradictions(pool: Pool, fleet: string): Promise<KeptContradiction[]> {
  const { rows } = await pool.query<KeptContradiction>(
    `${SELECTION} WHERE fleet_id = $1 ORDER BY found_at DESC LIMIT ${LISTED_MAX}`,
    [fleet],
  );
  return rows;
}

/** Notes a contradiction; false when one of this witness and ledger stands already, which gets the evidence if it had none. */
export async function keepContradiction(
  pool: Pool,
  { fleet, witness, kind, witnessSize, ownSize, evidence, at }: Contradiction & { at: Date },
): Promise<boolean> {
  const { rows } = await pool.query<{ is_new: boolean }>(
    `INSERT INTO ledger_contradiction AS known (fleet_id, witness, found_at, kind, witness_size, own_size, evidence)
     VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (fleet_id, witness) WHERE over_at IS NULL
       DO UPDATE SET evidence = coalesce(known.evidence, EXCLUDED.evidence)
     RETURNING found_at = $3 AS is_new`,
    [fleet, witness, at, kind, witnessSize, ownSize, evidence],
  );
  return rows[0]?.is_new === true;
}

/** A witness cosigned a ledger again; whether a contradiction of it stood until then. */
export async function endContradiction(
  database: Pool | Client,
  { fleet, witness, at }: Pick<Contradiction, 'fleet' | 'witness'> & { at: Date },
): Promise<boolean> {
  const { rowCount } = await database.query(
    `UPDATE ledger_contradiction SET over_at = $3, over_by = 'COSIGNED'
     WHERE fleet_id = $1 AND witness = $2 AND over_at IS NULL`,
    [fleet, witness, at],
  );
  return (rowCount ?? 0) > 0;
}

/** Ends what other witnesses than these said and nothing proves; returns it. */
export async function endUnproven(
  pool: Pool,
  { witnesses, at }: { witnesses: readonly string[]; at: Date },
): Promise<Pick<Contradiction, 'fleet' | 'witness'>[]> {
  const { rows } = await pool.query<Pick<Contradiction, 'fleet' | 'witness'>>(
    `UPDATE ledger_contradiction SET over_at = $2, over_by = 'LEFT_POLICY'
     WHERE over_at IS NULL AND evidence IS NULL AND witness <> ALL($1) RETURNING fleet_id AS fleet, witness`,
    [witnesses, at],
  );
  return rows;
}

/** What a witness says, in words. */
export function phraseContradiction({ witness, kind, witnessSize, ownSize, evidence }: Contradiction): string {
  const seen =
    kind === 'AHEAD'
      ? `the witness ${witness} has cosigned ${witnessSize} entries, this database has ${ownSize}`
      : `the witness ${witness} has cosigned ${witnessSize} entries that differ from this database's`;
  return evidence === null ? seen : `${seen}, signed with the key of this installation`;
}

/** What somebody reads whose change is refused: what is wrong, and what to do. */
export function describeContradiction(contradiction: Contradiction): string {
  const seen = phraseContradiction(contradiction);
  return `the ledger stands still: ${seen}. Restore the newest copy of the database (docs/WITNESS.md)`;
}
