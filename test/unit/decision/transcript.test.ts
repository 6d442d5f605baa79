import { describe, expect, it } from 'vitest';
import { readTranscript } from '../../../src/decision/transcript.js';

const messages = (value: unknown) => readTranscript(JSON.stringify(value));

describe('a transcript is laid out as what it is', () => {
  it('messages of the GenAI conventions', () => {
    const content = messages([
      { role: 'user', parts: [{ type: 'text', content: 'Refund it.' }] },
      { role: 'assistant', parts: [{ type: 'tool_call', name: 'refund', arguments: { order: 'A-1', amount: 12 } }] },
      { role: 'tool', parts: [{ type: 'tool_call_response', response: { ok: true } }] },
    ]);
    expect(content).toEqual({
      messages: [
        { role: 'user', parts: [{ kind: 'text', text: 'Refund it.' }] },
        {
          role: 'assistant',
          parts: [
            {
              kind: 'call',
              name: 'refund',
              fields: [
                { name: 'order', value: 'A-1' },
                { name: 'amount', value: '12' },
              ],
            },
          ],
        },
        { role: 'tool', parts: [{ kind: 'result', text: '{"ok":true}' }] },
      ],
    });
  });

  it('messages with a string, as most APIs have them, and their calls', () => {
    const call = { type: 'function', function: { name: 'look', arguments: '{"q":"x"}' } };
    expect(messages([{ role: 'assistant', content: null, tool_calls: [call] }])).toEqual({
      messages: [{ role: 'assistant', parts: [{ kind: 'call', name: 'look', fields: [{ name: 'q', value: 'x' }] }] }],
    });
  });

  it('an object is its members', () => {
    expect(readTranscript('{"payment_id":"TX-1","deep":{"a":1}}')).toEqual({
      fields: [
        { name: 'payment_id', value: 'TX-1' },
        { name: 'deep', value: '{"a":1}' },
      ],
    });
  });

  it.each(['', 'plain', '{not json', '[1,2', '"quoted"', '12', '<script>alert(1)</script>'])(
    'text stays text: %s',
    (text) => {
      expect(readTranscript(text)).toEqual({ text });
    },
  );

  it('JSON that is neither is laid out', () => {
    expect(readTranscript('[1,2]')).toEqual({ text: '[\n  1,\n  2\n]' });
  });

  it('the messages of a request, and calls whose arguments are no object', () => {
    const call = { id: 'c-1', type: 'tool_call', name: 'look', args: 'for it' };
    expect(
      messages({
        messages: [
          { role: 'user', content: 'Look.' },
          { role: 'assistant', tool_calls: [call] },
        ],
      }),
    ).toEqual({
      messages: [
        { role: 'user', parts: [{ kind: 'text', text: 'Look.' }] },
        { role: 'assistant', parts: [{ kind: 'call', name: 'look', fields: [{ name: '', value: 'for it' }] }] },
      ],
    });
  });
});

describe('a transcript leaves nothing out that is said', () => {
  it('members of a message that messages do not have', () => {
    expect(messages([{ role: 'user', content: 'yes', refusal: 'no', annotations: [] }])).toEqual({
      messages: [
        {
          role: 'user',
          parts: [
            { kind: 'text', text: 'yes' },
            { kind: 'other', fields: [{ name: 'refusal', value: 'no' }] },
          ],
        },
      ],
    });
  });

  it.each([
    { type: 'text', content: 'yes', text: 'no' },
    { type: 'tool_call', name: 'refund', arguments: {}, input: { amount: 1 } },
    { type: 'function', function: { name: 'refund', arguments: '{}' }, name: 'wire' },
    { type: 'tool_result', content: 'yes', is_error: true },
    { type: 'image', url: 'https://example.org' },
    { type: 'text', content: 'yes', status: 'but only on Sundays' },
    { type: 'text', content: 'yes', id: { first: 'but only on Sundays' } },
  ])('parts that say more than their type does: %j', (part) => {
    const fields = Object.entries(part).map(([name, value]) => ({
      name,
      value: typeof value === 'string' ? value : JSON.stringify(value),
    }));
    expect(messages([{ role: 'user', parts: [part] }])).toEqual({
      messages: [{ role: 'user', parts: [{ kind: 'other', fields }] }],
    });
  });

  it.each([
    ['a number that is another in JavaScript', '{"account":12345678901234567890}'],
    ['a number that is written otherwise', '{"amount":1.50}'],
    ['a member that is named twice', '{"amount":1,"amount":2}'],
    ['members whose order would be another', '{"b":1,"1":2}'],
    ['a string that has no end', `["${'\\"'.repeat(500_000)}`],
    ['what is nested too deeply', `${'['.repeat(50_000)}${']'.repeat(50_000)}`],
  ])('%s stays as it came', (_what, text) => {
    expect(readTranscript(text)).toEqual({ text });
  });

  it('parts whose type is no word', () => {
    const type = { toString: null, valueOf: null };
    expect(messages([{ role: 'user', parts: [{ type, content: 'yes' }] }])).toEqual({
      messages: [{ role: 'user', parts: [{ kind: 'text', text: 'yes' }] }],
    });
  });

  it('whatever white space and escapes it is written with', () => {
    expect(readTranscript(' { "n" : "\\u00e9\\/" ,\n "m" : [ 1 , true ] } ')).toEqual({
      fields: [
        { name: 'n', value: 'é/' },
        { name: 'm', value: '[1,true]' },
      ],
    });
  });
});
