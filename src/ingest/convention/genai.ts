import type { Span, SpanKind } from '../../decision/assembly/span.js';
import type { OtlpSpan } from '../telemetry.js';
import type { Convention } from './convention.js';
import { textOf } from './field/attribute.js';

/**
 * OpenTelemetry's GenAI conventions (open-telemetry/semantic-conventions-genai), and the operation names
 * that clients add to them. Current names stand before deprecated ones.
 */
const OPERATIONS = new Map<string, SpanKind>([
  ['chat', 'model'],
  ['text_completion', 'model'],
  ['generate_content', 'model'],
  ['llm_call', 'model'],
  ['embeddings', 'embedding'],
  ['retrieval', 'retrieval'],
  ['search_memory', 'retrieval'],
  ['execute_tool', 'tool'],
  ['tool.execute', 'tool'],
  ['tool_call', 'tool'],
  ['invoke_agent', 'agent'],
  ['agent_call', 'agent'],
  ['invoke_workflow', 'workflow'],
  ['plan', 'reasoning'],
  ['guard', 'guardrail'],
  ['handoff', 'handoff'],
]);

const USAGE_KEYS = [
  'gen_ai.usage.input_tokens',
  'gen_ai.usage.output_tokens',
  'gen_ai.usage.prompt_tokens',
  'gen_ai.usage.completion_tokens',
];

export const genai: Convention = {
  name: 'genai',
  kindOf: genaiKindOf,
  aliases: {
    agentName: ['gen_ai.agent.name'],
    agentId: ['gen_ai.agent.id'],
    agentVersion: ['gen_ai.agent.version'],
    workflow: ['gen_ai.workflow.name'],
    conversationId: ['gen_ai.conversation.id'],
    provider: ['gen_ai.provider.name', 'gen_ai.system'],
    requestModel: ['gen_ai.request.model'],
    responseModel: ['gen_ai.response.model'],
    responseId: ['gen_ai.response.id'],
    inputTokens: ['gen_ai.usage.input_tokens', 'gen_ai.usage.prompt_tokens'],
    outputTokens: ['gen_ai.usage.output_tokens', 'gen_ai.usage.completion_tokens'],
    cacheReadTokens: [
      'gen_ai.usage.cache_read.input_tokens',
      'gen_ai.usage.cache_read_input_tokens',
      'gen_ai.usage.cached_input_tokens',
    ],
    cacheWriteTokens: [
      'gen_ai.usage.cache_creation.input_tokens',
      'gen_ai.usage.cache_creation_input_tokens',
      'gen_ai.usage.cache_write.input_tokens',
      'gen_ai.usage.cache_write_input_tokens',
      'gen_ai.usage.cache_write_tokens',
    ],
    reasoningTokens: [
      'gen_ai.usage.reasoning.output_tokens',
      'gen_ai.usage.reasoning_tokens',
      'gen_ai.usage.reasoning_output_tokens',
    ],
    reportedCostUsd: ['gen_ai.usage.cost'],
    firstTokenS: [
      'gen_ai.response.time_to_first_chunk',
      'gen_ai.client.operation.time_to_first_chunk',
      'gen_ai.server.time_to_first_token',
    ],
    finishReasons: ['gen_ai.response.finish_reasons'],
    toolName: ['gen_ai.tool.name'],
    toolCallId: ['gen_ai.tool.call.id'],
    arguments: ['gen_ai.tool.call.arguments', 'gen_ai.tool.input', 'gen_ai.tool.args'],
    result: ['gen_ai.tool.call.result', 'gen_ai.tool.output'],
    toolOutcome: ['gen_ai.tool.status', 'gen_ai.tool.success'],
    input: ['gen_ai.input.messages', 'gen_ai.retrieval.query.text', 'gen_ai.prompt'],
    output: ['gen_ai.output.messages', 'gen_ai.retrieval.documents', 'gen_ai.completion'],
    evaluationName: ['gen_ai.evaluation.name'],
    evaluationLabel: ['gen_ai.evaluation.score.label'],
    evaluationScore: ['gen_ai.evaluation.score.value'],
  },
};

/** What the GenAI operation says the span is; without an operation, what the model and usage attributes give away. */
export function genaiKindOf(wire: OtlpSpan): SpanKind | null {
  const operation = textOf(wire.attributes.get('gen_ai.operation.name'));
  if (operation !== null) return OPERATIONS.get(operation) ?? 'step';
  if (isUnnamedModelCall(wire)) return 'model';
  if (wire.name.startsWith('execute_tool ')) return 'tool';
  return wire.name.startsWith('invoke_agent ') ? 'agent' : null;
}

/** What a `gen_ai.operation.name` stands for; null for one that is not known. */
export function operationKind(operation: string): SpanKind | null {
  return OPERATIONS.get(operation) ?? null;
}

/** Whether the span has an operation name that the conventions, or a client, give a meaning. */
export function hasKnownOperation(wire: OtlpSpan): boolean {
  const operation = textOf(wire.attributes.get('gen_ai.operation.name'));
  return operation !== null && OPERATIONS.has(operation);
}

function isUnnamedModelCall({ attributes }: OtlpSpan): boolean {
  if (!attributes.has('gen_ai.request.model')) return false;
  const hasProvider = attributes.has('gen_ai.system') || attributes.has('gen_ai.provider.name');
  return hasProvider || USAGE_KEYS.some((key) => attributes.has(key));
}

/** Names an agent, a tool or a workflow after its span (`invoke_agent Planner`) where no attribute named it. */
export function nameBySpan(span: Span): void {
  if (span.kind === 'agent') span.agentName ??= wordsAfter(span.name, 'invoke_agent ', span.requestModel);
  if (span.kind === 'tool') span.toolName ??= wordsAfter(span.name, 'execute_tool ', null);
  if (span.kind === 'workflow') span.workflow ??= wordsAfter(span.name, 'invoke_workflow ', null);
}

/** What follows the operation, unless it is the model's name, which some clients put there. */
function wordsAfter(spanName: string, operation: string, model: string | null): string | null {
  if (!spanName.startsWith(operation)) return null;
  const name = spanName.slice(operation.length).trim();
  return name === '' || name === model ? null : name;
}
