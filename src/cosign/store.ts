import { type Client, inTransaction, type Pool } from '../db/pool.js';
import { endContradiction } from '../ledger/contradiction.js';
import { checkCosignature } from '../ledger/note/cosignature.js';
import type { VerifierKey } from '../ledger/note/key.js';
import { formatSignature, type NoteSignature, parseNote } from '../ledger/note/signed-note.js';
import { type AskedWitness, isWitnessed, type WitnessPolicy } from './witness-policy.js';

/** What one witness said of a log last. */
export interface LastCosignature {
  size: number;
  /** By the witness's own clock. */
  at: Date;
}

/** How far one witness of the policy is with a ledger. */
export interface WitnessStanding extends AskedWitness {
  /** Null when nothing of it is kept with the newest checkpoints. */
  last: LastCosignature | null;
}

interface CosignedRow {
  size: number;
  note: string;
  cosignatures: readonly string[];
}

/** Witnesses that are that far behind are asked without knowing what they have: they say it. */
const REMEMBERED = 20;

/** The newest cosignature of each witness that is still kept with one of the newest checkpoints, by its name in the policy. */
export async function findLastCosignatures(
  pool: Pool,
  fleet: string,
  { witnesses }: WitnessPolicy,
): Promise<Map<string, LastCosignature>> {
  const { rows } = await pool.query<CosignedRow>(
    `SELECT size, note, cosignatures FROM ledger_checkpoint
     WHERE fleet_id = $1 AND cosignatures <> '{}' ORDER BY size DESC LIMIT ${REMEMBERED}`,
    [fleet],
  );
  const last = new Map<string, LastCosignature>();
  for (const row of rows) {
    for (const { name, key } of witnesses) {
      const atS = last.has(name) ? null : cosignedAtS(row, key);
      if (atS !== null) last.set(name, { size: row.size, at: new Date(Number(atS) * 1_000) });
    }
  }
  return last;
}

/** The witnesses of the policy, in its order, as they stand with a ledger. */
export async function readStandings(pool: Pool, fleet: string, policy: WitnessPolicy): Promise<WitnessStanding[]> {
  const last = await findLastCosignatures(pool, fleet, policy);
  return policy.witnesses.map((witness) => ({ ...witness, last: last.get(witness.name) ?? null }));
}

/** What is kept is checked each time: the database may have been given something else. */
function cosignedAtS(
  { note, cosignatures }: Pick<CosignedRow, 'note' | 'cosignatures'>,
  key: VerifierKey,
): bigint | null {
  const signed = parseNote(note + cosignatures.join(''));
  const atS = signed === null ? null : checkCosignature(signed, key);
  return atS === 'forged' ? null : atS;
}

export interface NewCosignature {
  fleet: string;
  size: number;
  witness: string;
  signature: NoteSignature;
  /** Now. */
  at: Date;
}

/**
 * Keeps a cosignature with its checkpoint, in the place of an earlier one of the same key, and notes when a quorum is there.
 * What the witness said against the ledger is over. A checkpoint that is not kept any more stays away.
 */
export async function keepCosignature(
  pool: Pool,
  { fleet, size, witness, signature, at }: NewCosignature,
  policy: WitnessPolicy,
): Promise<{ hasEndedContradiction: boolean }> {
  return inTransaction(pool, async (client) => {
    const row = await lockCheckpoint(client, { fleet, size });
    if (row !== null) {
      const lines = [...row.cosignatures.filter((line) => !isOf(line, signature)), formatSignature(signature)];
      const cosigned = policy.witnesses.filter(({ key }) => cosignedAtS({ ...row, cosignatures: lines }, key) !== null);
      const isEnough = isWitnessed(policy.quorum, new Set(cosigned.map(({ name }) => name)));
      await client.query(
        `UPDATE ledger_checkpoint SET cosignatures = $3, witnessed_at = CASE WHEN $4 THEN coalesce(witnessed_at, $5) END
         WHERE fleet_id = $1 AND size = $2`,
        [fleet, size, lines, isEnough, at],
      );
    }
    return { hasEndedContradiction: await endContradiction(client, { fleet, witness, at }) };
  });
}

async function lockCheckpoint(
  client: Client,
  { fleet, size }: { fleet: string; size: number },
): Promise<Omit<CosignedRow, 'size'> | null> {
  const { rows } = await client.query<Omit<CosignedRow, 'size'>>(
    'SELECT note, cosignatures FROM ledger_checkpoint WHERE fleet_id = $1 AND size = $2 FOR UPDATE',
    [fleet, size],
  );
  return rows[0] ?? null;
}

function isOf(line: string, { name, keyId }: NoteSignature): boolean {
  const [, key, encoded = ''] = line.split(' ');
  return key === name && Buffer.from(encoded, 'base64').toString('hex', 0, 4) === keyId;
}
