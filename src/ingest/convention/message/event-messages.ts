import type { Attributes, AttributeValue, SpanEvent } from '../../telemetry.js';
import {
  contentOf,
  isJsonObject,
  type JsonObject,
  jsonTextOf,
  labelOf,
  structureOf,
  textOf,
} from '../field/attribute.js';
import {
  argumentsOf,
  type Message,
  messageText,
  type Part,
  textPart,
  toolCallPart,
  toolResponsePart,
} from './messages.js';

/** Messages in span events, as the GenAI conventions had them before messages became attributes. */
const INPUT_ROLES = new Map<string, string>([
  ['gen_ai.system.message', 'system'],
  ['gen_ai.user.message', 'user'],
  ['gen_ai.assistant.message', 'assistant'],
  ['gen_ai.tool.message', 'tool'],
]);

/** Events that hold all messages as one attribute, with the attribute's name. */
const WHOLE_INPUTS: readonly EventPlace[] = [
  ['gen_ai.client.inference.operation.details', 'gen_ai.input.messages'],
  ['gen_ai.content.prompt', 'gen_ai.prompt'],
];
const WHOLE_OUTPUTS: readonly EventPlace[] = [
  ['gen_ai.client.inference.operation.details', 'gen_ai.output.messages'],
  ['gen_ai.content.completion', 'gen_ai.completion'],
];

/** The messages sent to the model, as JSON text; null when no event holds any. */
export function eventInputOf(events: readonly SpanEvent[]): string | null {
  const messages = events.flatMap((event) => inputMessageOf(event) ?? []);
  return messageText(messages) ?? eventContentOf(events, WHOLE_INPUTS);
}

/** The model's answer, as JSON text; null when no event holds one. */
export function eventOutputOf(events: readonly SpanEvent[]): string | null {
  const choices = events.filter(({ name }) => name === 'gen_ai.choice');
  return messageText(choices.map(({ attributes }) => choiceOf(attributes))) ?? eventContentOf(events, WHOLE_OUTPUTS);
}

/** The finish reasons of the answer's events. */
export function eventFinishReasonsOf(events: readonly SpanEvent[]): string[] {
  return events.flatMap(({ name, attributes }) => {
    const reason = name === 'gen_ai.choice' ? textOf(attributes.get('finish_reason')) : null;
    return reason === null ? [] : [reason];
  });
}

/** An event's name and the attribute of it that holds content. */
export type EventPlace = readonly [event: string, attribute: string];

/** The content at the first place that some event has, as text. */
export function eventContentOf(events: readonly SpanEvent[], places: readonly EventPlace[]): string | null {
  for (const [name, key] of places) {
    const event = events.find((candidate) => candidate.name === name && candidate.attributes.has(key));
    const content = contentOf(event?.attributes.get(key));
    if (content !== null) return content;
  }
  return null;
}

function inputMessageOf({ name, attributes }: SpanEvent): Message | null {
  const usualRole = INPUT_ROLES.get(name);
  if (usualRole === undefined) return null;
  const role = textOf(attributes.get('role')) ?? usualRole;
  const content = attributes.get('content');
  const parts =
    role === 'tool'
      ? [toolResponsePart(labelOf(attributes.get('id')), argumentsOf(contentOf(content)))]
      : partsOf(content);
  return { role, parts: [...parts, ...toolCallsOf(attributes.get('tool_calls'))], finishReason: null };
}

function choiceOf(attributes: Attributes): Message {
  const sent = attributes.get('message');
  const message = structureOf(sent);
  const finishReason = textOf(attributes.get('finish_reason'));
  if (!isJsonObject(message) || !('content' in message || 'tool_calls' in message)) {
    return { role: 'assistant', parts: partsOf(sent), finishReason };
  }
  const role = typeof message.role === 'string' ? message.role : 'assistant';
  return { role, parts: [...jsonParts(message.content), ...jsonToolCalls(message.tool_calls)], finishReason };
}

function partsOf(content: AttributeValue | undefined): Part[] {
  const blocks = structureOf(content);
  if (Array.isArray(blocks)) return jsonParts(blocks);
  const written = contentOf(content);
  return written === null ? [] : [textPart(written)];
}

/** Content of a provider's own message: text, or blocks of text and others; a block that is no text is kept as it is. */
function jsonParts(content: unknown): Part[] {
  if (content === null || content === undefined || content === '') return [];
  if (typeof content === 'string') return [textPart(content)];
  if (!Array.isArray(content)) return [textPart(jsonTextOf(content) ?? '')];
  return content.map((block) => {
    if (typeof block === 'string') return textPart(block);
    if (!isJsonObject(block)) return textPart(jsonTextOf(block) ?? '');
    if (typeof block.text === 'string') return textPart(block.text);
    return { ...block, type: typeof block.type === 'string' ? block.type : 'other' };
  });
}

function toolCallsOf(sent: AttributeValue | undefined): Part[] {
  return jsonToolCalls(structureOf(sent));
}

function jsonToolCalls(calls: unknown): Part[] {
  if (!Array.isArray(calls)) return [];
  return calls.filter(isJsonObject).map((call) => {
    const called: JsonObject = isJsonObject(call.function) ? call.function : call;
    return toolCallPart({ id: call.id, name: called.name, arguments: argumentsOf(called.arguments) });
  });
}
