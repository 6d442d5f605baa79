import { amountOf, textOf } from './attribute.js';
import type { Fields } from './fields.js';

/**
 * Milliseconds from the span's start to the first token, from whichever unit the client uses: milliseconds, seconds or a moment.
 * A negative time is a client's mistake (the first call's moment repeated on a later one) and is unknown.
 */
export function timeToFirstTokenMsOf(fields: Fields, startMs: number): number | null {
  const ms = sentMs(fields, startMs);
  return ms !== null && ms >= 0 ? ms : null;
}

function sentMs(fields: Fields, startMs: number): number | null {
  const ms = amountOf(fields.firstTokenMs);
  if (ms !== null) return ms;
  const seconds = amountOf(fields.firstTokenS);
  if (seconds !== null) return seconds * 1_000;
  const atMs = momentMsOf(textOf(fields.firstTokenAt));
  return atMs === null ? null : atMs - startMs;
}

/** Milliseconds since the epoch of an ISO 8601 time, with or without JSON quotes. */
function momentMsOf(text: string | null): number | null {
  if (text === null) return null;
  const bare = text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text;
  const ms = Date.parse(bare);
  return Number.isNaN(ms) ? null : ms;
}
