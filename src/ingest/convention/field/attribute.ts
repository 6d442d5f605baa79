import type { Attributes, AttributeValue } from '../../telemetry.js';

/** Readers of one attribute value. A value of the wrong type is null: exporters do send odd types, and a span is not lost over one. */

type Sent = AttributeValue | undefined;

/** A non-empty string. */
export function textOf(value: Sent): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** A name, identifier or version: text, or a number written out (`traceloop.entity.version` is an integer). */
export function labelOf(value: Sent): string | null {
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : null;
  return typeof value === 'bigint' ? String(value) : textOf(value);
}

/** A finite number; a string that holds one counts, since int64 arrives as text from some exporters. */
export function amountOf(value: Sent): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'string' || value.trim() === '') return null;
  const parsed = Number(value);
  return Number.isFinite(parsed) ? parsed : null;
}

/** A whole number of things, 0 or more. */
export function countOf(value: Sent): number | null {
  const amount = amountOf(value);
  return amount === null || amount < 0 ? null : Math.round(amount);
}

/** `true` and `false`, also as text. */
export function flagOf(value: Sent): boolean | null {
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'string') return null;
  const lower = value.toLowerCase();
  if (lower === 'true') return true;
  return lower === 'false' ? false : null;
}

/** Content as text: a string as it was sent, structure as JSON. Null for nothing and for an empty string. */
export function contentOf(value: Sent): string | null {
  if (value === undefined || value === null) return null;
  return typeof value === 'string' ? textOf(value) : jsonTextOf(plain(value));
}

/**
 * The structure a value holds, or that a string holds as JSON; null when it is neither object nor array.
 * Broken JSON is no error: the text itself is kept elsewhere.
 */
export function structureOf(value: Sent): Structure | null {
  if (typeof value === 'string') return parseStructure(value);
  if (Array.isArray(value)) return value.map(plain);
  return value instanceof Map ? objectOf(value) : null;
}

/** A value as JSON text; null for what JSON cannot be written of, such as structure nested thousands of levels deep. */
export function jsonTextOf(value: unknown): string | null {
  try {
    return JSON.stringify(value) ?? null;
  } catch {
    // Parsing is not bound by the depth of the stack, writing is: a hostile string can hold what cannot be written again.
    return null;
  }
}

export type JsonObject = Record<string, unknown>;
export type Structure = JsonObject | unknown[];

/** Whether parsed JSON is an object, no array and no null. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object of `structureOf`, null when the value holds an array or none. */
export function jsonObjectOf(value: Sent): JsonObject | null {
  const structure = structureOf(value);
  return isJsonObject(structure) ? structure : null;
}

/** A scalar of parsed JSON as an attribute, so that it is read by the same rules; undefined for structure. */
export function scalarOf(value: unknown): string | number | boolean | undefined {
  const isScalar = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return isScalar ? value : undefined;
}

function parseStructure(text: string): Structure | null {
  const first = text.trimStart()[0];
  if (first !== '{' && first !== '[') return null;
  try {
    const parsed: unknown = JSON.parse(text);
    return isJsonObject(parsed) || Array.isArray(parsed) ? parsed : null;
  } catch {
    // Text that only looks like JSON, or JSON cut off by an attribute length limit.
    return null;
  }
}

function objectOf(attributes: Attributes): JsonObject {
  return Object.fromEntries(Array.from(attributes, ([key, value]) => [key, plain(value)]));
}

function plain(value: AttributeValue): unknown {
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(plain);
  return value instanceof Map ? objectOf(value) : value;
}
