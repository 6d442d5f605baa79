import type { OtlpLogRecord } from '../../telemetry.js';
import { flagOf, textOf } from '../field/attribute.js';
import type { AgentEvent, AgentLog } from './agent-log.js';
import { eventNameOf } from './event-name.js';

/**
 * Codex CLI's events (openai/codex, codex-rs/otel/src/events/session_telemetry.rs). An answer's counts come with the
 * stream's end, `response.completed`; when its request was sent stands in the record before. A turn has no name.
 */
const COMPLETED = 'response.completed';
const HTTP_ERROR_MIN = 400;

const KINDS = new Map<string, (record: OtlpLogRecord) => AgentEvent['kind'] | null>([
  ['codex.user_prompt', () => 'agent'],
  ['codex.api_request', requestKindOf],
  ['codex.websocket_request', requestKindOf],
  ['codex.sse_event', answerKindOf],
  ['codex.tool_decision', reviewKindOf],
  ['codex.tool_result', () => 'tool'],
]);

export const codexLog: AgentLog = {
  convention: {
    name: 'codex',
    kindOf: () => null,
    aliases: {
      conversationId: ['conversation.id'],
      userId: ['user.account_id'],
      agentVersion: ['app.version'],
      responseModel: ['model'],
      inputTokens: ['input_token_count'],
      outputTokens: ['output_token_count'],
      cacheReadTokens: ['cached_token_count'],
      cacheWriteTokens: ['cache_write_token_count'],
      reasoningTokens: ['reasoning_token_count'],
      firstTokenMs: ['ttft_ms'],
      toolName: ['tool_name'],
      toolCallId: ['call_id'],
      arguments: ['arguments'],
      result: ['output'],
      toolOutcome: ['success'],
      httpStatus: ['http.response.status_code'],
      errorMessage: ['error.message'],
      input: ['prompt'],
      output: ['decision'],
    },
  },
  sessionKey: 'conversation.id',
  turnKey: null,
  eventOf(record) {
    const name = eventNameOf(record);
    const kind = name === null ? null : (KINDS.get(name)?.(record) ?? null);
    if (name === null || kind === null) return null;
    return { kind, name, isFailure: kind === 'model' && hasFailed(record) };
  },
};

/** An attempt that failed is a call of its own: no answer will follow it. */
function requestKindOf(record: OtlpLogRecord): 'model' | 'request' {
  return hasFailed(record) ? 'model' : 'request';
}

/** Every event of the stream is told, and its end twice: only the one with counts is the answer. */
function answerKindOf({ attributes }: OtlpLogRecord): 'model' | null {
  if (attributes.has('error.message')) return 'model';
  return attributes.get('event.kind') === COMPLETED && attributes.has('input_token_count') ? 'model' : null;
}

function reviewKindOf({ attributes }: OtlpLogRecord): 'human' | null {
  return textOf(attributes.get('source'))?.toLowerCase() === 'user' ? 'human' : null;
}

function hasFailed({ attributes }: OtlpLogRecord): boolean {
  const status = Number(attributes.get('http.response.status_code') ?? 0);
  return attributes.has('error.message') || status >= HTTP_ERROR_MIN || flagOf(attributes.get('success')) === false;
}
