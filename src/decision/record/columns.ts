import type { CopyValue } from '../../db/copy.js';
import type { Step } from '../decision.js';
import type { CommittedDecision } from './payload.js';

/** How a decision lies in the database: the columns of its tables and the values under them, in the same order. */

export const DECISION_COLUMNS = [
  'fleet_id',
  'id',
  'seq',
  'sealed_on',
  'trace_id',
  'span_id',
  'parent_span_id',
  'parent_id',
  'agent',
  'agent_version',
  'fingerprint',
  'request_type',
  'risk_class',
  'customer_segment',
  'conversation_id',
  'user_id',
  'provider',
  'model',
  'region',
  'environment',
  'started_at',
  'ended_at',
  'latency_ms',
  'queue_ms',
  'time_to_first_token_ms',
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'reasoning_tokens',
  'cost_usd',
  'cost_source',
  'calls',
  'outcome',
  'error_type',
  'error_message',
  'hallucination_score',
  'tool_calls',
  'failed_tool_calls',
  'sampled',
  'step_count',
  'byte_count',
  'complete',
  'input',
  'output',
  'salt',
  'span_ids',
  'journal_ids',
  'revision_hash',
] as const;

/** What a row holds beside the decision itself. */
export interface DecisionOrigin {
  spanIds: readonly string[];
  journalIds: readonly number[];
  /** The day, as `2026-11-24`, whose partition the rows go to. */
  sealedOn: string;
  /** Whether its content and steps are kept. */
  sampled: boolean;
  /** Of its content and steps, kept or not. */
  byteCount: number;
}

/** A decision's row but for the fleet, id and seq it begins with. */
export function decisionRow(committed: CommittedDecision, origin: DecisionOrigin): CopyValue[] {
  const { decision } = committed;
  const { sampled } = origin;
  return [
    origin.sealedOn,
    decision.traceId,
    decision.spanId,
    decision.parentSpanId,
    decision.parentId,
    decision.agent,
    decision.agentVersion,
    decision.fingerprint,
    decision.requestType,
    decision.riskClass,
    decision.customerSegment,
    decision.conversationId,
    sampled ? decision.userId : null,
    decision.provider,
    decision.model,
    decision.region,
    decision.environment,
    new Date(decision.startedAtMs),
    new Date(decision.endedAtMs),
    decision.endedAtMs - decision.startedAtMs,
    decision.queueMs,
    decision.timeToFirstTokenMs,
    decision.tokens.input,
    decision.tokens.output,
    decision.tokens.cacheRead,
    decision.tokens.cacheWrite,
    decision.tokens.reasoning,
    decision.costUsd,
    decision.costSource,
    JSON.stringify(decision.calls),
    decision.outcome,
    decision.errorType,
    sampled ? decision.errorMessage : null,
    decision.hallucinationScore,
    decision.toolCalls,
    decision.failedToolCalls,
    sampled,
    decision.steps.length,
    origin.byteCount,
    decision.complete,
    sampled ? decision.input : null,
    sampled ? decision.output : null,
    sampled ? committed.salt : null,
    encodeSpanIds(origin.spanIds),
    origin.journalIds,
    committed.revisionHash,
  ];
}

export const STEP_COLUMNS = [
  'fleet_id',
  'decision_id',
  'risk_class',
  'sealed_on',
  'index',
  'kind',
  'name',
  'started_at',
  'duration_ms',
  'provider',
  'model',
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'reasoning_tokens',
  'cost_usd',
  'tool_name',
  'arguments',
  'result',
  'input',
  'output',
  'outcome',
  'error_message',
  'span_id',
  'salt',
  'digest',
] as const;

export function stepRows(
  { decision, steps }: CommittedDecision,
  place: { fleet: string; sealedOn: string },
): CopyValue[][] {
  const key = [place.fleet, decision.id, decision.riskClass, place.sealedOn];
  return decision.steps.map((step, index) => {
    const { salt, digest } = steps[index] as { salt: Buffer; digest: string };
    return [...key, index, ...stepRow(step, { salt, digest })];
  });
}

function stepRow(step: Step, { salt, digest }: { salt: Buffer; digest: string }): CopyValue[] {
  return [
    step.kind,
    step.name,
    new Date(step.startedAtMs),
    step.durationMs,
    step.provider,
    step.model,
    step.tokens?.input ?? null,
    step.tokens?.output ?? null,
    step.tokens?.cacheRead ?? null,
    step.tokens?.cacheWrite ?? null,
    step.tokens?.reasoning ?? null,
    step.costUsd,
    step.toolName,
    step.arguments,
    step.result,
    step.input,
    step.output,
    step.outcome,
    step.errorMessage,
    step.spanId,
    salt,
    Buffer.from(digest, 'hex'),
  ];
}

const SPAN_ID_BYTES = 8;

/** Eight bytes a span, one after another. */
function encodeSpanIds(spanIds: readonly string[]): Buffer {
  return Buffer.from(spanIds.join(''), 'hex');
}

/** The inverse of `encodeSpanIds`. */
export function decodeSpanIds(bytes: Buffer): string[] {
  const ids: string[] = [];
  for (let at = 0; at < bytes.length; at += SPAN_ID_BYTES) {
    ids.push(bytes.toString('hex', at, at + SPAN_ID_BYTES));
  }
  return ids;
}
