import type { Convention } from '../convention.js';
import { textOf } from '../field/attribute.js';
import { genaiKindOf } from '../genai.js';

/** Gemini CLI: GenAI names under the scope `gemini-cli`, with its own operations; a `user_prompt` is one turn of the agent. */
const SCOPE = 'gemini-cli';

export const geminiCli: Convention = {
  name: 'gemini-cli',
  kindOf(wire) {
    if (wire.scope.name !== SCOPE) return null;
    const isTurn = textOf(wire.attributes.get('gen_ai.operation.name')) === 'user_prompt';
    return isTurn ? 'agent' : genaiKindOf(wire);
  },
  aliases: {
    conversationId: ['gen_ai.conversation.id', 'session.id'],
    inputTokens: ['gen_ai.usage.input_tokens', 'input_token_count'],
    outputTokens: ['gen_ai.usage.output_tokens', 'output_token_count'],
    cacheReadTokens: ['cached_content_token_count'],
    reasoningTokens: ['thoughts_token_count'],
    toolName: ['gen_ai.tool.name', 'function_name'],
    toolCallId: ['gen_ai.tool.call_id'],
    arguments: ['function_args', 'gen_ai.input.messages', 'input-json'],
    result: ['gen_ai.output.messages', 'output-json'],
    input: ['gen_ai.input.messages', 'input-json'],
    output: ['gen_ai.output.messages', 'output-json'],
  },
  usageRule: () => ({ outputExcludesReasoning: true }),
};
