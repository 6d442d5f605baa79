// Written by npm run operations from ledger.graphql: change that.
import type { Operation } from '../../data/operation.js';

type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** What a ledger entry seals. */
export type LedgerEntryKind =
  /** An alert: that it fired, resolved, was acknowledged or commented on. */
  | 'ALERT'
  /** What became known of a decision after it was sealed. */
  | 'AMENDMENT'
  /** A decision, when it was complete. */
  | 'DECISION'
  /** That content was asked to be erased, and what came of it. */
  | 'ERASURE'
  /** A report or bundle that was made, with its SHA-256 and who asked for it. */
  | 'EXPORT'
  /** A legal hold that was placed. */
  | 'HOLD'
  /** That the key which signs checkpoints was rotated, or an earlier one revoked, with the reason. */
  | 'LEDGER_KEY'
  /** What retention removed since it was past its time. */
  | 'PRUNE'
  /** A legal hold that was released. */
  | 'RELEASE'
  /** A re-pricing: which decisions cost something else by the prices of today, before and after. */
  | 'REPRICE'
  /** An alert rule that was made, changed or removed, with what it says. */
  | 'RULE'
  /** That the settings were read anew, with the digest of the file. */
  | 'SETTINGS'
  /** A silence that was begun or ended, with its reason. */
  | 'SILENCE';

/** Which entries: every condition that is given must hold. */
export type LedgerFilter = {
  /** Sealed at this time or after. */
  from?: string | null | undefined;
  /** Of one of these kinds. */
  kinds?: Array<LedgerEntryKind> | null | undefined;
  /** About this: a decision’s id, or `prices`. */
  subject?: string | null | undefined;
  /** Sealed before this time. */
  to?: string | null | undefined;
};

/** How much there is to hold an entry to. */
export type LedgerLevel =
  /** A signed checkpoint covers it. */
  | 'PUBLISHED'
  /** It is in the chain. */
  | 'SEALED'
  /** Enough witnesses have cosigned a checkpoint that covers it. */
  | 'WITNESSED';

export type LedgerStateQueryVariables = Exact<{ [key: string]: never; }>;


export type LedgerStateQuery = { ledger: { size: number, publicKey: string, head: { seq: number, hash: string, recordedAt: string } | null, checkpoint: { origin: string, size: number, rootHash: string, note: string, keyId: string, signedAt: string, witnessedAt: string | null, cosignatures: Array<{ name: string, keyId: string, cosignedAt: string | null }> } | null, keys: Array<{ id: string, publicKey: string, fromSize: number, toSize: number | null, createdAt: string, revokedAt: string | null }> } };

export type LedgerEntriesQueryVariables = Exact<{
  filter?: LedgerFilter | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type LedgerEntriesQuery = { ledger: { entries: { nodes: Array<{ id: string, seq: number, kind: LedgerEntryKind, recordedAt: string, subject: string, hash: string, level: LedgerLevel }>, pageInfo: { hasPreviousPage: boolean, startCursor: string | null } } } };

export type LedgerEntryProofQueryVariables = Exact<{
  seq: number;
}>;


export type LedgerEntryProofQuery = { ledger: { publicKey: string, entry: { seq: number, kind: LedgerEntryKind, recordedAt: string, subject: string, canonical: string, previousHash: string, hash: string, level: LedgerLevel } | null, inclusionProof: { leafIndex: number, treeSize: number, leafHash: string, hashes: Array<string>, rootHash: string, tlogProof: string | null, checkpoint: { note: string, size: number, rootHash: string, signedAt: string, witnessedAt: string | null, cosignatures: Array<{ name: string }> } | null } } };

export type VerifyLedgerQueryVariables = Exact<{ [key: string]: never; }>;


export type VerifyLedgerQuery = { ledger: { verify: { intact: boolean, checked: number, headHash: string, faultSeq: number | null, fault: string | null } } };

export const LedgerState = "query LedgerState{ledger{size publicKey head{seq hash recordedAt}checkpoint{origin size rootHash note keyId signedAt witnessedAt cosignatures{name keyId cosignedAt}}keys{id publicKey fromSize toSize createdAt revokedAt}}}" as Operation<LedgerStateQuery, LedgerStateQueryVariables>;

export const LedgerEntries = "query LedgerEntries($filter:LedgerFilter$last:Int$before:String){ledger{entries(filter:$filter last:$last before:$before){nodes{id seq kind recordedAt subject hash level}pageInfo{hasPreviousPage startCursor}}}}" as Operation<LedgerEntriesQuery, LedgerEntriesQueryVariables>;

export const LedgerEntryProof = "query LedgerEntryProof($seq:Int!){ledger{publicKey entry(seq:$seq){seq kind recordedAt subject canonical previousHash hash level}inclusionProof(seq:$seq){leafIndex treeSize leafHash hashes rootHash tlogProof checkpoint{note size rootHash signedAt witnessedAt cosignatures{name}}}}}" as Operation<LedgerEntryProofQuery, LedgerEntryProofQueryVariables>;

export const VerifyLedger = "query VerifyLedger{ledger{verify{intact checked headHash faultSeq fault}}}" as Operation<VerifyLedgerQuery, VerifyLedgerQueryVariables>;
