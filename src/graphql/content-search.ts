import type { CanonicalValue } from '../ledger/canonical.js';

/** What a filter of decisions searches for in content. */
export function searchesOf(filter: unknown): string[] {
  const text = typeof filter === 'object' && filter !== null && 'text' in filter ? filter.text : null;
  return typeof text === 'string' ? [text] : [];
}

/** What is searched for may be content itself. */
const WITHHELD: ReadonlySet<string> = new Set(['text']);

/** A filter as the ledger takes it, without what it searches for. Numbers become decimals in text: it has no fractions. */
export function describeFilter(value: unknown): CanonicalValue {
  if (value === null || value === undefined) return null;
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(describeFilter);
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'object') return String(value);
  const kept = Object.entries(value).filter(([key]) => !WITHHELD.has(key));
  return Object.fromEntries(kept.map(([key, each]) => [key, describeFilter(each)]));
}
