import type { Text } from './document.js';
import type { Place } from './problem.js';

/** One character of a quoted scalar: an escape stands for one, or for the two halves of one beyond U+FFFF. */
const ESCAPES = {
  "'": /''|[\s\S]/gy,
  '"': /\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[\s\S])|[\s\S]/gy,
} as const;

/**
 * The place in the file of a character of a text (UTF-16 units from 0), which may be the end. Where the text is written over
 * several lines, or as a block, it is the place of its start.
 */
export function placeIn({ text, source, line, column, key }: Text, offset: number): Place {
  const start = { line, column, key };
  if (source.includes('\n')) return start;
  if (source === text) return { ...start, column: column + offset };
  const [mark] = source;
  if (mark !== '"' && mark !== "'") return start;
  let written = 1;
  let read = 0;
  for (const [each] of source.slice(1, -1).matchAll(ESCAPES[mark])) {
    if (read >= offset) break;
    written += each.length;
    read += /^\\U000[1-9a-fA-F]|^\\U0010/.test(each) ? 2 : 1;
  }
  return { ...start, column: column + written };
}
