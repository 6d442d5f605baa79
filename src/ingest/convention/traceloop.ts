import type { SpanKind } from '../../decision/assembly/span.js';
import type { OtlpSpan } from '../telemetry.js';
import type { Convention } from './convention.js';
import { labelOf, textOf } from './field/attribute.js';
import { genaiKindOf, hasKnownOperation } from './genai.js';

/** OpenLLMetry (Traceloop): `traceloop.span.kind` on the SDK's own spans, GenAI names (old ones too) on its instrumentations'. */
const KINDS = new Map<string, SpanKind>([
  ['workflow', 'workflow'],
  ['agent', 'agent'],
  ['tool', 'tool'],
  ['task', 'step'],
  ['session', 'step'],
  ['handoff', 'handoff'],
]);

/** `llm.request.type`, from before operation names. */
const REQUEST_TYPES = new Map<string, SpanKind>([
  ['chat', 'model'],
  ['completion', 'model'],
  ['embedding', 'embedding'],
]);

const SCOPE_PREFIX = '@traceloop/';
const ANTHROPIC_SCOPE = '@traceloop/instrumentation-anthropic';

export const traceloop: Convention = {
  name: 'traceloop',
  kindOf(wire) {
    const sent = textOf(wire.attributes.get('traceloop.span.kind'));
    if (sent === 'task' && hasKnownOperation(wire)) return genaiKindOf(wire);
    if (sent !== null) return KINDS.get(sent) ?? 'step';
    return requestKindOf(wire) ?? (wire.scope.name.startsWith(SCOPE_PREFIX) ? genaiKindOf(wire) : null);
  },
  aliases: {
    workflow: ['traceloop.workflow.name'],
    finishReasons: [
      'gen_ai.response.finish_reasons',
      'gen_ai.completion.0.finish_reason',
      'llm.response.finish_reason',
    ],
    arguments: ['traceloop.entity.input'],
    result: ['traceloop.entity.output'],
    input: ['gen_ai.input.messages', 'traceloop.entity.input'],
    output: ['gen_ai.output.messages', 'traceloop.entity.output'],
  },
  metadataPrefixes: ['traceloop.association.properties.'],
  usageRule: (wire) => ({ inputExcludesCache: wire.scope.name === ANTHROPIC_SCOPE }),
  complete(span, wire) {
    const entity = textOf(wire.attributes.get('traceloop.entity.name'));
    if (span.kind === 'agent') {
      span.agentName ??= entity;
      span.agentVersion ??= labelOf(wire.attributes.get('traceloop.entity.version'));
    }
    if (span.kind === 'tool') span.toolName ??= entity;
    if (span.kind === 'workflow') span.workflow ??= entity;
    // Inside an agent the SDK sends the agent's name as the workflow's.
    if (span.workflow === span.agentName) span.workflow = null;
  },
};

function requestKindOf(wire: OtlpSpan): SpanKind | null {
  const type = textOf(wire.attributes.get('llm.request.type'));
  if (type === null || wire.attributes.has('gen_ai.operation.name')) return null;
  return REQUEST_TYPES.get(type) ?? null;
}
