/** Ids of nodes: `Agent:<name>` and the like; a decision's is its own id as it was recorded, which has no prefix. */

const PREFIXED_TYPES = [
  'Agent',
  'AlertChange',
  'Alert',
  'Anomaly',
  'LedgerEntry',
  'Fleet',
  'ApiKey',
  'Silence',
  'Notification',
  'Erasure',
  'LegalHold',
  'Report',
  'Place',
] as const;
export type PrefixedType = (typeof PREFIXED_TYPES)[number];

export interface GlobalId {
  type: PrefixedType | 'Decision';
  /** What names it within its type and fleet. */
  key: string;
}

export function formatGlobalId(type: PrefixedType, key: string | number): string {
  return `${type}:${key}`;
}

/** Every text is an id of something: what has no known prefix is a decision's. */
export function parseGlobalId(id: string): GlobalId {
  const type = PREFIXED_TYPES.find((name) => id.startsWith(`${name}:`));
  return type === undefined ? { type: 'Decision', key: id } : { type, key: id.slice(type.length + 1) };
}

/** The number that a key is; null when it is none. */
export function numberOfKey(key: string): number | null {
  return /^\d{1,15}$/.test(key) ? Number(key) : null;
}
