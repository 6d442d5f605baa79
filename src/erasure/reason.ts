import { canonicalize } from '../ledger/canonical.js';
import { commit, drawSalts } from '../ledger/commitment.js';

/** Why somebody did something, in their own words, which may name people: the ledger holds its digest alone. */
export interface SealedReason {
  reason: string;
  /** 32 bytes, kept beside the reason. */
  salt: Buffer;
  /** Hex SHA-256 as of all content, CONTRACT section 9, over `{"reason":…}`. */
  digest: string;
}

export function sealReason(reason: string): SealedReason {
  const salt = Buffer.from(drawSalts(1));
  return { reason, salt, digest: commit(salt, canonicalize({ reason })) };
}
