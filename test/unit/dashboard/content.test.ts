import { describe, expect, it } from 'vitest';
import { readContent } from '../../../src/dashboard/text/content.js';

const messages = (value: unknown) => readContent(JSON.stringify(value));

describe('content is read as what it is', () => {
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
        { role: 'tool', parts: [{ kind: 'result', text: '{\n "ok": true\n}' }] },
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
    expect(readContent('{"payment_id":"TX-1","deep":{"a":1}}')).toEqual({
      fields: [
        { name: 'payment_id', value: 'TX-1' },
        { name: 'deep', value: '{\n "a": 1\n}' },
      ],
    });
  });

  it.each(['', 'plain', '{not json', '[1,2', '"quoted"', '12', '<script>alert(1)</script>'])(
    'text stays text: %s',
    (text) => {
      expect(readContent(text)).toEqual({ text });
    },
  );

  it('JSON that is neither is laid out', () => {
    expect(readContent('[1,2]')).toEqual({ text: '[\n  1,\n  2\n]' });
  });
});
