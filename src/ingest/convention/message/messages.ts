import { type JsonObject, jsonTextOf, structureOf } from '../field/attribute.js';

/** GenAI messages (`gen_ai.input.messages`): a role and parts, as OpenTelemetry's JSON schemas have them. */
export interface Message {
  role: string;
  parts: Part[];
  finishReason: string | null;
}

export type Part = JsonObject & { type: string };

/** Messages as the JSON text of GenAI conventions; null when there are none. */
export function messageText(messages: readonly Message[]): string | null {
  if (messages.length === 0) return null;
  return jsonTextOf(
    messages.map(({ role, parts, finishReason }) => ({
      role,
      parts,
      ...(finishReason === null ? {} : { finish_reason: finishReason }),
    })),
  );
}

/** A part that is text. */
export function textPart(content: string): Part {
  return { type: 'text', content };
}

/** A call a model asks for; what it leaves out is sent as null. */
export interface ToolCall {
  id: unknown;
  name: unknown;
  arguments: unknown;
}

/** A part that asks for a tool. */
export function toolCallPart(call: ToolCall): Part {
  return { type: 'tool_call', id: call.id ?? null, name: call.name ?? null, arguments: call.arguments ?? null };
}

/** A part that brings a tool's answer back to the model. */
export function toolResponsePart(id: unknown, response: unknown): Part {
  return { type: 'tool_call_response', id: id ?? null, response };
}

/** Arguments as structure where a string holds JSON; otherwise as sent. */
export function argumentsOf(sent: unknown): unknown {
  return typeof sent === 'string' ? (structureOf(sent) ?? sent) : sent;
}
