import { type KeyObject, sign } from 'node:crypto';

/** A compact JWS signed by Node's own crypto, so that it can say what a proper library would refuse to write. */
export function compactJws(header: unknown, payload: unknown, key: KeyObject): string {
  const input = `${encode(header)}.${encode(payload)}`;
  const rsaHash = JSON.stringify(header).includes('RS512') ? 'sha512' : 'sha256';
  const signature = sign(key.asymmetricKeyType === 'ed25519' ? null : rsaHash, Buffer.from(input), key);
  return `${input}.${signature.toString('base64url')}`;
}

/** Strings are taken as the JSON text itself. */
export function encode(part: unknown): string {
  return Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');
}
