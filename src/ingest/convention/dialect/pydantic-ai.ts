import type { Convention } from '../convention.js';
import { genaiKindOf } from '../genai.js';

/** Pydantic AI: GenAI names under the scope `pydantic-ai`; before version 3 of its format, a tool's content under bare ones. */
const SCOPE = 'pydantic-ai';

export const pydanticAi: Convention = {
  name: 'pydantic-ai',
  kindOf: (wire) => (wire.scope.name === SCOPE ? genaiKindOf(wire) : null),
  aliases: {
    reasoningTokens: ['gen_ai.usage.reasoning.output_tokens', 'gen_ai.usage.details.reasoning_tokens'],
    arguments: ['gen_ai.tool.call.arguments', 'tool_arguments'],
    result: ['gen_ai.tool.call.result', 'tool_response'],
    output: ['gen_ai.output.messages', 'final_result'],
  },
};
