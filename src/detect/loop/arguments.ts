/** What a call was asked, as hashes: to the letter but for what changes with every call, and loosely. */

import { compareText } from '../../order.js';
import { excerptOf, hashText } from './hash.js';

export interface Asked {
  /** Equal for arguments that say the same: any order of keys, 1 = 1.0 = "1", nothing volatile. */
  exact: number;
  /** Also equal where case, punctuation, blanks or a mere quantity differ. */
  loose: number;
  /** Loose, without the words of long texts. */
  fields: number;
  /** Hashes of the words of long texts, in order; empty when there is no long text. */
  words: readonly number[];
  /** The words of all values, to be taken out of an error that quotes them; made when asked for. */
  vocabulary: () => ReadonlySet<string>;
}

/** A hostile nesting is read as text below this; real arguments are a few levels deep. */
const DEPTH_MAX = 24;
/** Longer arguments are files or mails: compared as text, without reading their structure. */
const PARSED_LENGTH_MAX = 16_384;
/** Texts of so many words say something in their own words; shorter ones are names, addresses and choices. */
const LONG_TEXT_WORDS = 8;
const WORDS_MAX = 64;
/** How far the call's clock and the agent's may be apart for a value to be "now". */
const NOW_TOLERANCE_MS = 120_000;
const SAFE_DIGITS = 15;

const VOLATILE_KEYS = new Set(
  `timestamp ts now currenttime currenttimestamp requesttime requestedat sentat requestid reqid correlationid traceid spanid
  traceparent callid toolcallid invocationid idempotencykey idempotencytoken clienttoken clientrequestid nonce seed jitter
  cachebuster backoff delay attempt attempts attemptnumber retry retries retrycount reason reasoning rationale thought
  thoughts thinking explanation justification`.split(/\s+/),
);
/** They say how much of an answer, not which. */
const QUANTITY_KEYS = new Set(
  'limit maxresults numresults topk k size pagesize perpage max maxitems timeout timeoutms timeoutseconds verbose'.split(
    ' ',
  ),
);
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;
const MOMENT = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/;
const WORD = /[\p{L}\p{N}]+/gu;
/** JSON numbers that would lose their last digits in parsing, which are what tells such ids apart. */
const LONG_NUMBER = /([:[,]\s*)(-?\d{16,})(?=\s*[,}\]])/g;
const EPOCH_MS_MIN = 1e12;

/** `atMs` is when the call began, to know the time of the call from other times; 0 when that is not known. */
export function readArguments(text: string, atMs: number): Asked {
  const values: Values = { exact: [], loose: [], fields: [], words: [] };
  const parsed = parse(text);
  if (parsed === undefined) addText(values, '', excerptOf(text).trim());
  else collect(values, parsed, { path: '', depth: 0, atMs });
  return {
    exact: hashText(values.exact.join('\n')),
    loose: hashText(values.loose.join('\n')),
    fields: hashText(values.fields.join('\n')),
    words: values.words,
    vocabulary: () => new Set(values.loose.join(' ').match(WORD)),
  };
}

interface Values {
  exact: string[];
  loose: string[];
  fields: string[];
  words: number[];
}

interface Place {
  path: string;
  depth: number;
  atMs: number;
}

function parse(text: string): object | undefined {
  if (text.length > PARSED_LENGTH_MAX) return undefined;
  const opening = text.trimStart()[0];
  if (opening !== '{' && opening !== '[') return undefined;
  return parseJson(text.replace(LONG_NUMBER, '$1"$2"')) ?? parseJson(text);
}

function parseJson(text: string): object | undefined {
  try {
    return JSON.parse(text) as object;
  } catch {
    // Plain text, another language's notation, or JSON that was cut off: compared as text.
    return undefined;
  }
}

function collect(values: Values, value: unknown, place: Place): void {
  const { path, depth, atMs } = place;
  if (value === null || value === undefined || value === '') return;
  if (typeof value === 'string') {
    if (!isNow(value, atMs)) addText(values, path, value.trim());
  } else if (typeof value !== 'object') {
    if (!(typeof value === 'number' && isEpochNow(value, atMs))) addScalar(values, path, String(value));
  } else if (depth === DEPTH_MAX) {
    addScalar(values, path, '…');
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries())
      collect(values, item, { path: `${path}[${index}]`, depth: depth + 1, atMs });
  } else {
    for (const [key, item] of tellingEntries(value))
      collect(values, item, { path: `${path}.${key}`, depth: depth + 1, atMs });
  }
}

/** In the order of the keys; where all are volatile, as in a tool to think with, they are all there is to go by. */
function tellingEntries(value: object): [string, unknown][] {
  const entries = Object.entries(value);
  const telling = entries.filter(([key]) => !VOLATILE_KEYS.has(plainKey(key)));
  const kept = telling.length === 0 ? entries : telling;
  return kept.length < 2 ? kept : kept.sort(([left], [right]) => compareText(left, right));
}

function plainKey(key: string): string {
  return key.replace(/[_-]/g, '').toLowerCase();
}

function addScalar(values: Values, path: string, text: string): void {
  values.exact.push(`${path}=${text}`);
  if (QUANTITY_KEYS.has(plainKey(path.slice(path.lastIndexOf('.') + 1)))) return;
  values.loose.push(`${path}=${text}`);
  values.fields.push(`${path}=${text}`);
}

function addText(values: Values, path: string, text: string): void {
  if (text.length <= SAFE_DIGITS && NUMBER.test(text)) {
    addScalar(values, path, String(Number(text)));
    return;
  }
  values.exact.push(`${path}=${text}`);
  const words = text.toLowerCase().match(WORD) ?? [];
  const loose = `${path}=${words.length === 0 ? text : words.join(' ')}`;
  values.loose.push(loose);
  if (words.length < LONG_TEXT_WORDS) {
    values.fields.push(loose);
    return;
  }
  // Figures tell apart what is otherwise worded alike: two invoices, two amounts.
  values.fields.push(`${path}=${words.filter((word) => /\d/.test(word)).join(' ')}`);
  const room = WORDS_MAX - values.words.length;
  for (const word of words.slice(0, Math.max(0, room))) values.words.push(hashText(word) >>> 0);
}

function isNow(text: string, atMs: number): boolean {
  if (atMs === 0 || text.length > 40 || !MOMENT.test(text)) return false;
  return Math.abs(Date.parse(text) - atMs) <= NOW_TOLERANCE_MS;
}

/** Seconds or milliseconds since the epoch. */
function isEpochNow(value: number, atMs: number): boolean {
  if (atMs < EPOCH_MS_MIN) return false;
  return Math.abs(value - atMs) <= NOW_TOLERANCE_MS || Math.abs(value * 1_000 - atMs) <= NOW_TOLERANCE_MS;
}

/** Of at least 9 words in 10, whatever their order: the same text, reworded. */
export function isReworded(left: readonly number[], right: readonly number[]): boolean {
  if (left.length === 0 || right.length === 0) return false;
  const ours = new Set(left);
  const theirs = new Set(right);
  let both = 0;
  for (const word of ours) if (theirs.has(word)) both += 1;
  return both >= 0.9 * (ours.size + theirs.size - both);
}
