import type { Pool } from '../../db/pool.js';

/** A key of a log, and the sizes of the trees that it signs. */
export interface LedgerKey {
  /** 32 bytes. */
  publicKey: Buffer;
  fromSize: number;
  /** The largest; null while it signs. */
  toSize: number | null;
  createdAt: Date;
  /** From when on nothing that it signed is to be believed; null when it was not revoked. */
  revokedAt: Date | null;
}

/** The keys of a log, the newest first. */
export async function findKeys(pool: Pool, fleet: string): Promise<LedgerKey[]> {
  const { rows } = await pool.query<LedgerKey>(
    `SELECT public_key AS "publicKey", from_size AS "fromSize", to_size AS "toSize", created_at AS "createdAt",
       revoked_at AS "revokedAt"
     FROM ledger_key WHERE fleet_id = $1 ORDER BY to_size DESC NULLS FIRST`,
    [fleet],
  );
  return rows;
}

/** The key that signs a log now; null when none does yet. */
export async function findCurrentKey(pool: Pool, fleet: string): Promise<LedgerKey | null> {
  const [newest] = await findKeys(pool, fleet);
  return newest?.toSize === null ? newest : null;
}

/** Puts the first key of a log in force; nothing when it has one. */
export async function beginKey(
  pool: Pool,
  { fleet, publicKey, at }: { fleet: string; publicKey: Buffer; at: Date },
): Promise<void> {
  await pool.query(
    `INSERT INTO ledger_key (fleet_id, public_key, from_size, created_at)
     SELECT $1, $2, 0, $3 WHERE NOT EXISTS (SELECT FROM ledger_key WHERE fleet_id = $1)
     ON CONFLICT DO NOTHING`,
    [fleet, publicKey, at],
  );
}
