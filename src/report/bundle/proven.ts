import type { Pool } from '../../db/pool.js';
import { AppError } from '../../errors.js';
import type { BundleLine, EndLine, ManifestLine } from '../../ledger/bundle/line.js';
import { BUNDLE_FORMAT } from '../../ledger/bundle/line.js';
import { formatVerifierKey, verifierKey } from '../../ledger/note/key.js';
import { findKeys } from '../../ledger/publish/keys.js';
import { originOf, readInstallation } from '../../ledger/publish/origin.js';
import { noteOf } from '../../ledger/publish/proofs.js';
import { CHECKPOINT_COLUMNS, type PublishedCheckpoint } from '../../ledger/publish/store.js';

export type Line = Exclude<BundleLine, EndLine>;

/** What a bundle of a fleet's ledger is proven by. */
export interface Proven {
  fleet: string;
  origin: string;
  keys: readonly string[];
  /** The smallest that covers everything, else the largest there is; null when nothing was published. */
  checkpoint: PublishedCheckpoint | null;
}

/** The program as it stands in what it writes. */
export async function readProven(pool: Pool, fleet: string, size: number): Promise<Proven> {
  const origin = originOf(await readInstallation(pool), fleet);
  const keys = (await findKeys(pool, fleet)).map(({ publicKey }) =>
    formatVerifierKey(verifierKey(origin, publicKey, 'note')),
  );
  const { rows } = await pool.query<PublishedCheckpoint>(
    `(SELECT ${CHECKPOINT_COLUMNS} FROM ledger_checkpoint c WHERE c.fleet_id = $1 AND c.size >= $2 ORDER BY c.size LIMIT 1)
     UNION ALL
     (SELECT ${CHECKPOINT_COLUMNS} FROM ledger_checkpoint c WHERE c.fleet_id = $1 AND c.size < $2 ORDER BY c.size DESC LIMIT 1)
     LIMIT 1`,
    [fleet, size],
  );
  return { fleet, origin, keys, checkpoint: rows[0] ?? null };
}

/** The first lines of a bundle. */
export function* headLines(
  { fleet, origin, keys }: Proven,
  manifest: Pick<ManifestLine, 'generator' | 'scope' | 'from' | 'to' | 'about' | 'content'>,
): Generator<Line> {
  yield { type: 'manifest', format: BUNDLE_FORMAT, fleet, origin, ...manifest };
  for (const vkey of keys) yield { type: 'key', vkey };
}

export function checkpointLine(checkpoint: PublishedCheckpoint): Line {
  return { type: 'checkpoint', note: noteOf(checkpoint) };
}

/** Throws UNAVAILABLE for a ledger of which so much is not published. */
export function requirePublished({ fleet, checkpoint }: Proven, size: number): PublishedCheckpoint {
  if (checkpoint !== null && checkpoint.size >= size) return checkpoint;
  throw new AppError(
    'UNAVAILABLE',
    `the ledger of ${fleet} is published up to ${checkpoint?.size ?? 0} entries and not up to ${size}: see what the log says of it`,
  );
}
