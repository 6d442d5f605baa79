// Written by npm run operations from ledger.graphql: change that.
import type { Operation } from '../../data/operation.js';

type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
export type ContradictionKind =
  | 'AHEAD'
  | 'INCONSISTENT';

export type LedgerEntryKind =
  | 'ACCESS'
  | 'AGENT'
  | 'ALERT'
  | 'AMENDMENT'
  | 'DECISION'
  | 'ERASURE'
  | 'EXPORT'
  | 'HOLD'
  | 'INCIDENT'
  | 'LEDGER_KEY'
  | 'PRUNE'
  | 'READ'
  | 'RELEASE'
  | 'REPRICE'
  | 'RULE'
  | 'SETTINGS'
  | 'SILENCE';

export type LedgerFilter = {
  from?: string | null | undefined;
  kinds?: Array<LedgerEntryKind> | null | undefined;
  subject?: string | null | undefined;
  to?: string | null | undefined;
};

export type LedgerLevel =
  | 'PUBLISHED'
  | 'SEALED'
  | 'WITNESSED';

export type LedgerStateQueryVariables = Exact<{ [key: string]: never; }>;


export type LedgerStateQuery = { resumeFrom: { decisionRecorded: string }, ledger: { size: number, publicKey: string, owed: { entries: number, since: string } | null, contradictions: Array<{ witness: string, kind: ContradictionKind, witnessSize: number, ownSize: number, overAt: string | null }>, head: { seq: number, hash: string, recordedAt: string } | null, checkpoint: { origin: string, size: number, rootHash: string, note: string, keyId: string, signedAt: string, witnessedAt: string | null, cosignatures: Array<{ name: string, keyId: string, cosignedAt: string | null }> } | null, keys: Array<{ id: string, publicKey: string, fromSize: number, toSize: number | null, createdAt: string, revokedAt: string | null }> } };

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

export const LedgerState = "query LedgerState{resumeFrom{decisionRecorded}ledger{size publicKey owed{entries since}contradictions{witness kind witnessSize ownSize overAt}head{seq hash recordedAt}checkpoint{origin size rootHash note keyId signedAt witnessedAt cosignatures{name keyId cosignedAt}}keys{id publicKey fromSize toSize createdAt revokedAt}}}" as Operation<LedgerStateQuery, LedgerStateQueryVariables>;

export const LedgerEntries = "query LedgerEntries($filter:LedgerFilter$last:Int$before:String){ledger{entries(filter:$filter last:$last before:$before){nodes{id seq kind recordedAt subject hash level}pageInfo{hasPreviousPage startCursor}}}}" as Operation<LedgerEntriesQuery, LedgerEntriesQueryVariables>;

export const LedgerEntryProof = "query LedgerEntryProof($seq:Int!){ledger{publicKey entry(seq:$seq){seq kind recordedAt subject canonical previousHash hash level}inclusionProof(seq:$seq){leafIndex treeSize leafHash hashes rootHash tlogProof checkpoint{note size rootHash signedAt witnessedAt cosignatures{name}}}}}" as Operation<LedgerEntryProofQuery, LedgerEntryProofQueryVariables>;

export const VerifyLedger = "query VerifyLedger{ledger{verify{intact checked headHash faultSeq fault}}}" as Operation<VerifyLedgerQuery, VerifyLedgerQueryVariables>;
