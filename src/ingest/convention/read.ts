import type { Span, SpanKind } from '../../decision/assembly/span.js';
import type { OtlpSpan, OtlpSpanKind } from '../telemetry.js';
import { annotation } from './annotation.js';
import { claudeCode } from './claude-code.js';
import type { Convention } from './convention.js';
import { anthropicSdk } from './dialect/anthropic-sdk.js';
import { codex } from './dialect/codex.js';
import { geminiCli } from './dialect/gemini-cli.js';
import { googleAdk } from './dialect/google-adk.js';
import { openlit } from './dialect/openlit.js';
import { pydanticAi } from './dialect/pydantic-ai.js';
import { strands } from './dialect/strands.js';
import { amountOf } from './field/attribute.js';
import { readContent } from './field/content.js';
import { evaluationsOf, hallucinationScoreAmong, placeAtTarget } from './field/evaluation.js';
import { failureOf } from './field/failure.js';
import { type Aliases, collectFields, type FieldIndex, indexFields } from './field/fields.js';
import { readIdentity } from './field/identity.js';
import { aliasesUnder, withMetadata } from './field/metadata.js';
import { readModelCall } from './field/model-call.js';
import { genai, nameBySpan } from './genai.js';
import { langfuse } from './langfuse.js';
import { langsmith } from './langsmith.js';
import { mastra } from './mastra.js';
import { mcp } from './mcp.js';
import { openinference } from './openinference.js';
import { plain } from './plain.js';
import { readSetup } from './setup/setup.js';
import { traceloop } from './traceloop.js';
import { vercel } from './vercel.js';

/** The first that knows a span reads it. */
const CONVENTIONS: readonly Convention[] = [
  openinference,
  langfuse,
  traceloop,
  vercel,
  mastra,
  langsmith,
  claudeCode,
  strands,
  googleAdk,
  geminiCli,
  codex,
  anthropicSdk,
  openlit,
  pydanticAi,
  genai,
  mcp,
  annotation,
];

/** What a user of the product writes to say it outright (docs/INTEGRATIONS.md): before anything a client sends. */
const OUTRIGHT: Aliases = {
  riskClass: ['midwatch.risk_class'],
  requestType: ['midwatch.request_type'],
  customerSegment: ['midwatch.customer_segment'],
  queueMs: ['midwatch.queue_ms'],
  ownCostUsd: ['midwatch.cost_usd'],
};

/** Every convention's prefix for the application's keys, since one's spans stand beneath another's; then what applications use themselves. */
const METADATA_PREFIXES = [
  ...CONVENTIONS.flatMap((convention) => convention.metadataPrefixes ?? []),
  'app.',
  'metadata.',
];

/** A convention ready to read by. */
export interface Reader {
  convention: Convention;
  index: FieldIndex;
}

const READERS: readonly Reader[] = CONVENTIONS.map(createReader);
const PLAIN_READER: Reader = {
  convention: plain,
  index: indexFields([OUTRIGHT, plain.aliases, aliasesUnder(METADATA_PREFIXES)]),
};

/** Lays out a convention's names for reading; done once for each. */
export function createReader(convention: Convention): Reader {
  return { convention, index: indexOf(convention) };
}

function indexOf({ aliases, aliasesBeneath = {}, metadataPrefixes = [] }: Convention): FieldIndex {
  const own = [aliases, aliasesUnder(metadataPrefixes), aliasesBeneath];
  return indexFields([OUTRIGHT, ...own, genai.aliases, plain.aliases, aliasesUnder(METADATA_PREFIXES)]);
}

/** Reads a decoded span by the convention it is written in. Never fails: what cannot be read is null. */
export function readSpan(wire: OtlpSpan): Span {
  for (const reader of READERS) {
    const kind = reader.convention.kindOf(wire);
    if (kind !== null) return readBy(reader, wire, kind);
  }
  return readBy(PLAIN_READER, wire, 'other');
}

/** Reads a span that is known to be written in a convention, as a span of the given kind. */
export function readBy({ convention, index }: Reader, wire: OtlpSpan, kind: SpanKind): Span {
  const span = blankSpan(wire, kind, convention.name);
  const fields = withMetadata(collectFields(wire.attributes, index));
  readIdentity(span, wire, fields);
  span.failure = failureOf(wire, kind, fields);
  if (kind === 'other') return span;
  readModelCall(span, wire, fields, convention.usageRule);
  readContent(span, wire, fields);
  if (kind === 'model' || kind === 'agent') readSetup(span, wire);
  span.ownCostUsd = amountOf(fields.ownCostUsd);
  span.hallucinationScore = hallucinationScoreAmong(evaluationsOf(wire, fields));
  convention.complete?.(span, wire, fields);
  if (kind === 'evaluation') placeAtTarget(span, wire);
  nameBySpan(span);
  return span;
}

const SIDES: Record<OtlpSpanKind, Span['side']> = {
  0: 'internal',
  1: 'internal',
  2: 'server',
  3: 'client',
  4: 'client',
  5: 'server',
};

function blankSpan(wire: OtlpSpan, kind: SpanKind, convention: string): Span {
  return {
    traceId: wire.traceId,
    spanId: wire.spanId,
    parentSpanId: wire.parentSpanId,
    parentIsRemote: wire.parentIsRemote,
    kind,
    convention,
    name: wire.name,
    scope: wire.scope.name,
    log: null,
    side: SIDES[wire.kind],
    startMs: wire.startMs,
    // Clocks that were set back give an end before the start.
    endMs: Math.max(wire.startMs, wire.endMs),
    ended: wire.endMs !== 0,
    service: '',
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
  };
}
