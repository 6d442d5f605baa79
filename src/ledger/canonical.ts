import { AppError } from '../errors.js';

/** What the ledger's canonical form can hold. Decimals are strings. */
export type CanonicalValue =
  | string
  | number
  | boolean
  | null
  | readonly CanonicalValue[]
  | { readonly [key: string]: CanonicalValue };

/** Deep enough for every payload, shallow enough for every stack. */
const DEPTH_MAX = 32;

/**
 * The RFC 8785 (JCS) form of a value: keys sorted by UTF-16 code units, no white space, ECMAScript escapes.
 *
 * Narrower than JCS where the ledger is (CONTRACT section 9): numbers are integers within ±(2^53−1). Throws
 * LEDGER_INTEGRITY on anything JSON cannot hold exactly: other numbers, undefined, lone surrogates, NUL, objects that are
 * not plain. Nothing is repaired.
 */
export function canonicalize(value: CanonicalValue): string {
  return write(value, 0);
}

function write(value: CanonicalValue, depth: number): string {
  if (typeof value === 'string') return canonicalString(value);
  if (value === null) return 'null';
  if (typeof value === 'number') return canonicalInteger(value);
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (typeof value !== 'object') return refuse(`a ${typeof value}`);
  if (depth === DEPTH_MAX) return refuse(`nesting deeper than ${DEPTH_MAX}`);
  return isArray(value) ? writeArray(value, depth) : writeObject(value, depth);
}

function isArray(value: object): value is readonly CanonicalValue[] {
  return Array.isArray(value);
}

function writeArray(items: readonly CanonicalValue[], depth: number): string {
  let text = '[';
  for (let index = 0; index < items.length; index += 1) {
    if (index > 0) text += ',';
    text += write(items[index] as CanonicalValue, depth + 1);
  }
  return `${text}]`;
}

function writeObject(object: { readonly [key: string]: CanonicalValue }, depth: number): string {
  const prototype = Object.getPrototypeOf(object);
  if (prototype !== Object.prototype && prototype !== null) return refuse('an object that is not plain');
  let text = '';
  for (const key of Object.keys(object).sort()) {
    if (text !== '') text += ',';
    text += `${canonicalString(key)}:${write(object[key] as CanonicalValue, depth + 1)}`;
  }
  return `{${text}}`;
}

/** The JCS form of a string. Throws LEDGER_INTEGRITY on lone surrogates and NUL. */
export function canonicalString(text: string): string {
  const quoted = JSON.stringify(text);
  // Both would have been escaped, and so would have made it longer.
  if (quoted.length === text.length + 2) return quoted;
  if (text.includes('\u0000')) return refuse('a NUL character');
  if (!text.isWellFormed()) return refuse('a lone surrogate');
  return quoted;
}

/** The JCS form of a string or null. */
export function canonicalText(text: string | null): string {
  return text === null ? 'null' : canonicalString(text);
}

function canonicalInteger(value: number): string {
  if (!Number.isSafeInteger(value)) return refuse(`the number ${value} (decimals are strings)`);
  return Object.is(value, -0) ? refuse('negative zero') : String(value);
}

function refuse(what: string): never {
  throw new AppError('LEDGER_INTEGRITY', `the ledger cannot hold ${what}`);
}
