import type { Convention } from '../convention.js';
import { genaiKindOf } from '../genai.js';
import { eventContentOf } from '../message/event-messages.js';

/**
 * Strands Agents: GenAI names, with the service's name where the provider belongs, one constant identifier for every agent
 * and all content in span events.
 */
const MARKER = 'gen_ai.event.start_time';
const CONSTANT_AGENT_ID = 'agent';

/** The event that holds content when the newer GenAI conventions are opted into. */
const DETAILS = 'gen_ai.client.inference.operation.details';

export const strands: Convention = {
  name: 'strands',
  kindOf(wire) {
    if (!wire.attributes.has(MARKER)) return null;
    return genaiKindOf(wire) ?? 'step';
  },
  aliases: { firstTokenMs: ['gen_ai.server.time_to_first_token'] },
  complete(span, wire) {
    if (span.agentId === CONSTANT_AGENT_ID) span.agentId = null;
    if (span.kind === 'tool') {
      span.arguments ??= eventContentOf(wire.events, [
        ['gen_ai.tool.message', 'content'],
        [DETAILS, 'gen_ai.input.messages'],
      ]);
      span.result ??= eventContentOf(wire.events, [
        ['gen_ai.choice', 'message'],
        [DETAILS, 'gen_ai.output.messages'],
      ]);
    }
  },
};
