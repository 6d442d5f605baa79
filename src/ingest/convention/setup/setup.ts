import type { Span } from '../../../decision/assembly/span.js';
import type { Attributes, OtlpSpan } from '../../telemetry.js';
import { contentOf, isJsonObject, type JsonObject, jsonObjectOf, jsonTextOf, textOf } from '../field/attribute.js';
import { eventContentOf } from '../message/event-messages.js';
import { promptDigest, toolsDigest } from './digest.js';
import { leadingSystemMessages } from './leading-messages.js';

/** What an agent was set up with, as its requests to the model show it: the system prompt and the tools it may call. */

const PROMPT_KEYS = ['gen_ai.system_instructions', 'system_prompt', 'gen_ai.request.instructions'];
const PROMPT_EVENTS = [
  ['gen_ai.client.inference.operation.details', 'gen_ai.system_instructions'],
  ['gen_ai.system.message', 'content'],
] as const;
const TOOL_KEYS = ['gen_ai.tool.definitions', 'ai.prompt.tools', 'gen_ai.agent.tools'];

/** The first of the messages spread over numbered attributes, where it is the system prompt. */
const FLAT_PROMPTS = [
  { role: 'llm.input_messages.0.message.role', content: 'llm.input_messages.0.message.content' },
  {
    role: 'llm.input_messages.0.message.role',
    content: 'llm.input_messages.0.message.contents.0.message_content.text',
  },
  { role: 'gen_ai.prompt.0.role', content: 'gen_ai.prompt.0.content' },
];

/** Where conversations stand as one JSON value. */
const MESSAGE_KEYS = ['gen_ai.input.messages', 'ai.prompt.messages', 'langfuse.observation.input'];
/** Requests as they went to a provider or a framework, holding messages and perhaps more. */
const REQUEST_KEYS = [
  'ai.prompt',
  'langfuse.observation.input',
  'gen_ai.prompt',
  'gcp.vertex.agent.llm_request',
  'input.value',
];
/** Longer requests are not parsed for a prompt. */
const REQUEST_LENGTH_MAX = 32_768;
const NUMBERED_TOOLS_MAX = 200;

/** Digests of the system prompt and the tools that an agent's or a model's span shows; what it does not show stays null. */
export function readSetup(span: Span, { attributes, events }: OtlpSpan): void {
  const prompt = statedPrompt(attributes) ?? eventContentOf(events, PROMPT_EVENTS) ?? promptOfMessages(attributes);
  const tools = statedTools(attributes);
  if (prompt !== null) span.promptDigest = promptDigest(prompt);
  if (tools !== null) span.toolsDigest = toolsDigest(tools);
  if (prompt !== null && tools !== null) return;
  const request = requestOf(attributes);
  if (request === null) return;
  const promptOfRequest = jsonTextOf(promptIn(request));
  const toolsOfRequest = jsonTextOf(request.tools ?? configOf(request).tools);
  if (prompt === null && promptOfRequest !== null) span.promptDigest = promptDigest(promptOfRequest);
  if (tools === null && toolsOfRequest !== null) span.toolsDigest = toolsDigest(toolsOfRequest);
}

function statedPrompt(attributes: Attributes): string | null {
  for (const key of PROMPT_KEYS) {
    const prompt = contentOf(attributes.get(key));
    if (prompt !== null) return prompt;
  }
  return null;
}

function promptOfMessages(attributes: Attributes): string | null {
  for (const { role, content } of FLAT_PROMPTS) {
    if (!isSystem(attributes.get(role))) continue;
    const prompt = contentOf(attributes.get(content));
    if (prompt !== null) return prompt;
  }
  for (const key of MESSAGE_KEYS) {
    const messages = contentOf(attributes.get(key));
    const prompt = messages === null ? null : leadingSystemMessages(messages);
    if (prompt !== null) return prompt;
  }
  return null;
}

function statedTools(attributes: Attributes): string | null {
  for (const key of TOOL_KEYS) {
    const tools = contentOf(attributes.get(key));
    if (tools !== null) return tools;
  }
  return numberedTools(attributes);
}

/** OpenInference's `llm.tools.N.tool.json_schema` and early OpenLLMetry's `llm.request.functions.N.*`. */
function numberedTools(attributes: Attributes): string | null {
  const definitions: unknown[] = [];
  for (let index = 0; index < NUMBERED_TOOLS_MAX; index += 1) {
    const definition = textOf(attributes.get(`llm.tools.${index}.tool.json_schema`)) ?? functionAt(attributes, index);
    if (definition === null) break;
    definitions.push(definition);
  }
  return definitions.length === 0 ? null : jsonTextOf(definitions);
}

function functionAt(attributes: Attributes, index: number): JsonObject | null {
  const part = (field: string) => contentOf(attributes.get(`llm.request.functions.${index}.${field}`));
  const name = part('name');
  return name === null ? null : { name, description: part('description'), parameters: part('parameters') };
}

function requestOf(attributes: Attributes): JsonObject | null {
  for (const key of REQUEST_KEYS) {
    const sent = attributes.get(key);
    if (sent === undefined || (typeof sent === 'string' && !mayHoldSetup(sent))) continue;
    const request = jsonObjectOf(sent);
    if (request !== null) return request;
  }
  return null;
}

const SETUP_WORD = /"system|instructions?"|"developer"|"tools"|SystemMessage/;

function mayHoldSetup(sent: string): boolean {
  return sent.length <= REQUEST_LENGTH_MAX && SETUP_WORD.test(sent);
}

function promptIn(request: JsonObject): unknown {
  const stated = request.system ?? request.instructions ?? configOf(request).system_instruction;
  if (stated !== undefined && stated !== null) return stated;
  const { messages } = request;
  if (!Array.isArray(messages)) return undefined;
  // LangChain sends a batch of conversations.
  const conversation: unknown[] = Array.isArray(messages[0]) ? messages[0] : messages;
  const beyond = conversation.findIndex((message) => !isSystemMessage(message));
  const prompt = beyond < 0 ? conversation : conversation.slice(0, beyond);
  return prompt.length === 0 ? undefined : prompt;
}

function configOf(request: JsonObject): JsonObject {
  return isJsonObject(request.config) ? request.config : {};
}

function isSystemMessage(message: unknown): boolean {
  if (!isJsonObject(message)) return false;
  if (isSystem(message.role) || isSystem(message.type)) return true;
  return Array.isArray(message.id) && message.id.at(-1) === 'SystemMessage';
}

function isSystem(role: unknown): boolean {
  return role === 'system' || role === 'developer';
}
