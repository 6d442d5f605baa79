import type { Span, SpanKind } from '../../../decision/assembly/span.js';
import type { OtlpSpan, SpanEvent } from '../../telemetry.js';
import type { Convention } from '../convention.js';
import { flagOf, textOf } from '../field/attribute.js';

/**
 * Codex CLI: hundreds of spans of its inner workings under a scope named after the program. A few tell of the decision: the turn, each
 * request to the model with the event that brings its counts, and the dispatch of a tool, whose outcome is an event on a span beneath.
 */
const SCOPE_PREFIX = 'codex';

const KINDS = new Map<string, SpanKind>([
  ['session_task.turn', 'agent'],
  ['try_run_sampling_request', 'model'],
  ['dispatch_tool_call_with_state', 'step'],
]);

const RESPONSE = 'handle_responses';
const USAGE_KEY = 'gen_ai.usage.input_tokens';
const TOOL_RESULT = 'codex.tool_result';

export const codex: Convention = {
  name: 'codex',
  kindOf(wire) {
    if (!wire.scope.name.startsWith(SCOPE_PREFIX)) return null;
    if (wire.name === RESPONSE) return wire.attributes.has(USAGE_KEY) ? 'model' : null;
    if (wire.attributes.has('call_id') && wire.attributes.has('tool_source')) return 'tool';
    return KINDS.get(wire.name) ?? null;
  },
  aliases: {
    requestModel: ['model'],
    inputTokens: [USAGE_KEY, 'codex.turn.token_usage.input_tokens'],
    outputTokens: ['gen_ai.usage.output_tokens', 'codex.turn.token_usage.output_tokens'],
    cacheReadTokens: ['gen_ai.usage.cache_read.input_tokens', 'codex.turn.token_usage.cached_input_tokens'],
    cacheWriteTokens: ['gen_ai.usage.cache_write.input_tokens', 'codex.turn.token_usage.cache_write_input_tokens'],
    reasoningTokens: ['codex.usage.reasoning_output_tokens', 'codex.turn.token_usage.reasoning_output_tokens'],
    toolName: ['tool_name'],
    toolCallId: ['call_id'],
  },
  complete(span, wire) {
    // On other spans this is the number of a thread of the operating system.
    if (span.kind === 'agent') span.conversationId ??= textOf(wire.attributes.get('thread.id'));
    if (span.kind === 'step') completeOutcome(span, wire);
  },
};

function completeOutcome(span: Span, { events }: OtlpSpan): void {
  const isFailedResult = ({ attributes }: SpanEvent) =>
    textOf(attributes.get('event.name')) === TOOL_RESULT && flagOf(attributes.get('success')) === false;
  if (events.some(isFailedResult)) span.failure ??= { type: 'tool_error', message: null };
}
