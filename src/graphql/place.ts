import { formatGlobalId, numberOfKey, parseGlobalId } from './global-id.js';

/** A place of a stream, as its subscription takes it for `after`: `Place:<how many places lie up to it>`. */
export function formatPlace(seq: number): string {
  return formatGlobalId('Place', seq + 1);
}

/** The seq of a place, −1 for the beginning; null when the id is none of a place. */
export function readPlace(id: string): number | null {
  const { type, key } = parseGlobalId(id);
  const count = type === 'Place' ? numberOfKey(key) : null;
  return count === null ? null : count - 1;
}
