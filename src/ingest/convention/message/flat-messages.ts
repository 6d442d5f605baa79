import type { Attributes, AttributeValue } from '../../telemetry.js';
import { contentOf, isJsonObject, type JsonObject, textOf } from '../field/attribute.js';
import {
  argumentsOf,
  type Message,
  messageText,
  type Part,
  textPart,
  toolCallPart,
  toolResponsePart,
} from './messages.js';

/**
 * Messages spread over numbered attributes: OpenInference's `llm.input_messages.0.message.role` and old OpenLLMetry's
 * `gen_ai.prompt.0.role`. They are put together again as GenAI messages.
 */
interface FlatForm {
  prefix: string;
  /** Whether a message's fields stand under `message.` after its number. */
  isWrapped: boolean;
  /** Keys, one of which a first message has: what tells a span with such messages from the many without. */
  firstKeys: readonly string[];
}

const INPUT_FORMS = [wrappedForm('llm.input_messages.'), bareForm('gen_ai.prompt.')];
const OUTPUT_FORMS = [wrappedForm('llm.output_messages.'), bareForm('gen_ai.completion.')];

function wrappedForm(prefix: string): FlatForm {
  const fields = ['role', 'content', 'contents.0.message_content.type', 'tool_calls.0.tool_call.function.name'];
  return { prefix, isWrapped: true, firstKeys: fields.map((field) => `${prefix}0.message.${field}`) };
}

function bareForm(prefix: string): FlatForm {
  const fields = ['role', 'content', 'tool_calls.0.name'];
  return { prefix, isWrapped: false, firstKeys: fields.map((field) => `${prefix}0.${field}`) };
}

/** The messages sent to the model, as JSON text; null when they are not flat, or hold nothing. */
export function flatInputOf(attributes: Attributes): string | null {
  return flatTextOf(attributes, { forms: INPUT_FORMS, defaultRole: 'user' });
}

/** The messages the model answered, as JSON text; null when they are not flat, or hold nothing. */
export function flatOutputOf(attributes: Attributes): string | null {
  return flatTextOf(attributes, { forms: OUTPUT_FORMS, defaultRole: 'assistant' });
}

function flatTextOf(attributes: Attributes, side: { forms: readonly FlatForm[]; defaultRole: string }): string | null {
  const form = side.forms.find(({ firstKeys }) => firstKeys.some((key) => attributes.has(key)));
  if (form === undefined) return null;
  const read = numbered(branchOf(attributes, form.prefix)).map((branch) =>
    messageOf(form.isWrapped ? child(branch, 'message') : branch),
  );
  if (read.every(({ parts }) => parts.length === 0)) return null;
  return messageText(read.map((message) => ({ ...message, role: message.role || side.defaultRole })));
}

/** A tree of the attributes' dotted names. Maps, so that no name a client invents (`__proto__`, a huge index) does harm. */
interface Branch {
  value: AttributeValue | undefined;
  children: Map<string, Branch>;
}

const EMPTY_BRANCH: Branch = { value: undefined, children: new Map() };

function branchOf(attributes: Attributes, prefix: string): Branch {
  const root: Branch = { value: undefined, children: new Map() };
  for (const [key, value] of attributes) {
    if (!key.startsWith(prefix)) continue;
    let branch = root;
    for (const name of key.slice(prefix.length).split('.')) {
      const next = branch.children.get(name) ?? { value: undefined, children: new Map() };
      branch.children.set(name, next);
      branch = next;
    }
    branch.value = value;
  }
  return root;
}

function child(branch: Branch, ...path: string[]): Branch {
  return path.reduce((at, name) => at.children.get(name) ?? EMPTY_BRANCH, branch);
}

/** The branches under numbers, in their order: attributes need not be sent in it. */
function numbered(branch: Branch): Branch[] {
  const entries = [...branch.children].filter(([name]) => Number.isInteger(Number(name)));
  return entries.sort(([left], [right]) => Number(left) - Number(right)).map(([, item]) => item);
}

function text(branch: Branch, ...path: string[]): string | null {
  return contentOf(child(branch, ...path).value);
}

function messageOf(branch: Branch): Message {
  const role = text(branch, 'role') ?? '';
  const answered = text(branch, 'tool_call_id');
  const content = text(branch, 'content');
  const parts: Part[] = [];
  if (role === 'tool' && content !== null) parts.push(toolResponsePart(answered, content));
  else if (content !== null) parts.push(...contentParts(content));
  for (const part of numbered(child(branch, 'contents'))) parts.push(...contentPartOf(part));
  for (const call of numbered(child(branch, 'tool_calls'))) parts.push(toolCallOf(call));
  return { role, parts, finishReason: text(branch, 'finish_reason') };
}

/** Old OpenLLMetry writes `null` for no content, and a list of content blocks as JSON. */
function contentParts(content: string): Part[] {
  if (content === 'null') return [];
  const blocks = argumentsOf(content);
  if (!Array.isArray(blocks) || !blocks.every(isTextBlock)) return [textPart(content)];
  return blocks.map((block) => textPart(String(block.text)));
}

function isTextBlock(block: unknown): block is JsonObject {
  return isJsonObject(block) && block.type === 'text' && typeof block.text === 'string';
}

/** One of OpenInference's `message.contents`; a tool use stands there a second time and is left to `message.tool_calls`. */
function contentPartOf(branch: Branch): Part[] {
  const content = child(branch, 'message_content');
  const type = textOf(child(content, 'type').value);
  const written = text(content, 'text');
  if (written !== null) return [{ type: type === 'reasoning' ? 'reasoning' : 'text', content: written }];
  const uri = text(content, 'image', 'image', 'url');
  return uri === null ? [] : [{ type: 'uri', modality: 'image', uri }];
}

function toolCallOf(branch: Branch): Part {
  const call = branch.children.has('tool_call') ? child(branch, 'tool_call') : branch;
  const called = call.children.has('function') ? child(call, 'function') : call;
  return toolCallPart({
    id: text(call, 'id'),
    name: text(called, 'name'),
    arguments: argumentsOf(text(called, 'arguments')),
  });
}
