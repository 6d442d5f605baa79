/** A stretch of a text: as it is, or one character that would not be seen or would change how others are read. */
export type Piece = { text: string } | { unseen: string; name: string };

const NAMES: Readonly<Record<number, string>> = {
  0: 'null',
  7: 'bell',
  8: 'backspace',
  13: 'carriage return',
  27: 'escape',
  127: 'delete',
  173: 'soft hyphen',
  847: 'combining grapheme joiner',
  1564: 'Arabic letter mark',
  8203: 'zero width space',
  8204: 'zero width non-joiner',
  8205: 'zero width joiner',
  8206: 'left-to-right mark',
  8207: 'right-to-left mark',
  8232: 'line separator',
  8233: 'paragraph separator',
  8234: 'left-to-right embedding',
  8235: 'right-to-left embedding',
  8236: 'pop directional formatting',
  8237: 'left-to-right override',
  8238: 'right-to-left override',
  8288: 'word joiner',
  8294: 'left-to-right isolate',
  8295: 'right-to-left isolate',
  8296: 'first strong isolate',
  8297: 'pop directional isolate',
  65279: 'byte order mark',
};

/**
 * Controls but tab and line feed, formats (bidirectional marks, zero widths, tags), line separators, surrogates without a
 * partner, private use, the fillers that look like nothing. A joiner between the parts of an emoji belongs to it.
 */
const UNSEEN =
  /(?<!\p{Extended_Pictographic}\uFE0F?|\p{Emoji_Modifier})\u200D|(?![\t\n\u200D])(?:[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\u115F\u1160\u3164\uFFA0]|\u034F|\u17B4|\u17B5|[\u180B-\u180F])/gu;

/** Cuts a text into what is shown as it is and what has to be named, CRLF counting as one line feed. */
export function piecesOf(text: string): Piece[] {
  const lines = text.replaceAll('\r\n', '\n');
  const pieces: Piece[] = [];
  let from = 0;
  for (const match of lines.matchAll(UNSEEN)) {
    if (match.index > from) pieces.push({ text: lines.slice(from, match.index) });
    pieces.push(describe(match[0]));
    from = match.index + match[0].length;
  }
  if (from < lines.length) pieces.push({ text: lines.slice(from) });
  return pieces;
}

/** The text with what is unseen named in brackets, for places that hold no elements. */
export function withNames(text: string): string {
  return piecesOf(text)
    .map((piece) => ('text' in piece ? piece.text : `[${piece.unseen}]`))
    .join('');
}

function describe(character: string): Piece {
  const point = character.codePointAt(0) ?? 0;
  const unseen = `U+${point.toString(16).toUpperCase().padStart(4, '0')}`;
  return { unseen, name: NAMES[point] ?? 'unseen character' };
}
