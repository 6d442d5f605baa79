import type { Pool } from '../../db/pool.js';
import { AppError } from '../../errors.js';
import { LedgerWalk } from './ledger-walk.js';
import type { CheckFault } from './tree-check.js';

/** The verdict on a ledger that was walked from its first entry. */
export interface LedgerVerification {
  intact: boolean;
  /** Entries found good, from seq 0 on. */
  checked: number;
  /** The hash of the last good entry; 64 zeros when there is none. */
  headHash: string;
  /** The first bad seq; null when the ledger is intact, or no single entry is to blame. */
  faultSeq: number | null;
  fault: string | null;
  /** Entries that there are, and those of them that the newest checkpoint covers. */
  sealed: number;
  published: number;
}

const PAGE = 2_000;

/** Walks a whole ledger, as it is at the start. Throws REQUEST_TIMEOUT when `signal` is aborted meanwhile. */
export async function verifyLedger(pool: Pool, fleet: string, signal: AbortSignal): Promise<LedgerVerification> {
  const walk = await LedgerWalk.begin(pool, fleet);
  do {
    if (signal.aborted) throw new AppError('REQUEST_TIMEOUT', 'the verification was abandoned');
    const fault = await walk.next(PAGE);
    if (fault !== null) return verdict(walk, fault);
  } while (!walk.isDone);
  return verdict(walk, null);
}

function verdict({ head, extent: { sealed, published } }: LedgerWalk, fault: CheckFault | null): LedgerVerification {
  return {
    intact: fault === null,
    checked: head.seq + 1,
    headHash: head.hash,
    faultSeq: fault?.seq ?? null,
    fault: fault?.fault ?? null,
    sealed,
    published,
  };
}
