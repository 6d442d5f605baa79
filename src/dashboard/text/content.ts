/** What an agent was given or gave back, read as far as it can be; what it is not, it stays as text. */
export type Content = { messages: Message[] } | { fields: Field[] } | { text: string };

export interface Message {
  role: string;
  parts: Part[];
}

export type Part =
  | { kind: 'text'; text: string }
  | { kind: 'reasoning'; text: string }
  | { kind: 'call'; name: string; fields: Field[] }
  | { kind: 'result'; text: string };

export interface Field {
  name: string;
  value: string;
}

const FIELDS_MAX = 40;

/** Messages as the GenAI conventions and the usual APIs write them, an object’s members, or the text itself. */
export function readContent(text: string): Content {
  const value = parse(text);
  if (Array.isArray(value)) {
    const messages = value.map(readMessage);
    if (messages.length > 0 && messages.every((message) => message !== null)) return { messages };
  }
  if (isRecord(value)) {
    const message = readMessage(value);
    if (message !== null) return { messages: [message] };
    const fields = fieldsOf(value);
    if (fields.length > 0 && fields.length <= FIELDS_MAX) return { fields };
  }
  return { text: value !== null && typeof value === 'object' ? JSON.stringify(value, null, 2) : text };
}

function parse(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return null;
  try {
    return JSON.parse(text);
  } catch {
    // Text that only begins like JSON.
    return null;
  }
}

type Unknown = Readonly<Record<string, unknown>>;

function isRecord(value: unknown): value is Unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readMessage(value: unknown): Message | null {
  if (!isRecord(value) || typeof value.role !== 'string') return null;
  const { role } = value;
  const given = value.parts ?? value.content;
  const parts = typeof given === 'string' ? [{ kind: 'text' as const, text: given }] : readParts(given);
  const calls = Array.isArray(value.tool_calls) ? value.tool_calls.map(readCall) : [];
  const all = [...parts, ...calls];
  return all.length === 0 && given !== null && given !== undefined ? null : { role, parts: all };
}

function readParts(value: unknown): Part[] {
  return Array.isArray(value) ? value.filter(isRecord).map(readPart) : [];
}

function readPart(part: Unknown): Part {
  const type = String(part.type ?? '');
  if (/tool_call_response|tool_result/.test(type)) {
    return { kind: 'result', text: asText(part.response ?? part.result ?? part.content ?? '') };
  }
  if (/tool_call|tool_use|function/.test(type)) return readCall(part);
  const text = asText(part.content ?? part.text ?? part.thinking ?? part.reasoning ?? part);
  return { kind: /reason|think/.test(type) ? 'reasoning' : 'text', text };
}

function readCall(value: unknown): Part {
  const call = isRecord(value) ? value : {};
  const told = isRecord(call.function) ? call.function : call;
  const given = told.arguments ?? told.input ?? {};
  const read = typeof given === 'string' ? parse(given) : given;
  const fields = isRecord(read) ? fieldsOf(read) : [{ name: '', value: asText(given) }];
  return { kind: 'call', name: asText(told.name ?? 'a tool'), fields };
}

function fieldsOf(value: Unknown): Field[] {
  return Object.entries(value).map(([name, member]) => ({ name, value: asText(member) }));
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value, null, 1);
}
