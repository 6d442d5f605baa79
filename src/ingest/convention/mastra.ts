import type { SpanKind } from '../../decision/assembly/span.js';
import type { Convention } from './convention.js';
import { textOf } from './field/attribute.js';

/** Mastra's OpenTelemetry exporter: `mastra.span.type` beside GenAI names; plain names for content and metadata before 1.0. */
const KINDS = new Map<string, SpanKind>([
  ['model_inference', 'model'],
  ['llm_generation', 'model'],
  ['model_generation', 'step'],
  ['rag_embedding', 'embedding'],
  ['tool_call', 'tool'],
  ['mcp_tool_call', 'tool'],
  ['provider_tool_call', 'tool'],
  ['client_tool_call', 'tool'],
  ['agent_run', 'agent'],
  ['workflow_run', 'workflow'],
  ['scorer_run', 'evaluation'],
]);

/** The exporter's scope before 1.0, when a generation was the model call itself. */
const EARLY_SCOPE = '@mastra/otel';
const AGENT_SPAN_PREFIX = 'agent.';

const CONTENT_TYPES = [
  'agent_run',
  'model_inference',
  'model_generation',
  'model_step',
  'workflow_run',
  'workflow_step',
];
const INPUTS = CONTENT_TYPES.map((type) => `mastra.${type}.input`);
const OUTPUTS = CONTENT_TYPES.map((type) => `mastra.${type}.output`);

export const mastra: Convention = {
  name: 'mastra',
  kindOf(wire) {
    const type = textOf(wire.attributes.get('mastra.span.type'))?.toLowerCase();
    if (type === undefined) return null;
    if (type === 'model_generation' && wire.scope.name === EARLY_SCOPE) return 'model';
    return KINDS.get(type) ?? 'step';
  },
  aliases: {
    agentId: ['gen_ai.agent.id', 'agentId', 'agent.id'],
    agentName: ['gen_ai.agent.name', 'agentName'],
    workflow: ['gen_ai.workflow.name', 'workflow.id'],
    firstTokenAt: ['mastra.completion_start_time'],
    arguments: ['gen_ai.tool.call.arguments', 'gen_ai.tool.input', 'input'],
    result: ['gen_ai.tool.call.result', 'gen_ai.tool.output', 'output'],
    input: ['gen_ai.input.messages', 'gen_ai.prompt', 'input', ...INPUTS],
    output: ['gen_ai.output.messages', 'gen_ai.completion', 'output', ...OUTPUTS],
  },
  metadataPrefixes: ['mastra.metadata.'],
  complete(span) {
    if (span.kind !== 'agent') return;
    // Before agent names were sent, the identifier was the name, in an attribute or in the span's name.
    const named = span.name.startsWith(AGENT_SPAN_PREFIX) ? span.name.slice(AGENT_SPAN_PREFIX.length) : null;
    span.agentName ??= span.agentId ?? named;
  },
};
