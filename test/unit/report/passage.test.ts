import { describe, expect, it } from 'vitest';
import { passagesOf } from '../../../src/report/document/passage.js';
import { ToldMessages } from '../../../src/report/document/told-messages.js';

const passages = (value: unknown) => passagesOf('INPUT', JSON.stringify(value));

describe('content in a report', () => {
  it('is told by who said it, and what it was', () => {
    expect(
      passages([
        { role: 'system', content: 'Be brief.' },
        { role: 'user', parts: [{ type: 'text', content: 'Refund A-1.' }] },
        {
          role: 'assistant',
          parts: [
            { type: 'reasoning', content: 'It is late.' },
            { type: 'tool_call', id: 'c-1', name: 'refund', arguments: { order: 'A-1', amount: 12 } },
          ],
        },
        { role: 'tool', parts: [{ type: 'tool_call_response', id: 'c-1', response: '{"ok":true,"by":"bank"}' }] },
        { role: 'assistant', content: '' },
      ]),
    ).toEqual([
      { name: 'INPUT · system', text: 'Be brief.' },
      { name: 'INPUT · user', text: 'Refund A-1.' },
      { name: 'INPUT · assistant · reasoning', text: 'It is late.' },
      { name: 'INPUT · assistant · calls refund', text: 'order: A-1\namount: 12' },
      { name: 'INPUT · tool · result', text: 'ok: true\nby: bank' },
      { name: 'INPUT · assistant · empty', text: '' },
    ]);
  });

  it('names the messages that the step before was given, and tells what is new', () => {
    const told = new ToldMessages();
    const given = (place: number, ...contents: string[]) =>
      passagesOf('INPUT', JSON.stringify(contents.map((content) => ({ role: 'user', content }))), { told, place });
    const said = (text: string) => ({ name: 'INPUT · user', text });
    const again = (what: string) => ({ name: `INPUT: ${what}`, text: null });
    expect(given(2, 'a', 'b')).toEqual([said('a'), said('b')]);
    expect(given(4, 'a', 'b', 'c', 'd')).toEqual([again('all 2 messages of step 2, and then'), said('c'), said('d')]);
    expect(given(6, 'a', 'b', 'c', 'd')).toEqual([again('all 4 messages of step 4, and no more')]);
    expect(given(7, 'a', 'x', 'c')).toEqual([
      again('the first of 4 messages of step 6, and then'),
      said('x'),
      said('c'),
    ]);
    expect(given(8, 'a', 'x')).toEqual([again('the first 2 of 3 messages of step 7, and no more')]);
    expect(given(8, 'a')).toEqual([again('the first of 2 messages of step 8, and no more')]);
    expect(given(8, 'a', 'y')).toEqual([again('the message of step 8, and then'), said('y')]);
    expect(given(9, 'b', 'x')).toEqual([said('b'), said('x')]);
    expect(passagesOf('INPUT', 'a', { told, place: 10 })).toEqual([{ name: 'INPUT', text: 'a' }]);
  });

  it('is told on one line by whom', () => {
    expect(passages([{ role: 'user\r\n\u2028OUTPUT · assistant', content: 'y' }])).toEqual([
      { name: 'INPUT · user OUTPUT · assistant', text: 'y' },
    ]);
  });

  it('stays the text that came where it is no JSON', () => {
    expect(passagesOf('ERROR', 'card [declined]')).toEqual([{ name: 'ERROR', text: 'card [declined]' }]);
  });

  it('is shown as far as a page can hold it, and how much is not', () => {
    const long = passages([
      { role: 'user', content: 'a'.repeat(5_000) },
      { role: 'user', content: 'b'.repeat(5_000) },
      { role: 'user', content: 'c' },
    ]);
    expect(long.map(({ text }) => text?.replace(/([ab])\1+/, '$1'))).toEqual([
      'a',
      'b …\n[4\u2009013 more characters are in the attached bundle (59.9 % is shown)]',
    ]);
  });

  it.each([
    ['messages that say nothing', Array.from({ length: 100_000 }, () => ({ role: 'user', content: '' }))],
    ['a role that is a book', [{ role: 'x'.repeat(1_000_000), content: 'y' }]],
  ])('holds %s', (_what, value) => {
    const shown = passages(value);
    expect(shown.length).toBeLessThan(1_000);
    expect(Math.max(...shown.map(({ name }) => name.length))).toBeLessThan(200);
  });
});
