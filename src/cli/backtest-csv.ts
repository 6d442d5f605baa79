import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { SeriesDetector } from '../detect/series/series.js';
import { AppError } from '../errors.js';
import { isDay } from '../time.js';

const HEADER = 'timestamp,value';
/** A line without an end is not collected for ever. */
const LINE_CHARACTERS_MAX = 1_000;
/** NAB's `2014-04-01 00:00:00`, which is taken for UTC, and ISO 8601 with or without a zone. */
const MOMENT = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:?\d{2})?$/;
const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;
const NO_VALUE = new Set(['', 'nan', 'null']);

/** Prints the series of a file (`-` is stdin) with its scores, row by row as they come. */
export async function scoreCsv(file: string): Promise<number> {
  const input = file === '-' ? process.stdin : createReadStream(file);
  const name = file === '-' ? 'stdin' : file;
  try {
    await pipeline(input, (chunks) => scoreLines(name, chunks), process.stdout, { end: false });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (cause instanceof AppError || code === undefined) throw cause;
    // Whoever read stdout has read enough.
    if (code === 'EPIPE') return 0;
    throw new AppError('VALIDATION_FAILED', `${file}: the file cannot be read (${code})`, { cause });
  }
  return 0;
}

/** A chunk of output for each chunk of input. */
async function* scoreLines(name: string, chunks: AsyncIterable<Buffer | string>): AsyncGenerator<string> {
  const detector = new SeriesDetector();
  const decoder = new TextDecoder();
  let line = 0;
  let rest = '';
  const scoreLine = (text: string): string => {
    line += 1;
    const row = text.endsWith('\r') ? text.slice(0, -1) : text;
    if (line === 1) return `${readHeader(row, name)},anomaly_score\n`;
    if (row === '') return '';
    const { atMs, value } = readRow(row, `${name}:${line}`);
    return `${row},${detector.observe(atMs, value).score}\n`;
  };
  for await (const chunk of chunks) {
    const lines = (rest + (typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true }))).split('\n');
    rest = lines.pop() ?? '';
    yield lines.map(scoreLine).join('');
    if (rest.length <= LINE_CHARACTERS_MAX) continue;
    throw new AppError('VALIDATION_FAILED', `${name}:${line + 1}: no end of line`);
  }
  if (rest !== '' || line === 0) yield scoreLine(rest);
}

function readHeader(row: string, name: string): string {
  if (row === HEADER) return row;
  throw new AppError('VALIDATION_FAILED', `${name}:1: the header is ${JSON.stringify(row)}, not ${HEADER}`);
}

/** A value that is missing, `NaN` or `null` keeps its row. */
function readRow(row: string, place: string): { atMs: number; value: number | null } {
  const [moment = '', figure, ...others] = row.split(',');
  if (figure === undefined || others.length > 0) {
    throw new AppError('VALIDATION_FAILED', `${place}: ${JSON.stringify(row)} is not ${HEADER}`);
  }
  const atMs = readMoment(moment.trim());
  if (Number.isNaN(atMs)) {
    throw new AppError(
      'VALIDATION_FAILED',
      `${place}: ${JSON.stringify(moment)} is not a time such as 2026-11-24 06:35:00`,
    );
  }
  const text = figure.trim();
  if (NO_VALUE.has(text.toLowerCase())) return { atMs, value: null };
  const value = NUMBER.test(text) ? Number(text) : Number.NaN;
  if (Number.isFinite(value)) return { atMs, value };
  throw new AppError('VALIDATION_FAILED', `${place}: ${JSON.stringify(figure)} is not a number`);
}

/** Milliseconds since the epoch; NaN for what is no moment. */
function readMoment(text: string): number {
  const [, day = '', time, zone = 'Z'] = MOMENT.exec(text) ?? [];
  return isDay(day) ? Date.parse(`${day}T${time}${zone}`) : Number.NaN;
}
