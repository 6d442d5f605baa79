import type { OtlpSpan } from '../../telemetry.js';
import type { Convention } from '../convention.js';
import { genaiKindOf } from '../genai.js';

/** OpenLIT: GenAI names and a few of its own; known by its SDK name, on the span or the resource, or by its scope. */
const SDK_NAME = 'openlit';

export const openlit: Convention = {
  name: 'openlit',
  kindOf: (wire) => (isOpenlit(wire) ? genaiKindOf(wire) : null),
  aliases: {
    agentVersion: ['gen_ai.agent.version', 'openlit.agent.version_hash'],
    reportedCostUsd: ['gen_ai.usage.cost'],
  },
  usageRule: (_wire, span) => ({ inputExcludesCache: span.provider === 'anthropic' }),
};

function isOpenlit({ scope, attributes, resource }: OtlpSpan): boolean {
  if (scope.name.includes(SDK_NAME) || attributes.has('gen_ai.sdk.version')) return true;
  return attributes.get('telemetry.sdk.name') === SDK_NAME || resource.get('telemetry.sdk.name') === SDK_NAME;
}
