import { describe, expect, it } from 'vitest';
import { readAnswer } from '../../../src/detect/grounding/answer.js';
import { findClaims } from '../../../src/detect/grounding/claim.js';
import { compare } from '../../../src/detect/grounding/comparison.js';
import { scoreAnswer } from '../../../src/detect/grounding/score-answer.js';

/** The values of the answer that the source does not have. */
function invented(text: string, source: string, question = ''): string[] {
  const answer = readAnswer(text);
  return findClaims(answer, compare(answer, [source], question), question)
    .filter(({ isSupported, isWeak }) => !isSupported && !isWeak)
    .map(({ start, end }) => text.slice(start, end));
}

const alone = { doneBy: null, isPartial: false };

describe('values held against a source', () => {
  it.each([
    ['a thousand with a comma', 'It costs 1,000 euros.', 'price: 1000'],
    ['a thousand as a power of ten', 'It costs 1000 euros.', 'price: 1.0e3'],
    ['a number in continental style', 'It costs 1.234,50 euros.', 'price: 1234.5'],
    ['a fraction as a percentage', 'The share is 27.5 %.', 'share: 0.275'],
    ['a rounded amount', 'It took about 123 seconds.', 'seconds: 123.4'],
    ['millions', 'Sales were 5 million.', 'sales: 5,000,000'],
    ['a day named with its month', 'It is due on May 24th, 2024.', 'due: 2024-05-24'],
    ['the month behind the day', 'It is due on 24 May 2024.', 'due: 2024-05-24T10:00:00Z'],
    ['a date with slashes', 'It is due on 05/24/2024.', 'due: 2024-05-24'],
    ['the end of a range of days', 'You leave on June 20.', 'Dates: June 10th - 20th'],
    ['an hour of the afternoon', 'It starts at 3 PM and ends at 4:30 PM.', 'from 15:00:00 to 16:30:00'],
    ['a name inside an e-mail address', 'I wrote to Emma Johnson.', 'to: emma.johnson@example.com'],
    ['an address without its scheme', 'See www.example.com/a for more.', 'source: https://example.com/a/'],
    ['a total of what is listed', 'Rent 700 and food 60, together 760.', 'rent: 700, food: 60'],
    ['an amount with its percentage added', 'With 10% more it is 55.00.', 'amount: 50.0, rise: 10'],
    ['a plural', 'We looked at Invoices and Orders.', 'invoice, order'],
    ['a letter with an accent', 'We met at Cafe Zoe.', 'Café Zoë'],
    ['a letter that was left escaped', 'We met at Café Zoë.', '"Caf\\u00e9 Zo\\u00eb"'],
  ])('knows %s', (_what, answer, source) => {
    expect(invented(answer, source)).toEqual([]);
  });

  it.each([
    ['one digit', 'The size is 9183 bytes.', 'size: 3183', ['9183']],
    ['the year of a date', 'It is due on 2034-05-24.', 'due: 2024-05-24', ['2034-05-24']],
    ['the day of a month', 'It is due on May 25th.', 'due: 2024-05-24', ['25th']],
    ['a time of day', 'It ends at 11:08.', 'end: 11:00', ['11:08']],
    ['a name', 'You will meet Mara Lindqvist.', 'guest: Mara Novak', ['Lindqvist']],
    ['an e-mail address', 'Sent to ann@example.com.', 'to: anna@example.com', ['ann@example.com']],
    ['an identifier', 'Your booking is HAT267.', 'flight: HAT266', ['HAT267']],
  ])('finds %s that was changed', (_what, answer, source, expected) => {
    expect(invented(answer, source)).toEqual(expected);
  });

  it('takes no heading, label, list number or term for a value', () => {
    const answer = '# Your Trip\n1. **Price per Person:** 20\n2. the IBAN and the URLs\n\nThank you, Emma!';
    expect(invented(answer, 'price: 20')).toEqual([]);
  });

  it('takes what the question says as given', () => {
    expect(invented('Flight HAT266 on 3 May is full.', 'seats: 0', 'Is HAT266 on May 3 full?')).toEqual([]);
  });
});

describe('the score of an answer', () => {
  const sources = [{ text: 'The warehouse in Lyon ships 240 parcels a day. It opened in 2009.', toolName: null }];
  const scoreOf = (answer: string) => scoreAnswer({ ...alone, answer, question: 'What of Lyon?', sources });

  it('is low for what the source says and high for what it does not', () => {
    const grounded = scoreOf('The warehouse in Lyon opened in 2009 and ships 240 parcels a day.');
    const madeUp = scoreOf('The old factory near Marseille employs 900 people and exports wine to Japan.');
    expect(grounded?.score).toBeLessThan(0.3);
    expect(madeUp?.score).toBeGreaterThan(0.7);
  });

  it('names the parts without support, with their places', () => {
    const answer = 'The warehouse in Lyon opened in 2011.';
    expect(scoreOf(answer)?.unsupported).toEqual([{ kind: 'NUMBER', text: '2011', start: 32, end: 36 }]);
  });

  it('is null without a source, without an answer, and where there is too much to read', () => {
    const question = 'What of Lyon?';
    expect(scoreAnswer({ ...alone, answer: 'It opened in 2009.', question, sources: [] })).toBeNull();
    expect(
      scoreAnswer({ ...alone, answer: 'It opened.', question, sources: [{ text: ' ', toolName: 'look_up' }] }),
    ).toBeNull();
    expect(scoreOf(' … ')).toBeNull();
    const endless = [{ text: 'word '.repeat(100_000), toolName: null }];
    expect(scoreAnswer({ ...alone, answer: 'It opened in 2009.', question, sources: endless })).toBeNull();
  });

  it('says nothing of values where a source was cut off', () => {
    const cut = [{ text: 'name: a.txt\nsize: 12\nname: b.t…[cut 1200]', toolName: 'list_files' }];
    const judged = scoreAnswer({
      ...alone,
      answer: 'The largest is z.txt with 3183 bytes.',
      question: 'Which?',
      sources: cut,
    });
    expect(judged?.unsupported.filter(({ kind }) => kind !== 'SENTENCE')).toEqual([]);
  });

  it('reads scripts without spaces', () => {
    const chinese = [{ text: '里昂的仓库每天运送240个包裹,于2009年开业。', toolName: null }];
    const ask = (answer: string) => scoreAnswer({ ...alone, answer, question: '里昂?', sources: chinese })?.score ?? 0;
    expect(ask('里昂的仓库于2009年开业。')).toBeLessThan(ask('马赛的旧工厂雇用900人,向日本出口葡萄酒。'));
  });

  it.each([
    ['one word', 'same ', 'same '],
    ['numbers', '1234.5 ', '987.25 '],
    ['dotted words', 'a.b.c-d.', 'a.b.c-d.'],
    ['sentences of one word', 'Same. ', 'Same. '],
  ])('takes no longer for texts of nothing but %s', (_what, answer, source) => {
    const startedAtMs = performance.now();
    const long = { text: source.repeat(300_000 / source.length), toolName: 'look_up' };
    const judged = scoreAnswer({
      ...alone,
      answer: answer.repeat(20_000 / answer.length),
      question: '',
      sources: [long],
    });
    expect(judged?.score).toBeGreaterThanOrEqual(0);
    expect(performance.now() - startedAtMs).toBeLessThan(4_000);
  });
});
