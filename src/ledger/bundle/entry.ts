import type { CanonicalValue } from '../canonical.js';
import { isHash, isObject } from './line.js';
import { sealedChainOf } from './long-chain.js';
import { readCanonical } from './strict-json.js';

/** An entry as its bytes say it. */
export interface ReadEntry {
  fleet: string;
  kind: string;
  payload: { readonly [key: string]: CanonicalValue };
  previousHash: string;
  recordedAt: string;
  seq: number;
  subject: string;
}

const FIELDS = ['fleet', 'kind', 'payload', 'previousHash', 'recordedAt', 'seq', 'subject', 'v'].join();

/** Bytes in canonical form that are no entry. */
export class EntryFault extends Error {
  constructor(problem: string) {
    super(problem);
    this.name = 'EntryFault';
  }
}

/** Reads an entry's bytes, which must be the canonical form of CONTRACT section 9. Throws FormFault and EntryFault. */
export function readEntry(bytes: Buffer): ReadEntry {
  const value = readCanonical(bytes);
  if (!isObject(value) || Object.keys(value).join() !== FIELDS) throw new EntryFault(`its fields are not ${FIELDS}`);
  const { fleet, kind, payload, previousHash, recordedAt, seq, subject, v } = value;
  if (v !== 1) throw new EntryFault('its version is not 1');
  if (typeof fleet !== 'string' || typeof subject !== 'string') throw new EntryFault('its fleet or subject is no text');
  if (typeof kind !== 'string' || !/^[A-Z][A-Z_]{0,63}$/.test(kind)) throw new EntryFault('its kind is no name of one');
  if (!isObject(payload)) throw new EntryFault('its payload is no object');
  if (typeof seq !== 'number' || seq < 0) throw new EntryFault('its seq is no number from 0 on');
  if (!isHash(previousHash)) throw new EntryFault('its previousHash is not 64 lower-case hex digits');
  if (typeof recordedAt !== 'string' || !isMoment(recordedAt)) {
    throw new EntryFault('its recordedAt is no time in UTC with milliseconds');
  }
  return { fleet, kind, payload, previousHash, recordedAt, seq, subject };
}

function isMoment(text: string): boolean {
  const ms = Date.parse(text);
  return !Number.isNaN(ms) && new Date(ms).toISOString() === text;
}

/** The digest that a JSON pointer names in a payload; null when there is none. */
export function digestAt(payload: CanonicalValue, path: string): string | null {
  if (!path.startsWith('/')) return null;
  let value: CanonicalValue = payload;
  for (const token of path.slice(1).split('/')) {
    if (/~(?![01])/.test(token)) return null;
    const next: CanonicalValue | undefined = member(value, token.replaceAll('~1', '/').replaceAll('~0', '~'));
    if (next === undefined) return null;
    value = next;
  }
  return isHash(value) ? value : null;
}

function member(value: CanonicalValue, name: string): CanonicalValue | undefined {
  if (Array.isArray(value)) return /^(?:0|[1-9]\d*)$/.test(name) ? value[Number(name)] : undefined;
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** How many digests of content the payload of a decision, or of what changed one, has. */
export function countDigests({ kind, payload }: ReadEntry): number {
  if (kind !== 'DECISION' && kind !== 'AMENDMENT') return 0;
  const { input, output, steps } = payload;
  const each = [input, output, ...(Array.isArray(steps) ? steps : [])].filter(isHash).length;
  return each + (payload.sampled === true ? (sealedChainOf(payload)?.stepCount ?? 0) : 0);
}
