import { type Check, leafHash } from '../decision/seal.js';

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
  const head = note === null ? null : readNote(note);
  if (head === null)
    return { checks, notChecked: ['No signed head of this tree is kept, so there is nothing to hold it to.'] };
  const root = await rootOf(leaf, path);
  const isOfTree = root === head.rootHash && head.size === path.treeSize;
  checks.push(
    claim(
      `A path of ${path.hashes.length} hashes leads to the signed root`,
      isOfTree,
      root ?? 'no root',
      head.rootHash,
    ),
  );
  const signature = await checkSignature(head, publicKey);
  if (signature === null) {
    return { checks, notChecked: ['This browser knows no Ed25519, so the signature of the head was not checked.'] };
  }
  checks.push(claim('The ledger’s key signed that root', signature, publicKey));
  return { checks, notChecked: [] };
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

/** The root that a path leads to (RFC 9162 section 2.1.3.2); null when it is too long or too short. */
async function rootOf(leaf: string, { leafIndex, treeSize, hashes }: ProofOfEntry['path']): Promise<string | null> {
  let [node, last, hash] = [leafIndex, treeSize - 1, fromHex(leaf)];
  if (node > last || node < 0) return null;
  for (const each of hashes) {
    const sibling = fromHex(each);
    if (last === 0) return null;
    if (node % 2 === 1 || node === last) {
      hash = await hashChildren(sibling, hash);
      while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)];
    } else {
      hash = await hashChildren(hash, sibling);
    }
    [node, last] = [half(node), half(last)];
  }
  return last === 0 ? toHex(hash) : null;
}

/** Sizes are beyond what bitwise operators hold. */
function half(value: number): number {
  return Math.floor(value / 2);
}

async function hashChildren(left: Uint8Array, right: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array([1, ...left, ...right]);
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}

interface Head {
  text: string;
  size: number;
  rootHash: string;
  signatures: { name: string; keyId: string; bytes: Uint8Array<ArrayBuffer> }[];
}

/** A C2SP tlog-checkpoint: origin, size and root, a line each, and signatures under an empty line. */
function readNote(note: string): Head | null {
  const split = note.lastIndexOf('\n\n');
  const text = note.slice(0, split + 1);
  const [, size = '', root = ''] = text.split('\n');
  if (split < 0 || !/^\d+$/.test(size)) return null;
  const signatures = note
    .slice(split + 2)
    .split('\n')
    .flatMap((line) => {
      const [dash, name, encoded] = line.split(' ');
      if (dash !== '—' || name === undefined || encoded === undefined) return [];
      const bytes = fromBase64(encoded);
      return [{ name, keyId: toHex(bytes.subarray(0, 4)), bytes: bytes.slice(4) }];
    });
  return { text, size: Number(size), rootHash: toHex(fromBase64(root)), signatures };
}

/** Whether the key signed the note; null where the browser cannot say. */
async function checkSignature({ text, signatures }: Head, publicKey: string): Promise<boolean | null> {
  const [, name, keyId, encoded = ''] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/s.exec(publicKey) ?? [];
  const signature = signatures.find((each) => each.name === name && each.keyId === keyId);
  if (signature === undefined) return false;
  const raw = fromBase64(encoded).slice(1);
  const key = await crypto.subtle.importKey('raw', raw, 'Ed25519', false, ['verify']).catch(() => null);
  if (key === null) return null;
  return crypto.subtle.verify('Ed25519', key, signature.bytes, new TextEncoder().encode(text));
}

function fromHex(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array((text.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16)));
}

function toHex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** What is no Base64 is no bytes, and leads to nothing. */
function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
}
