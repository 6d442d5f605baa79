import { type Client, LEASE_HELD } from '../db/pool.js';
import { AppError } from '../errors.js';
import type { Head } from './chain.js';
import { describeContradiction, findStanding, IS_CONTRADICTED } from './contradiction.js';

/** Nothing can be appended to a ledger now, whatever it is: a witness contradicts it, or it does not end where its head says. */
export class LedgerStopped extends AppError {
  constructor(message: string) {
    super('LEDGER_INTEGRITY', message);
  }
}

/** One statement for the first entry and for every other: a head that is missing stands for an empty ledger alone. */
const ADVANCE = `
  INSERT INTO ledger_head AS head (fleet_id, size, hash, epoch)
  SELECT $1, $4::bigint, decode($5, 'hex'), installation.epoch FROM installation
  WHERE ${LEASE_HELD} AND NOT ${IS_CONTRADICTED} AND ($2::bigint = 0 OR EXISTS (SELECT FROM ledger_head WHERE fleet_id = $1))
  ON CONFLICT (fleet_id) DO UPDATE SET size = EXCLUDED.size, hash = EXCLUDED.hash, epoch = EXCLUDED.epoch
  WHERE head.size = $2 AND head.hash = decode($3, 'hex')`;

/**
 * Compares the head of a fleet's ledger with `from` and sets it to `to`, in the transaction that appends what lies between.
 * Throws LedgerStopped, whose code is LEDGER_INTEGRITY, when it is another, or a witness contradicts it, CONFLICT when the
 * lease of this process is another's by now.
 */
export async function advanceHead(
  client: Client,
  fleet: string,
  { from, to }: { from: Head; to: Head },
): Promise<void> {
  const { rowCount } = await client.query({
    name: 'advance ledger head',
    text: ADVANCE,
    values: [fleet, from.seq + 1, from.hash, to.seq + 1, to.hash],
  });
  if (rowCount === 1) return;
  const { rows } = await client.query<{ is_held: boolean }>(`SELECT ${LEASE_HELD} AS is_held FROM installation`);
  if (rows[0]?.is_held !== true) {
    throw new AppError('CONFLICT', 'another Midwatch works on this database: this one may not append any more');
  }
  await requireUncontradicted(client, fleet);
  throw new LedgerStopped(
    `the ledger of ${fleet} does not end where its head says: nothing is appended until that is looked into`,
  );
}

/** Throws LedgerStopped where a witness contradicts the ledger. */
export async function requireUncontradicted(client: Client, fleet: string): Promise<void> {
  const [standing] = await findStanding(client, fleet);
  if (standing !== undefined) throw new LedgerStopped(describeContradiction(standing));
}
