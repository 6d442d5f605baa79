import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { piecesOf, withNames } from '../../src/dashboard/text/unseen.js';

const shownOf = (text: string) =>
  piecesOf(text)
    .map((piece) => ('text' in piece ? piece.text : ''))
    .join('');

describe('a text that somebody else wrote', () => {
  it('is shown whole: names stand where characters were, and nothing is lost or put in another order', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const told = piecesOf(text).map((piece) =>
          'text' in piece ? piece.text : String.fromCodePoint(Number.parseInt(piece.unseen.slice(2), 16)),
        );
        expect(told.join('')).toBe(text.replaceAll('\r\n', '\n'));
      }),
    );
  });

  it('never holds a character that turns others around, hides or controls', () => {
    const hidden = fc.constantFrom(
      ...[
        0, 7, 8, 27, 127, 0x85, 0xad, 0x200b, 0x200e, 0x202a, 0x202e, 0x2066, 0x2069, 0x2028, 0xfeff, 0xe0041, 0x3164,
      ],
    );
    fc.assert(
      fc.property(fc.string(), hidden, fc.string(), (before, point, after) => {
        const character = String.fromCodePoint(point);
        const text = before + character + after;
        expect(shownOf(text)).not.toContain(character);
        expect(withNames(text)).toContain(`[U+${point.toString(16).toUpperCase().padStart(4, '0')}]`);
      }),
    );
  });

  it('keeps lines, tabs and emoji of several parts', () => {
    for (const text of ['a\n\tb', '👩‍👩‍👧 ❤️‍🔥', 'Grüße, Ελλάδα, 日本, العربية'])
      expect(piecesOf(text)).toEqual([{ text }]);
  });

  it('has joiners named that join nothing', () => {
    expect(withNames('ad\u200dmin')).toBe('ad[U+200D]min');
  });
});
