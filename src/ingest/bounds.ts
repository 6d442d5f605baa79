import type { Span, SpanUsage } from '../decision/assembly/span.js';

/** Characters of one prompt, answer, argument or result; what is longer is cut, visibly. */
const CONTENT_MAX = 1_048_576;
/** Characters of a name or an identifier: what is indexed must stay well below a database page. */
const NAME_MAX = 300;
const MESSAGE_MAX = 8_192;
const COUNT_MAX = 2_147_483_647;
const DURATION_MS_MAX = 1e12;
const COST_USD_MAX = 1e9;

const CONTENTS = ['input', 'output', 'arguments', 'result'] as const;
const NAMES = [
  'name',
  'service',
  'agentName',
  'agentVersion',
  'workflow',
  'conversationId',
  'userId',
  'customerSegment',
  'requestType',
  'region',
  'environment',
  'serviceVersion',
  'provider',
  'requestModel',
  'responseModel',
  'toolName',
] as const;

/**
 * The span within bounds of what a decision can hold: texts cut with a mark that says so, counts and amounts that no
 * agent can have used taken as unknown. Changes the span it is given.
 */
export function boundSpan(span: Span): Span {
  for (const field of CONTENTS) {
    const text = span[field];
    if (text !== null && text.length > CONTENT_MAX) span[field] = cut(text, CONTENT_MAX);
  }
  for (const field of NAMES) {
    const text = span[field];
    if (text !== null && text.length > NAME_MAX) span[field] = cut(text, NAME_MAX);
  }
  if (span.usage !== null) boundUsage(span.usage);
  if (span.failure !== null) span.failure = boundFailure(span.failure);
  span.queueMs = within(span.queueMs, DURATION_MS_MAX);
  span.timeToFirstTokenMs = within(span.timeToFirstTokenMs, DURATION_MS_MAX);
  span.ownCostUsd = within(span.ownCostUsd, COST_USD_MAX);
  span.reportedCostUsd = within(span.reportedCostUsd, COST_USD_MAX);
  return span;
}

/** A name or an identifier within the bound on what is indexed. */
export function boundName(name: string): string {
  return name.length > NAME_MAX ? cut(name, NAME_MAX) : name;
}

function boundUsage(usage: SpanUsage): void {
  for (const kind of ['input', 'output', 'cacheRead', 'cacheWrite', 'reasoning'] as const) {
    usage[kind] = within(usage[kind], COUNT_MAX);
  }
}

function boundFailure({ type, message }: NonNullable<Span['failure']>): NonNullable<Span['failure']> {
  return {
    type: type !== null && type.length > NAME_MAX ? cut(type, NAME_MAX) : type,
    message: message !== null && message.length > MESSAGE_MAX ? cut(message, MESSAGE_MAX) : message,
  };
}

function within(value: number | null, max: number): number | null {
  return value !== null && value >= 0 && value <= max ? value : null;
}

/** Never between the two halves of a surrogate pair: the ledger refuses what is not well-formed. */
function cut(text: string, max: number): string {
  const mark = `…[cut: ${text.length - max} characters]`;
  return text.slice(0, max).toWellFormed() + mark;
}
