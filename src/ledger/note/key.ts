import { createPrivateKey, createPublicKey, hash, type KeyObject } from 'node:crypto';
import { parseBase64 } from './base64.js';

/** C2SP signed-note, signature types: a note's own signature, and a witness's cosignature with its time. */
export const KEY_TYPE = { note: 1, cosignature: 4 } as const;
export type KeyType = keyof typeof KEY_TYPE;

const ED25519_BYTES = 32;
/** RFC 8410 section 4: what stands before the 32 bytes in SubjectPublicKeyInfo and in PrivateKeyInfo. */
const SPKI_START = Buffer.from('302a300506032b6570032100', 'hex');
const PKCS8_START = Buffer.from('302e020100300506032b657004220420', 'hex');

/** A key whose signatures are believed: C2SP's verifier key, `<name>+<key id>+<base64 of type and key>`. */
export interface VerifierKey {
  name: string;
  /** 8 hex digits: SHA-256(name ‖ 0x0A ‖ type ‖ public key)[:4]. */
  id: string;
  type: KeyType;
  /** 32 bytes, RFC 8032. */
  publicKey: Buffer;
  /** The same, as node:crypto takes it. */
  object: KeyObject;
}

export interface SignerKey extends VerifierKey {
  privateKey: KeyObject;
}

/** Names have no spaces of any kind and no plus (C2SP signed-note, Format). */
export function isKeyName(name: string): boolean {
  return name !== '' && !/[\p{White_Space}+]/u.test(name);
}

export function verifierKey(name: string, publicKey: Buffer, type: KeyType): VerifierKey {
  const id = hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), typed(type, publicKey)]), 'hex').slice(0, 8);
  const object = createPublicKey({ key: Buffer.concat([SPKI_START, publicKey]), format: 'der', type: 'spki' });
  return { name, id, type, publicKey, object };
}

/** The pair of a 32-byte Ed25519 seed (RFC 8032 section 5.1.5) under a name. */
export function signerKey(name: string, seed: Buffer, type: KeyType): SignerKey {
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8_START, seed]), format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return { ...verifierKey(name, spki.subarray(SPKI_START.length), type), privateKey };
}

/** The key as C2SP writes it. */
export function formatVerifierKey({ name, id, type, publicKey }: VerifierKey): string {
  return `${name}+${id}+${typed(type, publicKey).toString('base64')}`;
}

/** Reads what `formatVerifierKey` writes; null when it is no Ed25519 key, or its id is not its own. */
export function parseVerifierKey(text: string): VerifierKey | null {
  const [, name, id, encoded] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/s.exec(text) ?? [];
  if (name === undefined || encoded === undefined || !isKeyName(name)) return null;
  const bytes = parseBase64(encoded);
  if (bytes === null || bytes.length !== 1 + ED25519_BYTES) return null;
  const type = (Object.keys(KEY_TYPE) as KeyType[]).find((known) => KEY_TYPE[known] === bytes[0]);
  if (type === undefined) return null;
  const key = verifierKey(name, bytes.subarray(1), type);
  return key.id === id ? key : null;
}

function typed(type: KeyType, publicKey: Buffer): Buffer {
  return Buffer.concat([Buffer.of(KEY_TYPE[type]), publicKey]);
}
