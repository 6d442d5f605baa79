/** What an agent was given or gave back, laid out to be read; what cannot be laid out whole stays the text that came. */
export type Transcript = { messages: Message[] } | { fields: Field[] } | { text: string };

export interface Message {
  role: string;
  parts: Part[];
}

export type Part =
  | { kind: 'text' | 'reasoning' | 'result'; text: string }
  | { kind: 'call'; name: string; fields: Field[] }
  /** What is none of these, by its members. */
  | { kind: 'other'; fields: Field[] };

export interface Field {
  /** Empty where arguments have no names. */
  name: string;
  value: string;
}

const FIELDS_MAX = 40;

/** Messages as the GenAI conventions and the usual APIs write them, an object’s members, or the text itself. */
export function readTranscript(text: string): Transcript {
  const value = parse(text);
  if (value === null) return { text };
  const messages = readMessages(isRecord(value) && restOf(value, ['messages']).length === 0 ? value.messages : value);
  if (messages !== null) return { messages };
  if (isRecord(value)) {
    const fields = fieldsOf(value);
    if (fields.length > 0 && fields.length <= FIELDS_MAX) return { fields };
  }
  return { text: JSON.stringify(value, null, 2) };
}

/** Setting out costs the square of it. */
const NESTED_MAX = 32;
const STRING_OR_BRACKET = /"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{}]/g;
const STRING_OR_SPACE = /"[^"\\]*(?:\\.[^"\\]*)*"|\s+/g;

/** An object or an array that says all that the text says; null where it is none. */
function parse(text: string): object | null {
  if (!/^\s*[[{]/.test(text)) return null;
  try {
    // First of all: in what is no JSON a string may have no end, and looking for it takes the square of the text's length.
    const value: object = JSON.parse(text);
    if (depthOf(text) > NESTED_MAX) return null;
    // A number that is another afterwards, or a member that is named twice, would be told wrong.
    return JSON.stringify(value) === withoutSpace(text) ? value : null;
  } catch {
    // Text that only begins like JSON.
    return null;
  }
}

function depthOf(json: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [token] of json.matchAll(STRING_OR_BRACKET)) {
    if (token === '[' || token === '{') depth += 1;
    else if (token === ']' || token === '}') depth -= 1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

function withoutSpace(json: string): string {
  return json.replace(STRING_OR_SPACE, (token) => (token.startsWith('"') ? JSON.stringify(JSON.parse(token)) : ''));
}

type Unknown = Readonly<Record<string, unknown>>;

function isRecord(value: unknown): value is Unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Members that say in a word what a message or a part of one is, not what it says. */
const ENVELOPE: ReadonlySet<string> = new Set([
  'role',
  'type',
  'id',
  'index',
  'status',
  'finish_reason',
  'stop_reason',
  'call_id',
  'tool_call_id',
  'tool_use_id',
  'signature',
  'cache_control',
]);

/** What else an object says than by the members that were read. */
function restOf(value: Unknown, read: readonly string[]): Field[] {
  return fieldsOf(value, (name, member) => !read.includes(name) && !isEnvelope(name, member) && !isNothing(member));
}

function isEnvelope(name: string, member: unknown): boolean {
  return ENVELOPE.has(name) && !/\s/.test(asText(member));
}

function isNothing(value: unknown): boolean {
  return value === null || value === '' || value === false || (Array.isArray(value) && value.length === 0);
}

function readMessages(value: unknown): Message[] | null {
  const messages = (Array.isArray(value) ? value : [value]).map(readMessage);
  return messages.length > 0 && messages.every((message) => message !== null) ? messages : null;
}

function readMessage(value: unknown): Message | null {
  if (!isRecord(value) || typeof value.role !== 'string') return null;
  const from = isNothing(value.parts ?? null) ? 'content' : 'parts';
  const said = readParts(value[from] ?? []);
  if (said === null) return null;
  const calls = Array.isArray(value.tool_calls) ? value.tool_calls : [];
  const rest = restOf(value, calls.length === 0 ? ['role', from] : ['role', from, 'tool_calls']);
  const others: Part[] = rest.length === 0 ? [] : [{ kind: 'other', fields: rest }];
  return { role: value.role, parts: [...said, ...calls.map(readPart), ...others] };
}

function readParts(value: unknown): Part[] | null {
  if (typeof value === 'string') return value === '' ? [] : [{ kind: 'text', text: value }];
  return Array.isArray(value) ? value.map(readPart) : null;
}

function readPart(part: unknown): Part {
  if (!isRecord(part)) return { kind: 'text', text: asText(part) };
  return (
    readKnownPart(part, typeof part.type === 'string' ? part.type : '') ?? { kind: 'other', fields: fieldsOf(part) }
  );
}

/** Null when it says more than parts of its type do. */
function readKnownPart(part: Unknown, type: string): Part | null {
  if (/tool_call_response|tool_result/.test(type)) return readText(part, 'result', ['response', 'result', 'content']);
  if (/tool_call|tool_use|function/.test(type) || isRecord(part.function)) return readCall(part);
  const kind = /reason|think/.test(type) ? 'reasoning' : 'text';
  return readText(part, kind, ['content', 'text', 'thinking', 'reasoning']);
}

function readText(part: Unknown, kind: 'text' | 'reasoning' | 'result', names: readonly string[]): Part | null {
  const name = presentOf(part, names);
  return name !== null && restOf(part, [name]).length === 0 ? { kind, text: asText(part[name]) } : null;
}

function readCall(part: Unknown): Part | null {
  const told = isRecord(part.function) ? part.function : part;
  const from = presentOf(told, ['arguments', 'input', 'args']) ?? 'arguments';
  const rest = [...restOf(told, ['name', from]), ...(told === part ? [] : restOf(part, ['function']))];
  if (rest.length > 0 || typeof told.name !== 'string') return null;
  return { kind: 'call', name: told.name, fields: argumentsOf(told[from] ?? {}) };
}

function presentOf(value: Unknown, names: readonly string[]): string | null {
  return names.find((name) => value[name] !== undefined && value[name] !== null) ?? null;
}

function argumentsOf(given: unknown): Field[] {
  const value = typeof given === 'string' ? parse(given) : given;
  return isRecord(value) ? fieldsOf(value) : [{ name: '', value: asText(given) }];
}

function fieldsOf(value: Unknown, isTold: (name: string, member: unknown) => boolean = () => true): Field[] {
  return Object.entries(value)
    .filter(([name, member]) => isTold(name, member))
    .map(([name, member]) => ({ name, value: asText(member) }));
}

const LINE_MAX = 80;

function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  const line = JSON.stringify(value);
  return line.length <= LINE_MAX ? line : JSON.stringify(value, null, 1);
}
