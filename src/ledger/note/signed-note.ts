import { sign, verify } from 'node:crypto';
import { parseBase64 } from './base64.js';
import { isKeyName, type SignerKey, type VerifierKey } from './key.js';

const SIGNATURES_MAX = 100;
const NOTE_BYTES_MAX = 1_000_000;
const KEY_ID_BYTES = 4;

/** Text with signatures under it (C2SP signed-note). It says nothing until a signature was checked. */
export interface SignedNote {
  /** With its last newline. */
  text: string;
  signatures: readonly NoteSignature[];
}

export interface NoteSignature {
  name: string;
  /** 8 hex digits. */
  keyId: string;
  /** What follows the key's id: what it means is the key's business. */
  bytes: Buffer;
}

/** Reads a note; null when it is none. */
export function parseNote(note: string): SignedNote | null {
  if (Buffer.byteLength(note) > NOTE_BYTES_MAX || !note.isWellFormed()) return null;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what the format forbids
  if (/[\u0000-\u0009\u000b-\u001f]/.test(note)) return null;
  const split = note.lastIndexOf('\n\n');
  if (split < 0 || !note.endsWith('\n')) return null;
  const lines = note.slice(split + 2, -1).split('\n');
  if (lines.length > SIGNATURES_MAX) return null;
  const signatures = lines.map(parseSignature);
  return signatures.every((signature) => signature !== null) ? { text: note.slice(0, split + 1), signatures } : null;
}

function parseSignature(line: string): NoteSignature | null {
  const [dash, name, encoded, ...rest] = line.split(' ');
  if (dash !== '—' || name === undefined || encoded === undefined || rest.length > 0 || !isKeyName(name)) return null;
  const bytes = parseBase64(encoded);
  if (bytes === null || bytes.length <= KEY_ID_BYTES) return null;
  return { name, keyId: bytes.toString('hex', 0, KEY_ID_BYTES), bytes: bytes.subarray(KEY_ID_BYTES) };
}

/** The note as it is sent and kept. */
export function formatNote({ text, signatures }: SignedNote): string {
  return `${text}\n${signatures.map(formatSignature).join('')}`;
}

export function formatSignature({ name, keyId, bytes }: NoteSignature): string {
  return `— ${name} ${Buffer.concat([Buffer.from(keyId, 'hex'), bytes]).toString('base64')}\n`;
}

/** Signs a text that ends in a newline. */
export function signText(text: string, key: SignerKey): NoteSignature {
  return { name: key.name, keyId: key.id, bytes: sign(null, Buffer.from(text), key.privateKey) };
}

export type NoteVerdict = 'verified' | 'unsigned' | 'forged';

/**
 * What a note's signatures say of a key: `unsigned` when it has none of this name and id, `forged` when it has one that
 * is wrong, which condemns the note (C2SP signed-note, Signatures).
 */
export function checkSignature({ text, signatures }: SignedNote, key: VerifierKey): NoteVerdict {
  const own = signatures.filter(({ name, keyId }) => name === key.name && keyId === key.id);
  if (own.length === 0) return 'unsigned';
  return own.every(({ bytes }) => verify(null, Buffer.from(text), key.object, bytes)) ? 'verified' : 'forged';
}
