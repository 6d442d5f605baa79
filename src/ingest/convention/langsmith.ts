import type { Span, SpanKind } from '../../decision/assembly/span.js';
import type { Attributes, OtlpSpan } from '../telemetry.js';
import type { Convention } from './convention.js';
import { countOf, isJsonObject, type JsonObject, jsonObjectOf, scalarOf, textOf } from './field/attribute.js';
import type { Fields } from './field/fields.js';
import { UNKNOWN_SERVICE } from './field/resource.js';
import { normaliseUsage, sentCounts } from './field/usage.js';
import { isGraphRun, ownerByRootRun } from './langchain.js';

/**
 * LangSmith's OpenTelemetry export: `langsmith.span.kind`. Its `gen_ai.operation.name` maps run types wrongly and is not read;
 * its `langsmith.trace.session_*` is the project, no conversation.
 */
const KINDS = new Map<string, SpanKind>([
  ['llm', 'model'],
  ['tool', 'tool'],
  ['retriever', 'retrieval'],
  ['embedding', 'embedding'],
]);

export const langsmith: Convention = {
  name: 'langsmith',
  kindOf(wire) {
    const sent = textOf(wire.attributes.get('langsmith.span.kind'))?.toLowerCase();
    if (sent === undefined) return null;
    if (sent === 'chain' && isGraphChain(wire)) return 'agent';
    return KINDS.get(sent) ?? 'step';
  },
  aliases: {
    agentName: ['langsmith.metadata.lc_agent_name'],
    provider: ['langsmith.metadata.ls_provider', 'gen_ai.system'],
    requestModel: ['gen_ai.request.model', 'langsmith.metadata.ls_model_name'],
    usageDetails: ['langsmith.usage_metadata'],
    inputDetails: ['gen_ai.usage.input_token_details'],
    outputDetails: ['gen_ai.usage.output_token_details'],
    arguments: ['gen_ai.prompt'],
    result: ['gen_ai.completion'],
    input: ['gen_ai.prompt'],
    output: ['gen_ai.completion'],
  },
  metadataPrefixes: ['langsmith.metadata.'],
  complete(span, { attributes }, fields) {
    if (span.kind === 'agent') span.agentName ??= span.name;
    if (span.kind === 'tool') span.toolName ??= span.name;
    if (span.kind === 'step') span.agentName ??= ownerByRootRun(span);
    // Its own tracer provider names no service; the project is what the application named.
    else if (span.service.startsWith(UNKNOWN_SERVICE)) span.agentName ??= projectOf(span, attributes);
    completeUsage(span, fields);
  },
};

function projectOf({ parentSpanId }: Span, attributes: Attributes): string | null {
  return parentSpanId === null ? textOf(attributes.get('langsmith.trace.session_name')) : null;
}

function isGraphChain({ name, attributes }: OtlpSpan): boolean {
  return isGraphRun({
    runName: textOf(attributes.get('langsmith.trace.name')) ?? name,
    agentName: textOf(attributes.get('langsmith.metadata.lc_agent_name')),
    isNode: attributes.has('langsmith.metadata.langgraph_node'),
  });
}

/** Cache and reasoning counts are JSON, in attributes of their own or inside the usage metadata. */
function completeUsage(span: Span, fields: Fields): void {
  const usage = jsonObjectOf(fields.usageDetails) ?? {};
  const inputs = jsonObjectOf(fields.inputDetails) ?? objectOf(usage.input_token_details);
  const outputs = jsonObjectOf(fields.outputDetails) ?? objectOf(usage.output_token_details);
  const sent = sentCounts(fields);
  const counted = {
    input: sent.input ?? countOf(scalarOf(usage.input_tokens)),
    output: sent.output ?? countOf(scalarOf(usage.output_tokens)),
    cacheRead: sent.cacheRead ?? countOf(scalarOf(inputs.cache_read)),
    cacheWrite: sent.cacheWrite ?? countOf(scalarOf(inputs.cache_creation)),
    reasoning: sent.reasoning ?? countOf(scalarOf(outputs.reasoning)),
  };
  span.usage = normaliseUsage(counted, {});
}

function objectOf(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}
