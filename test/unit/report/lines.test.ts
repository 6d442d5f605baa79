import PDFDocument from 'pdfkit';
import { describe, expect, it } from 'vitest';
import { breakLines } from '../../../src/report/pdf/lines.js';
import { MUTED, TEXT } from '../../../src/report/pdf/theme.js';
import { Typefaces } from '../../../src/report/pdf/typefaces.js';

const style = TEXT.body;
const faces = new Typefaces(new PDFDocument());

describe('a line of several faces', () => {
  it('leaves as much room for each text as its face draws it wide, spaces included', () => {
    const [line] = breakLines(
      faces,
      [
        { text: 'made by ', style: 'plain' },
        { text: 'midwatch 0.1.0, layout 6', style: 'code' },
        { text: ' as PDF/A-3a', style: 'strong' },
      ],
      { width: 500, style },
    );
    expect(line?.segments.map(({ text }) => text)).toEqual(['made by', 'midwatch 0.1.0, layout 6', 'as PDF/A-3a']);
    for (const { text, face, width } of line?.segments ?? []) {
      expect(width).toBeCloseTo(faces.widthOf(text, face, style.size), 1);
    }
  });
});

describe('lines beyond the most there may be', () => {
  it.each([
    [{}, ' …'],
    [{ ending: ' … [more]' }, ' … [more]'],
  ])('are cut, and %j is told in a colour that the text has not', (told, ending) => {
    const lines = breakLines(faces, 'a word and '.repeat(100), { width: 200, style, linesMax: 2, ...told });
    expect(lines).toHaveLength(2);
    const { segments, width } = lines[1] as (typeof lines)[number];
    expect(segments.at(-1)).toMatchObject({ text: ending, color: MUTED });
    expect(segments.at(0)?.color).not.toBe(MUTED);
    expect(width).toBeLessThanOrEqual(200);
  });
});
