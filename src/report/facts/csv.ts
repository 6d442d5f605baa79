import { exactDecimalOf, flagOf, integerOf, type LedgerFact, objectOf, type Payload, textOf } from './payload.js';

type Cell = string | number | null;

const COLUMNS: readonly { name: string; of: (fact: LedgerFact) => Cell }[] = [
  { name: 'fleet', of: ({ fleet }) => fleet },
  { name: 'seq', of: ({ seq }) => seq },
  { name: 'id', of: ({ subject }) => subject },
  { name: 'sealed_at', of: ({ recordedAt }) => recordedAt },
  ...['startedAt', 'endedAt', 'agent', 'agentVersion', 'fingerprint', 'provider', 'model'].map(text),
  ...['requestType', 'riskClass', 'customerSegment', 'conversationId', 'region', 'environment'].map(text),
  ...['outcome', 'errorType'].map(text),
  ...['latencyMs', 'costUsd', 'hallucinationScore'].map(decimal),
  { name: 'input_tokens', of: ({ payload }) => integerOf(tokensOf(payload), 'input') },
  { name: 'output_tokens', of: ({ payload }) => integerOf(tokensOf(payload), 'output') },
  { name: 'tool_calls', of: ({ payload }) => integerOf(payload, 'toolCalls') },
  { name: 'failed_tool_calls', of: ({ payload }) => integerOf(payload, 'failedToolCalls') },
  { name: 'content_kept', of: ({ payload }) => booleanOf(payload, 'sampled') },
  { name: 'complete', of: ({ payload }) => booleanOf(payload, 'complete') },
];

/** The first line of a list of decisions. */
export const CSV_HEAD = `${COLUMNS.map(({ name }) => name).join(',')}\r\n`;

/** A decision as a line of CSV (RFC 4180). */
export function csvLine(fact: LedgerFact): string {
  return `${COLUMNS.map(({ of }) => cell(of(fact))).join(',')}\r\n`;
}

/** What spreadsheets take for a formula; the apostrophe has them show it as it stands. */
const FORMULA = /^[=+\-@\t\r\n|]/;

function cell(value: Cell): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function text(key: string) {
  return { name: snake(key), of: ({ payload }: LedgerFact) => textOf(payload, key) };
}

/** Numbers that are text in entries: what is none is left out, so that none of these can be a formula. */
function decimal(key: string) {
  return { name: snake(key), of: ({ payload }: LedgerFact) => exactDecimalOf(payload, key) };
}

function tokensOf(payload: Payload): Payload {
  return objectOf(payload, 'tokens');
}

function booleanOf(payload: Payload, key: string): string | null {
  const value = flagOf(payload, key);
  return value === null ? null : String(value);
}

function snake(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
