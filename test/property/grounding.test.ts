import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeGrounding } from '../../src/detect/grounding/judge-grounding.js';
import { scan } from '../../src/detect/grounding/reading/scan.js';
import { scoreAnswer } from '../../src/detect/grounding/score-answer.js';
import { makeDecision, makeStep } from '../support/decision.js';

const piece = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.constantFrom(
    '1,000.50',
    '2024-05-24',
    '15:30',
    'a@b.example',
    'https://x.example/y',
    'May 3rd',
    'No.',
    '\n- ',
    '东京塔',
    'สวัสดี',
    '<thinking>',
    '{"a":[1]}',
    '\\u00e9',
  ),
);
const text = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(' '));

const alone = { doneBy: null, isPartial: false };

describe('any text', () => {
  it('is cut into pieces in order that do not lie outside it', () => {
    fc.assert(
      fc.property(text, (whole) => {
        let before = -1;
        const sentences = scan(whole, (_kind, start, end, sentence) => {
          expect(start).toBeGreaterThan(before);
          expect(end).toBeGreaterThan(start);
          expect(end).toBeLessThanOrEqual(whole.length);
          expect(sentence).toBeLessThanOrEqual(whole.length);
          before = start;
        });
        expect(sentences).toBeLessThanOrEqual(whole.length);
      }),
    );
  });

  it('is judged between 0 and 1, with quotations that stand where they are said to', () => {
    fc.assert(
      fc.property(text, text, text, (answer, question, source) => {
        const judged = scoreAnswer({ ...alone, answer, question, sources: [{ text: source, toolName: 'look_up' }] });
        if (judged === null) return;
        expect(judged.score).toBeGreaterThanOrEqual(0);
        expect(judged.score).toBeLessThanOrEqual(1);
        for (const { text: quoted, start, end } of judged.unsupported) {
          expect(answer.slice(start, end).startsWith(quoted.replace(/…$/, ''))).toBe(true);
        }
      }),
    );
  });

  it('has no value without support when it is its own source', () => {
    fc.assert(
      fc.property(text, (answer) => {
        // Sources are read with their escapes resolved; an answer is quoted as it stands.
        fc.pre(!answer.includes('\\'));
        const judged = scoreAnswer({ ...alone, answer, question: '', sources: [{ text: answer, toolName: null }] });
        expect(judged?.unsupportedFigures ?? 0).toBe(0);
      }),
    );
  });

  it('is judged as a decision without a fault, the same each time', () => {
    fc.assert(
      fc.property(text, text, text, (input, output, result) => {
        const decision = makeDecision({ input, output, steps: [makeStep({ result })] });
        const expectation = { usualTools: { decisions: 100, share: 1, names: ['look_up'] }, requiresTool: true };
        const judged = judgeGrounding(decision, expectation);
        expect(judgeGrounding(decision, expectation)).toEqual(judged);
      }),
    );
  });
});
