import { AppError } from '../../errors.js';

/** One record of RFC 4180 and the line it begins in, from 1. */
export interface CsvRecord {
  line: number;
  fields: string[];
}

/** What ends an unquoted field, and the rest of a quoted one up to its quote. */
const UNQUOTED = /[^",\r\n]*/y;
const QUOTED = /(?:[^"]|"")*/y;
const LINE_END = /\r\n|\n|\r/y;

/**
 * The records of a CSV text (RFC 4180: fields in quotes hold commas, line ends and doubled quotes); empty lines and a byte
 * order mark are skipped. Throws VALIDATION_FAILED that names the line and the field.
 */
export function readCsvRecords(text: string): CsvRecord[] {
  const records: CsvRecord[] = [];
  let at = text.startsWith('\ufeff') ? 1 : 0;
  let line = 1;
  while (at < text.length) {
    const record = readRecord(text, { at, line });
    if (record.fields.length > 1 || record.fields[0] !== '') records.push({ line, fields: record.fields });
    at = record.at;
    line = record.line;
  }
  return records;
}

interface Place {
  at: number;
  line: number;
}

function readRecord(text: string, start: Place): Place & { fields: string[] } {
  const fields: string[] = [];
  let { at, line } = start;
  for (;;) {
    const isQuoted = text[at] === '"';
    const field = take(isQuoted ? QUOTED : UNQUOTED, text, isQuoted ? at + 1 : at);
    at += isQuoted ? field.length + 2 : field.length;
    if (isQuoted && text[at - 1] !== '"') throw misplaced('a quote is never closed', { line, field: fields.length });
    fields.push(isQuoted ? field.replaceAll('""', '"') : field);
    line += isQuoted ? countLines(field) : 0;
    if (text[at] === ',') {
      at += 1;
      continue;
    }
    const end = take(LINE_END, text, at);
    if (end === '' && at < text.length) {
      const what = isQuoted ? 'text after a closing quote' : 'a quote inside a field that does not begin with one';
      throw misplaced(what, { line, field: fields.length - 1 });
    }
    return { at: at + end.length, line: line + 1, fields };
  }
}

function take(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}

function countLines(field: string): number {
  return field.match(/\r\n|\n|\r/g)?.length ?? 0;
}

function misplaced(what: string, { line, field }: { line: number; field: number }): AppError {
  return new AppError(
    'VALIDATION_FAILED',
    `line ${line}, field ${field + 1}: ${what}; quotes are doubled inside quotes`,
    {
      path: ['csv', line, field + 1],
    },
  );
}
