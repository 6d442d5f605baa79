/**
 * Reads payloads of entries that anybody may have written: a bundle comes from outside, and a newer Midwatch knows more
 * kinds. What is not there, or is something else than it should be, is null.
 */
export type Payload = Readonly<Record<string, unknown>>;

/** An entry as far as a report reads it. */
export interface LedgerFact {
  fleet: string;
  seq: number;
  kind: string;
  subject: string;
  /** RFC 3339 in UTC with milliseconds. */
  recordedAt: string;
  payload: Payload;
}

export function textOf(payload: Payload, key: string): string | null {
  const value = payload[key];
  return typeof value === 'string' ? value : null;
}

export function integerOf(payload: Payload, key: string): number | null {
  const value = payload[key];
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : null;
}

export function flagOf(payload: Payload, key: string): boolean | null {
  const value = payload[key];
  return typeof value === 'boolean' ? value : null;
}

/** A decimal that is written as text, as the canonical form has no fractions. */
export function decimalOf(payload: Payload, key: string): number | null {
  const value = textOf(payload, key);
  return value !== null && DECIMAL.test(value) ? Number(value) : null;
}

/** The same, exact. */
export function exactDecimalOf(payload: Payload, key: string): string | null {
  const value = textOf(payload, key);
  return value !== null && DECIMAL.test(value) ? value : null;
}

/** Milliseconds since the epoch. */
export function momentOf(payload: Payload, key: string): number | null {
  const ms = Date.parse(textOf(payload, key) ?? '');
  return Number.isNaN(ms) ? null : ms;
}

export function textsOf(payload: Payload, key: string): readonly string[] {
  const value = payload[key];
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

export function objectOf(payload: Payload, key: string): Payload {
  const value = payload[key];
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Payload) : {};
}

const DECIMAL = /^-?\d{1,20}(\.\d{1,18})?$/;
