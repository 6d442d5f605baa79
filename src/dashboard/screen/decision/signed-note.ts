/** A C2SP tlog-checkpoint, read. */
export interface Head {
  origin: string;
  size: number;
  /** Hex. */
  rootHash: string;
}

const ED25519 = 1;

/**
 * The head that a signed note (C2SP signed-note, tlog-checkpoint) states, if a key (C2SP vkey) signed it; null when it did
 * not. Rejects where this browser knows no Ed25519.
 */
export async function readSignedHead(note: string, vkey: string): Promise<Head | null> {
  const split = note.indexOf('\n\n');
  const text = note.slice(0, split + 1);
  const [name = '', id = '', ...rest] = vkey.split('+');
  const key = fromBase64(rest.join('+'));
  if (split === -1 || key[0] !== ED25519) return null;
  const publicKey = await crypto.subtle.importKey('raw', key.slice(1), { name: 'Ed25519' }, false, ['verify']);
  for (const line of note.slice(split + 2).split('\n')) {
    const [, signer, encoded] = /^— (\S+) (\S+)$/.exec(line) ?? [];
    if (signer !== name || encoded === undefined) continue;
    const signature = fromBase64(encoded);
    const keyId = [...signature.slice(0, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    if (keyId !== id) continue;
    const signed = new TextEncoder().encode(text);
    if (await crypto.subtle.verify({ name: 'Ed25519' }, publicKey, signature.slice(4), signed)) return readHead(text);
  }
  return null;
}

function readHead(text: string): Head | null {
  const [origin, size, root] = text.split('\n');
  if (origin === undefined || size === undefined || root === undefined || !/^\d+$/.test(size)) return null;
  const rootHash = [...fromBase64(root)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return { origin, size: Number(size), rootHash };
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
