import type { Span, SpanKind, SpanUsage } from '../../decision/assembly/span.js';
import type { Convention } from './convention.js';
import { amountOf, countOf, type JsonObject, jsonObjectOf, scalarOf, textOf } from './field/attribute.js';
import type { Fields } from './field/fields.js';

/** Langfuse SDK: `langfuse.observation.*`. Its failures are a level, never a span status. */
const KINDS = new Map<string, SpanKind>([
  ['generation', 'model'],
  ['embedding', 'embedding'],
  ['retriever', 'retrieval'],
  ['tool', 'tool'],
  ['agent', 'agent'],
  ['chain', 'step'],
  ['span', 'step'],
  ['event', 'step'],
  ['guardrail', 'guardrail'],
  ['evaluator', 'evaluation'],
]);

export const langfuse: Convention = {
  name: 'langfuse',
  kindOf({ attributes }) {
    const type = textOf(attributes.get('langfuse.observation.type'))?.toLowerCase();
    return type === undefined ? null : (KINDS.get(type) ?? 'step');
  },
  aliases: {
    agentVersion: ['langfuse.version'],
    workflow: ['langfuse.trace.name'],
    conversationId: ['session.id', 'langfuse.session.id'],
    userId: ['user.id', 'langfuse.user.id'],
    environment: ['langfuse.environment'],
    metadata: ['langfuse.trace.metadata', 'langfuse.observation.metadata'],
    requestModel: ['langfuse.observation.model.name'],
    responseModel: ['langfuse.observation.model.name'],
    usageDetails: ['langfuse.observation.usage_details'],
    costDetails: ['langfuse.observation.cost_details'],
    firstTokenAt: ['langfuse.observation.completion_start_time'],
    arguments: ['langfuse.observation.input'],
    result: ['langfuse.observation.output'],
    input: ['langfuse.observation.input'],
    output: ['langfuse.observation.output'],
  },
  metadataPrefixes: ['langfuse.trace.metadata.', 'langfuse.observation.metadata.'],
  complete(span, _wire, fields) {
    if (span.kind === 'agent') span.agentName ??= span.name;
    if (span.kind === 'tool') span.toolName ??= span.name;
    completeDetails(span, fields);
  },
};

function completeDetails(span: Span, fields: Fields): void {
  const usage = jsonObjectOf(fields.usageDetails);
  if (usage !== null) span.usage = usageOf(usage) ?? span.usage;
  const cost = jsonObjectOf(fields.costDetails);
  const costUsd = cost === null ? 0 : totalCostOf(cost);
  if (costUsd > 0) span.reportedCostUsd = costUsd;
}

function totalCostOf(details: JsonObject): number {
  const total = amountOf(scalarOf(details.total));
  return total ?? Object.values(details).reduce<number>((sum, part) => sum + (amountOf(scalarOf(part)) ?? 0), 0);
}

/**
 * Langfuse counts each kind apart: `input` leaves out every `input_*`, `output` every `output_*`. Who hands it OpenAI's own
 * counts breaks that, and `total` shows it; Anthropic's leave the cache out as Langfuse's do.
 */
function usageOf(details: JsonObject): SpanUsage | null {
  const counts = countsOf(details);
  const input = firstOf(counts, ['input', 'input_tokens', 'prompt_tokens', 'promptTokens']);
  const output = firstOf(counts, ['output', 'output_tokens', 'completion_tokens', 'completionTokens']);
  if (input === null && output === null) return null;
  const total = firstOf(counts, ['total', 'total_tokens', 'totalTokens']);
  const isAnthropicForm = counts.has('cache_read_input_tokens') || counts.has('cache_creation_input_tokens');
  const isWhole = !isAnthropicForm && total === (input ?? 0) + (output ?? 0);
  const whole = (count: number | null, parts: number): number | null =>
    count === null || isWhole ? count : count + parts;
  return {
    input: whole(input, sumUnder(counts, 'input_') + sumUnder(counts, 'cache_')),
    output: whole(output, sumUnder(counts, 'output_')),
    cacheRead: firstOf(counts, ['input_cached_tokens', 'input_cache_read', 'cache_read_input_tokens']),
    cacheWrite: firstOf(counts, ['input_cache_creation', 'input_cache_write', 'cache_creation_input_tokens']),
    reasoning: firstOf(counts, ['output_reasoning_tokens', 'output_reasoning']),
  };
}

function countsOf(details: JsonObject): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [name, sent] of Object.entries(details)) {
    const count = countOf(scalarOf(sent));
    if (count !== null) counts.set(name, count);
  }
  return counts;
}

function firstOf(counts: ReadonlyMap<string, number>, names: readonly string[]): number | null {
  const name = names.find((candidate) => counts.has(candidate));
  return name === undefined ? null : (counts.get(name) ?? null);
}

/** The parts named under a prefix; `input_tokens` and `output_tokens` are other names of the whole. */
function sumUnder(counts: ReadonlyMap<string, number>, prefix: string): number {
  const parts = [...counts].filter(([name]) => name.startsWith(prefix) && name !== `${prefix}tokens`);
  return parts.reduce((sum, [, count]) => sum + count, 0);
}
