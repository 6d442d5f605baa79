import type { Client, Pool } from '../db/pool.js';

/** A token over a head of the log of the installation, verified before it was kept. */
export interface KeptTimestamp {
  /** How many leaves the log of the installation had. */
  rootSize: number;
  /** What the token is over: the checkpoint with the log's own signature and no other. */
  note: string;
  /** Who the certificate says the authority is. */
  authority: string;
  /** By the authority's clock. */
  stampedAt: Date;
  /** DER of the RFC 3161 TimeStampToken. */
  token: Buffer;
}

const COLUMNS = 'root_size AS "rootSize", note, authority, stamped_at AS "stampedAt", token';

/** The token over the largest tree; null when there is none. */
export async function findNewestTimestamp(pool: Pool): Promise<KeptTimestamp | null> {
  const { rows } = await pool.query<KeptTimestamp>(
    `SELECT ${COLUMNS} FROM ledger_timestamp ORDER BY root_size DESC LIMIT 1`,
  );
  return rows[0] ?? null;
}

/** The token over the tree of exactly this size; null when there is none. */
export async function findTimestamp(database: Pool | Client, rootSize: number): Promise<KeptTimestamp | null> {
  const { rows } = await database.query<KeptTimestamp>(`SELECT ${COLUMNS} FROM ledger_timestamp WHERE root_size = $1`, [
    rootSize,
  ]);
  return rows[0] ?? null;
}

/** Keeps a token; of two over the same tree the one that came first. */
export async function keepTimestamp(pool: Pool, kept: KeptTimestamp): Promise<void> {
  const { rootSize, note, authority, stampedAt, token } = kept;
  await pool.query(
    `INSERT INTO ledger_timestamp (root_size, note, authority, stamped_at, token) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (root_size) DO NOTHING`,
    [rootSize, note, authority, stampedAt, token],
  );
}
