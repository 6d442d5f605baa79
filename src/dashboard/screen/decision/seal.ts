import { fromHex, type Inclusion, rootOf, sha256, toHex } from './merkle.js';
import { readSignedHead } from './signed-note.js';

/** What a check of one ledger entry came to. */
export interface Check {
  claim: string;
  isTrue: boolean;
  detail: string;
}

export interface SealedEntry {
  hash: string;
  previousHash: string;
  canonical: string;
  seq: number;
}

/** Whether this browser can hash: only pages that came safely may. */
export function canHash(): boolean {
  return window.isSecureContext && crypto.subtle !== undefined;
}

/** The RFC 6962 leaf hash of an entry’s text: SHA-256 of a zero byte and its UTF-8, in hex. */
export async function leafHash(canonical: string): Promise<string> {
  return toHex(await sha256(Uint8Array.of(0), new TextEncoder().encode(canonical)));
}

/** Holds what is on the screen to what was sealed: the hash, the subject, and each step’s commitment. */
export async function checkSeal(
  entry: SealedEntry,
  shown: { id: string; digests: readonly string[] },
): Promise<Check[]> {
  const computed = await leafHash(entry.canonical);
  const sealed = readSealed(entry.canonical);
  const steps = await checkSteps(entry.canonical, sealed.payload, shown.digests);
  return [
    {
      claim: 'The hash is that of the sealed text',
      isTrue: computed === entry.hash,
      detail: computed === entry.hash ? computed : `computed ${computed}, the ledger says ${entry.hash}`,
    },
    {
      claim: 'The text is about this decision, at this place',
      isTrue: sealed.subject === shown.id && sealed.seq === entry.seq,
      detail: `subject ${sealed.subject}, seq ${sealed.seq}`,
    },
    { claim: 'It commits to every step shown here', ...steps },
  ];
}

const DIGEST = /^[0-9a-f]{64}$/;

/** Each by its own digest, or all of a long chain by the digest of theirs. */
async function checkSteps(
  canonical: string,
  { chain, stepCount }: SealedPayload,
  digests: readonly string[],
): Promise<Omit<Check, 'claim'>> {
  if (chain === undefined || digests.length === 0) {
    const missing = digests.filter((digest) => !canonical.includes(`"${digest}"`));
    const isTrue = missing.length === 0;
    return { isTrue, detail: isTrue ? `${digests.length} commitments` : `not among them: ${missing.join(', ')}` };
  }
  const computed = toHex(await sha256(fromHex(digests.join(''))));
  const isTrue = computed === chain && digests.length === stepCount && digests.every((digest) => DIGEST.test(digest));
  const sealed = `${String(stepCount)} steps by ${String(chain)}`;
  return {
    isTrue,
    detail: isTrue ? `one for ${sealed}` : `these ${digests.length} come to ${computed}, sealed are ${sealed}`,
  };
}

/** Holds an entry to the one before it. */
export function checkLink(entry: SealedEntry, hashBefore: string): Check {
  const { previousHash } = readSealed(entry.canonical);
  return { claim: 'It continues the entry before it', isTrue: previousHash === hashBefore, detail: hashBefore };
}

export interface Publication extends Omit<Inclusion, 'leafHash'> {
  rootHash: string;
  note: string | null;
  /** C2SP vkey of the installation. */
  publicKey: string;
}

/** Holds an entry to the tree it is published in, and the tree’s head to its signature. */
export async function checkPublication(entry: SealedEntry, publication: Publication): Promise<Check[]> {
  const { treeSize, rootHash, note, publicKey } = publication;
  const root = await rootOf({ ...publication, leafIndex: entry.seq, leafHash: await leafHash(entry.canonical) });
  const included = {
    claim: `It is in the tree of ${treeSize.toLocaleString('en')} entries`,
    isTrue: root === rootHash,
    detail: `${publication.hashes.length} hashes lead to ${root ?? 'no root'}, the head is ${rootHash}`,
  };
  if (note === null) return [included];
  try {
    const head = await readSignedHead(note, publicKey);
    const isTrue = head !== null && head.size === treeSize && head.rootHash === rootHash;
    return [included, { claim: 'The head of that tree is signed', isTrue, detail: `by ${publicKey}` }];
  } catch {
    // An older browser without Ed25519: what it cannot check it does not claim.
    return [included];
  }
}

interface SealedPayload {
  chain?: unknown;
  stepCount?: unknown;
}

function readSealed(canonical: string): {
  subject: unknown;
  seq: unknown;
  previousHash: unknown;
  payload: SealedPayload;
} {
  try {
    const { subject, seq, previousHash, payload } = JSON.parse(canonical);
    return { subject, seq, previousHash, payload: payload ?? {} };
  } catch {
    // Then it says nothing of any of them, and each claim is refuted.
    return { subject: undefined, seq: undefined, previousHash: undefined, payload: {} };
  }
}
