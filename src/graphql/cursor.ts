import { isStorableText } from '../decision/filter.js';
import { AppError } from '../errors.js';

/** The place of an item in a list: text and whole numbers, in the order the list is sorted by. */
export type CursorKey = readonly (string | number)[];

/** How the items of one list are found again: a cursor holds the list's name, the fleet and the item's key. */
export interface CursorKind<Key> {
  list: string;
  toParts(key: Key): CursorKey;
  /** Null when the parts are not those of a key. */
  fromParts(parts: readonly unknown[]): Key | null;
}

export function encodeCursor<Key>(kind: CursorKind<Key>, fleet: string, key: Key): string {
  return Buffer.from(JSON.stringify([kind.list, fleet, ...kind.toParts(key)])).toString('base64url');
}

/** Throws VALIDATION_FAILED, naming the argument, for what is no cursor of this list and fleet. */
export function decodeCursor<Key>(
  kind: CursorKind<Key>,
  { fleet, cursor, argument }: { fleet: string; cursor: string; argument: string },
): Key {
  const [list, cursorFleet, ...parts] = parseParts(cursor);
  const key = list === kind.list && cursorFleet === fleet ? kind.fromParts(parts) : null;
  if (key !== null) return key;
  throw new AppError('VALIDATION_FAILED', `${argument} is not a cursor of this list`, { path: [argument] });
}

function parseParts(cursor: string): readonly unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return Array.isArray(parts) ? parts : [];
  } catch {
    // Whatever is not JSON is no cursor of ours, like any other garbage.
    return [];
  }
}

const EARLIEST_MS = Date.parse('0001-01-01T00:00:00.000Z');
const LATEST_MS = Date.parse('9999-12-31T23:59:59.999Z');

function isTime(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= EARLIEST_MS && Number(value) <= LATEST_MS;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && isStorableText(value);
}

/** Of a list in the order of a number that each of its members has. */
function numberCursor(list: string): CursorKind<number> {
  return {
    list,
    toParts: (number) => [number],
    fromParts: ([number]) => (Number.isSafeInteger(number) && Number(number) >= 0 ? Number(number) : null),
  };
}

export const DECISION_CURSOR: CursorKind<{ startedAtMs: number; id: string }> = {
  list: 'decisions',
  toParts: ({ startedAtMs, id }) => [startedAtMs, id],
  fromParts: ([startedAtMs, id]) => (isTime(startedAtMs) && isText(id) ? { startedAtMs, id } : null),
};

export const AGENT_CURSOR: CursorKind<string> = {
  list: 'agents',
  toParts: (name) => [name],
  fromParts: ([name]) => (isText(name) ? name : null),
};

export const ANOMALY_CURSOR = numberCursor('anomalies');
export const ALERT_CURSOR = numberCursor('alerts');
export const SILENCE_CURSOR = numberCursor('silences');
export const DELIVERY_CURSOR = numberCursor('notifications');
export const ERASURE_CURSOR = numberCursor('erasures');
export const HOLD_CURSOR = numberCursor('holds');
export const ENTRY_CURSOR = numberCursor('entries');
export const REPORT_CURSOR = numberCursor('reports');
