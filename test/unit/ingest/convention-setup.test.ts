import { describe, expect, it } from 'vitest';
import { readSpan } from '../../../src/ingest/convention/read.js';
import type { AttributeValue } from '../../../src/ingest/telemetry.js';
import { type WireSpan, wireSpan } from '../../support/wire-span.js';

const read = (attributes: Record<string, AttributeValue>, sent: WireSpan = {}) =>
  readSpan(wireSpan({ ...sent, attributes }));
const chat = (attributes: Record<string, AttributeValue>) => read({ 'gen_ai.operation.name': 'chat', ...attributes });
const instructed = (text: string) =>
  chat({ 'gen_ai.system_instructions': JSON.stringify([{ type: 'text', content: text }]) }).promptDigest;

const PROMPT = 'You help with refunds. Be brief.';
const EXPECTED = instructed(PROMPT);
const OTHER = 'You help with refunds. Be thorough.';
const ASKED = { role: 'user', content: 'Where is my money?' };

describe('the digest of a system prompt', () => {
  it('has 16 hex digits and tells prompts apart', () => {
    expect(EXPECTED).toMatch(/^[0-9a-f]{16}$/);
    expect(instructed(OTHER)).not.toBe(EXPECTED);
  });

  it.each([
    ['a date', 'Today is 2026-11-24.', 'Today is 2027-01-02.'],
    ['a time', 'Now: 2026-11-24T08:15:30.123Z', 'Now: 2026-11-25T23:59:01Z'],
    ['a date in words', 'Today is Tuesday, November 24th, 2026.', 'Today is Sunday, March 1st, 2026.'],
    ['a clock', 'It is 9:15 am on 24 Nov 2026', 'It is 11:05 PM on 2 May 2027'],
    ['an identifier', 'Session 0af76519-16cd-43dd-8448-eb211c80319c', 'Session b7ad6b71-6920-3331-9000-000000000000'],
    ['a number', 'The customer has 3 open cases', 'The customer has 12 open cases'],
    ['white space', 'Be brief.\n\n  Be kind.', 'Be brief. Be kind.'],
  ])('does not follow %s', (_what, one, another) => {
    expect(instructed(one)).toBe(instructed(another));
  });

  it('does follow a word', () => {
    expect(instructed('Never refund more than 100 EUR')).not.toBe(instructed('Always refund more than 100 EUR'));
  });

  it.each<[string, Record<string, AttributeValue>]>([
    ['GenAI, a bare string', { 'gen_ai.operation.name': 'chat', 'gen_ai.system_instructions': PROMPT }],
    ['GenAI, a JSON string', { 'gen_ai.operation.name': 'chat', 'gen_ai.system_instructions': JSON.stringify(PROMPT) }],
    ['Strands', { 'gen_ai.operation.name': 'invoke_agent', system_prompt: JSON.stringify(PROMPT) }],
    [
      'GenAI messages',
      {
        'gen_ai.operation.name': 'chat',
        'gen_ai.input.messages': JSON.stringify([
          { role: 'system', parts: [{ type: 'text', content: PROMPT }] },
          { role: 'user', parts: [{ type: 'text', content: 'a "{quoted}" \\ question' }] },
        ]),
      },
    ],
    [
      'OpenInference',
      {
        'openinference.span.kind': 'LLM',
        'llm.input_messages.0.message.role': 'system',
        'llm.input_messages.0.message.content': PROMPT,
      },
    ],
    [
      'early OpenLLMetry',
      { 'llm.request.type': 'chat', 'gen_ai.prompt.0.role': 'system', 'gen_ai.prompt.0.content': PROMPT },
    ],
    [
      'Vercel, the whole call',
      { 'ai.operationId': 'ai.generateText', 'ai.prompt': JSON.stringify({ system: PROMPT, prompt: 'Hi' }) },
    ],
    [
      'Vercel, one model call',
      {
        'ai.operationId': 'ai.generateText.doGenerate',
        'ai.prompt.messages': JSON.stringify([{ role: 'system', content: PROMPT }, ASKED]),
      },
    ],
    [
      'Langfuse',
      {
        'langfuse.observation.type': 'generation',
        'langfuse.observation.input': JSON.stringify([{ role: 'system', content: PROMPT }, ASKED]),
      },
    ],
    [
      'LangSmith',
      {
        'langsmith.span.kind': 'llm',
        'gen_ai.prompt': JSON.stringify({
          messages: [[{ id: ['langchain_core', 'messages', 'SystemMessage'], kwargs: { content: PROMPT } }, ASKED]],
        }),
      },
    ],
    [
      'Google ADK',
      {
        'gen_ai.operation.name': 'chat',
        'gcp.vertex.agent.llm_request': JSON.stringify({ config: { system_instruction: PROMPT }, contents: [] }),
      },
    ],
  ])('is the same however the prompt was sent: %s', (_convention, attributes) => {
    expect(read(attributes).promptDigest).toBe(EXPECTED);
  });

  it('is read from the event that older conventions send', () => {
    const events = [{ name: 'gen_ai.system.message', attributes: { content: PROMPT } }];
    expect(read({ 'gen_ai.operation.name': 'chat' }, { events }).promptDigest).toBe(EXPECTED);
  });

  it('is null where no prompt was sent, and for what cannot be read', () => {
    const messages = (text: string) => chat({ 'gen_ai.input.messages': text }).promptDigest;
    expect(messages(JSON.stringify([ASKED]))).toBeNull();
    expect(messages(JSON.stringify([{ role: 'user', content: 'my "role": "system" says' }]))).toBeNull();
    expect(messages('[{"role":"system","content":"cut o')).toBeNull();
    expect(messages('the "system" [{')).toBeNull();
    expect(chat({ 'gen_ai.system_instructions': '' }).promptDigest).toBeNull();
  });
});

const REFUND = { name: 'refund', description: 'Pays back', parameters: { type: 'object', properties: { id: {} } } };
const LOOK_UP = { name: 'look_up', description: 'Finds a case', parameters: { type: 'object' } };
const defined = (...tools: unknown[]) => chat({ 'gen_ai.tool.definitions': JSON.stringify(tools) }).toolsDigest;

describe('the digest of tools', () => {
  it('follows neither their order nor that of their keys', () => {
    const { name, description, parameters } = REFUND;
    expect(defined(REFUND, LOOK_UP)).toMatch(/^[0-9a-f]{16}$/);
    expect(defined(LOOK_UP, { parameters, description, name })).toBe(defined(REFUND, LOOK_UP));
    expect(defined(LOOK_UP, { ...REFUND, cache_control: { type: 'ephemeral' } })).toBe(defined(REFUND, LOOK_UP));
  });

  it('follows a new tool, and a changed schema', () => {
    expect(defined(REFUND)).not.toBe(defined(REFUND, LOOK_UP));
    expect(defined({ ...REFUND, parameters: { type: 'object', properties: { iban: {} } } })).not.toBe(defined(REFUND));
  });

  it.each<[string, Record<string, AttributeValue>]>([
    ['structure', { 'gen_ai.operation.name': 'chat', 'gen_ai.tool.definitions': [JSON.stringify(REFUND)] }],
    ['Vercel', { 'ai.operationId': 'ai.generateText.doGenerate', 'ai.prompt.tools': [JSON.stringify(REFUND)] }],
    ['OpenInference', { 'openinference.span.kind': 'LLM', 'llm.tools.0.tool.json_schema': JSON.stringify(REFUND) }],
    [
      'Google ADK',
      {
        'gen_ai.operation.name': 'chat',
        'gcp.vertex.agent.llm_request': JSON.stringify({ config: { tools: [{ function_declarations: [REFUND] }] } }),
      },
    ],
  ])('is the same however they were sent: %s', (_convention, attributes) => {
    expect(read(attributes).toolsDigest).toBe(defined(REFUND));
  });

  it('takes names alone, and OpenLLMetry’s numbered functions', () => {
    expect(defined('refund', 'look_up')).toBe(defined('look_up', 'refund'));
    const functions = { 'llm.request.functions.0.name': 'refund', 'llm.request.functions.0.parameters': '{}' };
    expect(read({ 'llm.request.type': 'chat', ...functions }).toolsDigest).toMatch(/^[0-9a-f]{16}$/);
  });

  it('is null for none, and for what cannot be read', () => {
    expect(defined()).toBeNull();
    expect(chat({ 'gen_ai.tool.definitions': '[{"name":' }).toolsDigest).toBeNull();
    expect(chat({ 'gen_ai.tool.definitions': `${'['.repeat(50_000)}${']'.repeat(50_000)}` }).toolsDigest).toBeNull();
  });
});
