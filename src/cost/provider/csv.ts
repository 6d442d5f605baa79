import { AppError } from '../../errors.js';
import { nearest } from '../../settings/nearest.js';
import { quote } from '../../settings/problem.js';
import { isDay } from '../../time.js';
import { readAmount } from './amount.js';
import { type CsvRecord, readCsvRecords } from './csv-text.js';
import { NO_FIGURES, type ProviderUsage, UNDIVIDED, type UsageFigures } from './usage.js';

/** Figures of any provider as CSV, one row a day, model and key. */

const FIGURE_COLUMNS = {
  requests: 'requests',
  input_tokens: 'inputTokens',
  output_tokens: 'outputTokens',
  cache_read_tokens: 'cacheReadTokens',
  cache_write_tokens: 'cacheWriteTokens',
  cost_usd: 'costPicodollars',
} as const satisfies Record<string, keyof UsageFigures>;
type FigureColumn = keyof typeof FIGURE_COLUMNS;

export const CSV_COLUMNS = ['day', 'model', 'api_key', ...(Object.keys(FIGURE_COLUMNS) as FigureColumn[])] as const;
type Column = (typeof CSV_COLUMNS)[number];

/** Bytes of UTF-8: years of days of a fleet. */
export const CSV_BYTES_MAX = 8 * 1024 * 1024;
const NAME_LENGTH_MAX = 200;

/**
 * The rows of a file, all of them or none. The header names the columns in any order: `day` and `model`, at least one
 * figure, and `api_key` where figures are by key; an empty figure is one that is not known. `*` for model or key: all of
 * them together. Throws VALIDATION_FAILED with what is wrong, its line and its column.
 */
export function readProviderCsv(text: string): ProviderUsage[] {
  if (Buffer.byteLength(text) > CSV_BYTES_MAX) {
    throw new AppError(
      'VALIDATION_FAILED',
      `the CSV is larger than ${CSV_BYTES_MAX / 1024 / 1024} MiB: split it by days`,
      {
        path: ['csv'],
      },
    );
  }
  const [header, ...records] = readCsvRecords(text);
  if (header === undefined)
    throw wrong({ line: 1 }, `the CSV is empty: it begins with a header such as ${CSV_COLUMNS.join(',')}`);
  const columns = readHeader(header);
  const lineOf = new Map<string, number>();
  return records.map((record) => {
    const row = readRow(record, columns);
    const key = JSON.stringify([row.day, row.model, row.apiKey]);
    const earlier = lineOf.get(key);
    if (earlier !== undefined)
      throw wrong(record, `the same day, model and api_key as in line ${earlier}: add them up`);
    lineOf.set(key, record.line);
    return row;
  });
}

function readHeader(header: CsvRecord): Column[] {
  const columns = header.fields.map((field) => {
    const name = field.trim().toLowerCase();
    if (isColumn(name)) return name;
    throw wrong(
      { ...header, column: field },
      `there is no such column${suggestion(name)}; columns are ${CSV_COLUMNS.join(', ')}`,
    );
  });
  const twice = columns.find((column, index) => columns.indexOf(column) !== index);
  if (twice !== undefined) throw wrong({ ...header, column: twice }, 'it is in the header twice');
  for (const column of ['day', 'model'] as const) {
    if (!columns.includes(column)) throw wrong(header, `the column ${column} is missing`);
  }
  if (!columns.some(isFigureColumn)) {
    throw wrong(header, `at least one of ${Object.keys(FIGURE_COLUMNS).join(', ')} is needed`);
  }
  return columns;
}

function isColumn(name: string): name is Column {
  return (CSV_COLUMNS as readonly string[]).includes(name);
}

function isFigureColumn(column: Column): column is FigureColumn {
  return column in FIGURE_COLUMNS;
}

function readRow(record: CsvRecord, columns: readonly Column[]): ProviderUsage {
  if (record.fields.length !== columns.length) {
    throw wrong(record, `${record.fields.length} fields, and the header has ${columns.length}`);
  }
  const figures: UsageFigures = { ...NO_FIGURES };
  const place = { day: '', model: '', api_key: columns.includes('api_key') ? '' : UNDIVIDED };
  columns.forEach((column, index) => {
    const text = record.fields[index]?.trim() ?? '';
    const at = { ...record, column };
    if (column === 'cost_usd') figures.costPicodollars = readCost(text, at);
    else if (isFigureColumn(column)) figures[FIGURE_COLUMNS[column]] = readCount(text, at);
    else place[column] = column === 'day' ? readDay(text, at) : readName(text, at);
  });
  if (Object.values(figures).every((figure) => figure === null)) throw wrong(record, 'no figure in the row');
  return { day: place.day, model: place.model, apiKey: place.api_key, ...figures };
}

interface CsvPlace {
  line: number;
  column?: string;
}

function readDay(text: string, at: CsvPlace): string {
  // PostgreSQL has no year 0.
  if (isDay(text) && !text.startsWith('0000')) return text;
  throw wrong(at, `${quote(text)} is not a day such as 2026-11-24`);
}

function readName(text: string, at: CsvPlace): string {
  if (text === '' && at.column === 'model') throw wrong(at, `a model is needed; ${UNDIVIDED} for all of them together`);
  if (text.length <= NAME_LENGTH_MAX && /^\P{Cc}*$/u.test(text) && text.isWellFormed()) return text;
  throw wrong(at, `at most ${NAME_LENGTH_MAX} characters, none of them a control character`);
}

function readCount(text: string, at: CsvPlace): number | null {
  if (text === '') return null;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw wrong(at, `${quote(text)} is not a whole number such as 1200`);
}

function readCost(text: string, at: CsvPlace): bigint | null {
  if (text === '') return null;
  const cost = readAmount(text, 'dollar');
  if (cost !== null) return cost;
  throw wrong(at, `${quote(text)} is not an amount in dollars such as 12.5`);
}

function wrong({ line, column }: CsvPlace, what: string): AppError {
  const place = column === undefined ? `line ${line}` : `line ${line}, column ${quote(column)}`;
  return new AppError('VALIDATION_FAILED', `${place}: ${what}`, {
    path: ['csv', line, ...(column === undefined ? [] : [column])],
  });
}

function suggestion(name: string): string {
  const column = nearest(name, CSV_COLUMNS);
  return column === undefined ? '' : `; did you mean ${column}?`;
}
