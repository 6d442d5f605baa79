/**
 * Traces as text. One span a line, children indented by two spaces:
 *
 *     agent Orchestrator @support
 *       model gpt-5 in=100 out=20
 *       tool refund fail="card declined"
 *
 * First the kind, then the name: of the agent, model, tool or anything else (`-`: none). Then, in any order: `@service`
 * (default: the parent's), `client` or `server`, `open` (not ended), `owner=` (an agent's name on another span),
 * `parent=` (an id outside the text), `in= out= cached= written= reasoning=` (tokens), `fail=` (message, or bare), and
 * any other field of a span by its name. A span is `s<line>` unless `id=` says otherwise. Each span starts 10 ms after
 * the one before it started or ended; `from=` and `to=` (milliseconds) say otherwise.
 */
import type { Span, SpanKind, SpanUsage } from '../../src/decision/assembly/span.js';

export const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';

const WORD = /(?:[^\s"]+|"[^"]*")+/g;

const NUMBER_FIELDS = new Set(['reportedCostUsd', 'ownCostUsd', 'timeToFirstTokenMs', 'queueMs', 'hallucinationScore']);

const TOKEN_FIELDS: ReadonlyMap<string, keyof SpanUsage> = new Map([
  ['in', 'input'],
  ['out', 'output'],
  ['cached', 'cacheRead'],
  ['written', 'cacheWrite'],
  ['reasoning', 'reasoning'],
]);

interface Line {
  span: Span;
  depth: number;
}

export function spanTree(text: string): Span[] {
  const rows = text.split('\n').filter((row) => row.trim() !== '');
  const margin = Math.min(...rows.map((row) => row.search(/\S/)));
  const open: Line[] = [];
  const spans: Span[] = [];
  let nowMs = 1_000;
  const close = (depth: number) => {
    for (let last = open.at(-1); last !== undefined && last.depth >= depth; last = open.at(-1)) {
      nowMs += 10;
      if (last.span.endMs === 0) last.span.endMs = last.span.ended ? nowMs : last.span.startMs;
      open.pop();
    }
  };
  for (const [index, row] of rows.entries()) {
    const depth = (row.search(/\S/) - margin) / 2;
    close(depth);
    nowMs += 10;
    const span = readLine(row, { index, parent: open.at(-1)?.span ?? null, nowMs });
    spans.push(span);
    open.push({ span, depth });
  }
  close(0);
  return spans;
}

function readLine(row: string, at: { index: number; parent: Span | null; nowMs: number }): Span {
  const [kind, name = '-', ...words] = (row.match(WORD) ?? []).map((word) => word.replaceAll('"', ''));
  const span = makeSpan({
    kind: kind as SpanKind,
    name,
    spanId: `s${at.index + 1}`,
    parentSpanId: at.parent?.spanId ?? null,
    service: at.parent?.service ?? 'app',
    startMs: at.nowMs,
    endMs: 0,
  });
  if (name !== '-') {
    if (kind === 'agent') span.agentName = name;
    if (kind === 'tool') span.toolName = name;
    if (kind === 'model' || kind === 'embedding') span.requestModel = name;
  }
  for (const word of words) applyWord(span, word);
  return span;
}

function applyWord(span: Span, word: string): void {
  const [key = '', value = ''] = word.split(/=(.*)/s);
  const tokens = TOKEN_FIELDS.get(key);
  if (key.startsWith('@')) span.service = key.slice(1);
  else if (key === 'client' || key === 'server') span.side = key;
  else if (key === 'open') span.ended = false;
  else if (key === 'owner') span.agentName = value;
  else if (key === 'id') span.spanId = value;
  else if (key === 'parent') span.parentSpanId = value;
  else if (key === 'from') span.startMs = Number(value);
  else if (key === 'to') span.endMs = Number(value);
  else if (key === 'fail') span.failure = { type: null, message: value === '' ? null : value };
  else if (tokens !== undefined) span.usage = { ...(span.usage ?? NO_USAGE), [tokens]: Number(value) };
  else Object.assign(span, { [key]: NUMBER_FIELDS.has(key) ? Number(value) : value });
}

const NO_USAGE: SpanUsage = { input: null, output: null, cacheRead: null, cacheWrite: null, reasoning: null };

export function makeSpan(known: Partial<Span>): Span {
  return {
    traceId: TRACE_ID,
    spanId: 's1',
    parentSpanId: null,
    parentIsRemote: null,
    kind: 'other',
    convention: 'genai',
    name: 'span',
    scope: 'test',
    log: null,
    side: 'internal',
    startMs: 0,
    endMs: 0,
    ended: true,
    service: 'app',
    agentName: null,
    callerName: null,
    agentId: null,
    agentVersion: null,
    workflow: null,
    conversationId: null,
    userId: null,
    customerSegment: null,
    requestType: null,
    riskClass: null,
    labels: null,
    region: null,
    environment: null,
    serviceVersion: null,
    provider: null,
    requestModel: null,
    responseModel: null,
    responseId: null,
    usage: null,
    reportedCostUsd: null,
    ownCostUsd: null,
    timeToFirstTokenMs: null,
    queueMs: null,
    finishReasons: [],
    promptDigest: null,
    toolsDigest: null,
    toolName: null,
    toolCallId: null,
    arguments: null,
    result: null,
    input: null,
    output: null,
    hallucinationScore: null,
    failure: null,
    ...known,
  };
}
