import type { Span, SpanKind } from '../../decision/assembly/span.js';
import type { Attributes } from '../telemetry.js';
import type { Convention } from './convention.js';
import { isJsonObject, structureOf, textOf } from './field/attribute.js';
import { genaiKindOf } from './genai.js';
import { argumentsOf, messageText, type Part, toolCallPart } from './message/messages.js';

/** Vercel AI SDK: `ai.*` until version 6 (ai-sdk.dev, telemetry), GenAI names from the scope `gen_ai` in version 7. */
const OPERATIONS = new Map<string, SpanKind>([
  ['ai.generateText', 'agent'],
  ['ai.streamText', 'agent'],
  ['ai.generateObject', 'agent'],
  ['ai.streamObject', 'agent'],
  ['ai.toolCall', 'tool'],
]);

const CALLS = new Map<string, SpanKind>([
  ['doGenerate', 'model'],
  ['doStream', 'model'],
  ['doEmbed', 'embedding'],
]);

export const vercel: Convention = {
  name: 'vercel',
  kindOf(wire) {
    const operation = operationOf(wire.attributes);
    if (operation === null) return wire.scope.name === 'gen_ai' ? genaiKindOf(wire) : null;
    return OPERATIONS.get(operation) ?? CALLS.get(operation.slice(operation.lastIndexOf('.') + 1)) ?? 'step';
  },
  aliases: {
    agentName: ['gen_ai.agent.name', 'ai.telemetry.functionId'],
    provider: ['ai.model.provider', 'gen_ai.provider.name', 'gen_ai.system'],
    requestModel: ['ai.model.id'],
    responseModel: ['ai.response.model'],
    responseId: ['ai.response.id'],
    inputTokens: ['ai.usage.inputTokens', 'ai.usage.promptTokens', 'ai.usage.tokens'],
    outputTokens: ['ai.usage.outputTokens', 'ai.usage.completionTokens'],
    cacheReadTokens: ['ai.usage.cachedInputTokens', 'ai.usage.inputTokenDetails.cacheReadTokens'],
    cacheWriteTokens: ['ai.usage.inputTokenDetails.cacheWriteTokens'],
    reasoningTokens: ['ai.usage.reasoningTokens', 'ai.usage.outputTokenDetails.reasoningTokens'],
    firstTokenMs: ['ai.response.msToFirstChunk'],
    finishReasons: ['ai.response.finishReason', 'ai.finishReason'],
    toolName: ['ai.toolCall.name'],
    toolCallId: ['ai.toolCall.id'],
    arguments: ['ai.toolCall.args', 'ai.toolCall.input'],
    result: ['ai.toolCall.result', 'ai.toolCall.output'],
    input: ['ai.prompt.messages', 'ai.prompt', 'ai.value', 'ai.values'],
    output: ['ai.response.text', 'ai.response.object', 'ai.result.text', 'ai.result.object'],
  },
  metadataPrefixes: ['ai.telemetry.metadata.', 'ai.settings.context.'],
  complete(span, wire) {
    span.output = outputWithToolCalls(span, wire.attributes) ?? span.output;
  },
};

/** `ai.operationId`; without it, the first word of `operation.name` (`ai.generateText my-function`). */
function operationOf(attributes: Attributes): string | null {
  const id = textOf(attributes.get('ai.operationId'));
  if (id !== null) return id;
  const name = textOf(attributes.get('operation.name'));
  return name?.startsWith('ai.') ? (name.split(' ', 1)[0] ?? null) : null;
}

/** The answer as one message when it asks for tools: their calls are sent apart from the text. Null when it asks for none. */
function outputWithToolCalls(span: Span, attributes: Attributes): string | null {
  const calls = structureOf(attributes.get('ai.response.toolCalls'));
  if (!Array.isArray(calls) || calls.length === 0) return null;
  const text = textOf(attributes.get('ai.response.text'));
  const parts: Part[] = text === null ? [] : [{ type: 'text', content: text }];
  for (const call of calls) {
    if (!isJsonObject(call)) continue;
    const id = call.toolCallId ?? null;
    parts.push(toolCallPart({ id, name: call.toolName, arguments: argumentsOf(call.input ?? call.args) }));
  }
  return messageText([{ role: 'assistant', parts, finishReason: span.finishReasons[0] ?? null }]);
}
