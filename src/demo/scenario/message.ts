import type { Json } from '../topic/topic.js';

/** A message as `gen_ai.input.messages` and `gen_ai.output.messages` hold it (OpenTelemetry GenAI conventions). */
export interface Message {
  role: 'user' | 'assistant' | 'tool';
  parts: readonly MessagePart[];
  /** Of output messages only. */
  finish_reason?: FinishReason;
}

export type FinishReason = 'stop' | 'tool_call';

export interface ToolCall {
  id: string;
  name: string;
  arguments: Json;
}

type MessagePart =
  | { type: 'text'; content: string }
  | ({ type: 'tool_call' } & ToolCall)
  | { type: 'tool_call_response'; id: string; response: Json };

export function userSays(content: string): Message {
  return { role: 'user', parts: [{ type: 'text', content }] };
}

export function assistantSays(content: string): Message {
  return { role: 'assistant', parts: [{ type: 'text', content }], finish_reason: 'stop' };
}

export function assistantCalls(call: ToolCall): Message {
  return { role: 'assistant', parts: [{ type: 'tool_call', ...call }], finish_reason: 'tool_call' };
}

export function toolAnswers(id: string, response: Json): Message {
  return { role: 'tool', parts: [{ type: 'tool_call_response', id, response }] };
}

export function textOf({ parts }: Message): string {
  return parts.map((part) => (part.type === 'text' ? part.content : '')).join('');
}

/** About four characters a token, as in English prose. `text` is the JSON of messages. */
export function countTokens(text: string): number {
  return Math.ceil(text.length / 4);
}
