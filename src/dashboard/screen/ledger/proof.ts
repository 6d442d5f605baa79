import { rootOf } from '../decision/merkle.js';
import { type Check, leafHash } from '../decision/seal.js';
import { type Head, readSignedHead } from '../decision/signed-note.js';

export interface ProofOfEntry {
  entry: { seq: number; canonical: string; hash: string };
  /** RFC 9162 section 2.1.3: the path from the leaf’s sibling up, in hex. */
  path: { leafIndex: number; treeSize: number; hashes: readonly string[] };
  /** The signed head of exactly that tree, as a C2SP signed note; null: none is kept of this size. */
  note: string | null;
  /** C2SP verifier key: `<name>+<key id>+<base64 of type and key>`. */
  publicKey: string;
}

export interface ProofVerdict {
  checks: Check[];
  /** What this browser, or this entry, could not be held to. */
  notChecked: string[];
}

/** Holds an entry to the signed head of the ledger, from its very text up, believing nothing that was told beside it. */
export async function checkProof({ entry, path, note, publicKey }: ProofOfEntry): Promise<ProofVerdict> {
  const leaf = await leafHash(entry.canonical);
  const checks: Check[] = [
    claim('The hash is that of the sealed text', leaf === entry.hash, leaf, entry.hash),
    claim('The text says that this is its place', seqOf(entry.canonical) === path.leafIndex, String(path.leafIndex)),
  ];
  if (note === null) {
    return { checks, notChecked: ['No signed head of this tree is kept, so there is nothing to hold it to.'] };
  }
  const root = await rootOf({ ...path, leafHash: leaf });
  const head = await readHead(note, publicKey);
  if (head === 'unknown') {
    return { checks, notChecked: ['This browser knows no Ed25519, so the signed head was not checked.'] };
  }
  const isOfTree = head !== null && head.size === path.treeSize && head.rootHash === root;
  checks.push(
    claim('The ledger’s key signed the head of the tree', head !== null, publicKey),
    claim(
      `A path of ${path.hashes.length} hashes leads to the signed root`,
      isOfTree,
      root ?? 'no root',
      head?.rootHash ?? 'one that the key signed',
    ),
  );
  return { checks, notChecked: [] };
}

/** The head that the key signed; null when it signed none. */
async function readHead(note: string, publicKey: string): Promise<Head | null | 'unknown'> {
  try {
    return await readSignedHead(note, publicKey);
  } catch (error) {
    // What is no Base64 was signed by nobody; anything else is what the browser lacks.
    return error instanceof DOMException && error.name === 'InvalidCharacterError' ? null : 'unknown';
  }
}

function claim(what: string, isTrue: boolean, found: string, wanted = found): Check {
  return { claim: what, isTrue, detail: isTrue ? found : `${found} and not ${wanted}` };
}

function seqOf(canonical: string): unknown {
  try {
    return JSON.parse(canonical).seq;
  } catch {
    // Then the text says nothing, and the claim is refuted.
    return undefined;
  }
}
