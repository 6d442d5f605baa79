import type { Convention } from '../convention.js';
import { genaiKindOf } from '../genai.js';

/**
 * Google's Agent Development Kit: GenAI names under the scope `gcp.vertex.agent`, content under `gcp.vertex.agent.*`. A model call
 * (`call_llm`) has no operation name, and a tool that threw leaves a span with a name and nothing else.
 */
const SCOPE = 'gcp.vertex.agent';

export const googleAdk: Convention = {
  name: 'google-adk',
  kindOf: (wire) => (wire.scope.name === SCOPE ? genaiKindOf(wire) : null),
  aliases: {
    workflow: ['adk.workflow.name', 'gen_ai.workflow.name'],
    conversationId: ['gen_ai.conversation.id', 'gcp.vertex.agent.session_id'],
    reasoningTokens: ['gen_ai.usage.experimental.reasoning_tokens'],
    arguments: ['gcp.vertex.agent.tool_call_args'],
    result: ['gcp.vertex.agent.tool_response'],
    input: ['gen_ai.input.messages', 'gcp.vertex.agent.llm_request'],
    output: ['gen_ai.output.messages', 'gcp.vertex.agent.llm_response'],
  },
  usageRule: () => ({ outputExcludesReasoning: true }),
};
