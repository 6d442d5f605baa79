/** SHA-256 of bytes put one after the other. */
export async function sha256(...parts: readonly Uint8Array[]): Promise<Uint8Array> {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}

export function toHex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

const NODE = Uint8Array.of(1);

export interface Inclusion {
  /** Hex, computed and not told. */
  leafHash: string;
  leafIndex: number;
  treeSize: number;
  /** Hex, from the leaf’s sibling up. */
  hashes: readonly string[];
}

/** The root that a proof leads to, in hex; null when it is none for such a tree. RFC 9162, section 2.1.3.2. */
export async function rootOf({ leafHash, leafIndex, treeSize, hashes }: Inclusion): Promise<string | null> {
  if (leafIndex >= treeSize) return null;
  let [at, last] = [leafIndex, treeSize - 1];
  let root = fromHex(leafHash);
  for (const hash of hashes) {
    if (last === 0) return null;
    const sibling = fromHex(hash);
    if (at % 2 === 1 || at === last) {
      root = await sha256(NODE, sibling, root);
      while (at % 2 === 0 && at !== 0) [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
    } else {
      root = await sha256(NODE, root, sibling);
    }
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return last === 0 ? toHex(root) : null;
}
