import type { Certificate } from 'pkijs';
import { findChainDoubt } from '../../timestamp/chain.js';
import { verifyToken } from '../../timestamp/token.js';
import { readSignature, type SignatureUpdateFound, type SoundSignature } from './signature.js';

/** Whom to believe about signatures; null: nobody was pinned. */
export interface SignatureTrust {
  /** Certificates above those that sign. */
  signers: readonly Certificate[] | null;
  /** Of time-stamping authorities. */
  authorities: readonly Certificate[] | null;
}

/** What is said of a report's signature. */
export interface SignatureTally {
  /** Who its certificate says signed, as a distinguished name. */
  signer: string;
  /** When the signer says it was: nobody vouches for that. */
  claimedAt: string;
  /** Why it has not to be believed that it was the signer; null when it is. */
  doubt: string | null;
  /** What a time-stamping authority says; null when the signature has no token. */
  timestamp: { at: string; authority: string; doubt: null } | { at: null; authority: null; doubt: string } | null;
}

/** Checks a signature, believing nobody but `trust`. `fault`: it is not of this file. */
export async function judgeSignature(
  found: SignatureUpdateFound,
  trust: SignatureTrust,
  nowMs: number,
): Promise<SignatureTally | { fault: string }> {
  const signature = readSignature(found);
  if ('fault' in signature) return signature;
  const timestamp = await judgeTimestamp(signature, trust);
  if (timestamp !== null && 'fault' in timestamp) return timestamp;
  // What was signed while the certificate was valid stays so; without a time that is believed, that cannot be known later.
  const atMs = timestamp?.at ? Date.parse(timestamp.at) : nowMs;
  return {
    signer: nameOf(signature.certificate),
    claimedAt: found.claimedAt,
    doubt: await findDoubt(signature, trust.signers, atMs),
    timestamp,
  };
}

async function judgeTimestamp(
  { token, value }: SoundSignature,
  { authorities }: SignatureTrust,
): Promise<SignatureTally['timestamp'] | { fault: string }> {
  if (token === null) return null;
  const expected = { bytes: value, nonce: null, roots: authorities ?? [], window: null };
  const verified = await verifyToken(token, expected);
  if (!('fault' in verified)) {
    return { at: new Date(verified.atMs).toISOString(), authority: verified.authority, doubt: null };
  }
  if (verified.isMismatched) return { fault: `its time-stamp: ${verified.fault}` };
  const doubt = authorities === null ? 'no authority was pinned' : verified.fault;
  return { at: null, authority: null, doubt };
}

async function findDoubt(
  { certificate, others }: SoundSignature,
  roots: readonly Certificate[] | null,
  atMs: number,
): Promise<string | null> {
  if (roots === null) return 'no certificate was pinned';
  const doubt = await findChainDoubt(certificate, { others, roots, at: new Date(atMs) });
  return doubt === null ? null : `its certificate does not follow from those that were pinned: ${doubt}`;
}

const NAMES: Readonly<Record<string, string>> = { '2.5.4.3': 'CN', '2.5.4.10': 'O', '2.5.4.11': 'OU', '2.5.4.6': 'C' };

function nameOf({ subject }: Certificate): string {
  return subject.typesAndValues
    .map(({ type, value }) => `${NAMES[type] ?? type}=${value.valueBlock.value}`)
    .join(', ')
    .slice(0, NAME_MAX);
}

const NAME_MAX = 500;
