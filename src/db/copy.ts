import { pipeline } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import type { Client } from './pool.js';

/** What a column of a bulk write can hold; a Date is written in UTC, bytes in hex, arrays of numbers as an array. */
export type CopyValue = string | number | boolean | null | Date | Uint8Array | readonly number[];

export interface CopyTarget {
  table: string;
  columns: readonly string[];
}

/**
 * Writes encoded rows with COPY, several times as fast as INSERT. Columns and table are the program's own names, never
 * input. Rejects with the database's error, leaving the transaction to be rolled back.
 */
export async function copyRows(client: Client, target: CopyTarget, encoded: string): Promise<void> {
  if (encoded !== '') await copyPieces(client, target, [encoded]);
}

/** As `copyRows`, of rows that come in pieces: the database takes one in while the next is made. */
export async function copyPieces(
  client: Client,
  { table, columns }: CopyTarget,
  pieces: Iterable<string>,
): Promise<void> {
  await pipeline(pieces, client.query(copyFrom(`COPY ${table} (${columns.join(',')}) FROM STDIN`)));
}

/** PostgreSQL's COPY text format: tab between columns, newline after a row, backslash escapes, \N for null. */
export function encodeRows(rows: readonly (readonly CopyValue[])[]): string {
  let text = '';
  for (const row of rows) text += `${encodeFields(row)}\n`;
  return text;
}

/** A part of a row: its columns with tabs between them. */
export function encodeFields(fields: readonly CopyValue[]): string {
  let text = '';
  for (let index = 0; index < fields.length; index += 1) {
    if (index > 0) text += '\t';
    text += encodeValue(fields[index] as CopyValue);
  }
  return text;
}

function encodeValue(value: CopyValue): string {
  if (typeof value === 'string') return escapeText(value);
  if (value === null) return '\\N';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'boolean') return value ? 't' : 'f';
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) {
    return `\\\\x${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}`;
  }
  return `{${value.join(',')}}`;
}

const SPECIAL = ['\\', '\n', '\r', '\t'];
const ESCAPES: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function escapeText(text: string): string {
  // Four searches for a character take a tenth of the time of one for a class of them.
  if (!SPECIAL.some((character) => text.includes(character))) return text;
  return text.replace(/[\\\n\r\t]/g, (character) => ESCAPES[character] as string);
}
