import type { Rich, Span } from '../document/block.js';
import { type Face, INK, MUTED, type TextStyle } from './theme.js';
import type { Typefaces } from './typefaces.js';
import { makeVisible } from './visible.js';

/** A stretch of a line in one face and colour. */
export interface Segment {
  text: string;
  face: Face;
  color: string;
  /** From the line's left end. */
  x: number;
  width: number;
}

export interface Line {
  segments: readonly Segment[];
  width: number;
}

interface Piece {
  text: string;
  face: Face;
  color: string;
  width: number;
}

/** What is not broken unless it is longer than a line. */
interface Word {
  pieces: Piece[];
  width: number;
  before: 'space' | 'line' | 'nothing';
}

export interface LineOptions {
  width: number;
  style: TextStyle;
  /** What is beyond is cut, and `ending` stands where it was: an ellipsis if nothing else is told. */
  linesMax?: number;
  ending?: string;
}

/** Words of letters that every face has, a space between each two. */
const SIMPLE = /^[!-~]+(?: [!-~]+)*$/;

/** Breaks text into lines at spaces, and long words anywhere. */
export function breakLines(faces: Typefaces, text: Rich, options: LineOptions): Line[] {
  const { width, style, linesMax } = options;
  const line = oneLine(faces, text, options);
  if (line !== null) return [line];
  const words = wordsOf(faces, text, style).flatMap((word) => chop(faces, word, { width, size: style.size }));
  const lines: { segments: Segment[]; width: number }[] = [{ segments: [], width: 0 }];
  for (const word of words) {
    const line = lines.at(-1) as (typeof lines)[number];
    const isFirst = line.segments.length === 0;
    const space =
      word.before === 'space' && !isFirst ? faces.widthOf(' ', faceBetween(line, word, style), style.size) : 0;
    if (word.before === 'line' || (!isFirst && line.width + space + word.width > width)) {
      lines.push({ segments: [], width: 0 });
      place(lines.at(-1) as (typeof lines)[number], word, 0);
    } else place(line, word, space);
    if (linesMax !== undefined && lines.length > linesMax) return cut(faces, lines.slice(0, linesMax), options);
  }
  return lines;
}

/** Most texts of a table: measured as they will be drawn, which is the larger part of drawing them. Null when it is not that simple. */
function oneLine(faces: Typefaces, text: Rich, { width, style: { face, size, color } }: LineOptions): Line | null {
  if (typeof text !== 'string' || !SIMPLE.test(text)) return null;
  const textWidth = faces.widthOf(text, face, size);
  return textWidth > width ? null : { segments: [{ text, face, color, x: 0, width: textWidth }], width: textWidth };
}

/** That of a space: words of one face are drawn as one text, and so is what is between them. */
function faceBetween(line: { segments: readonly Segment[] }, { pieces }: Word, { face }: TextStyle): Face {
  const [last, next] = [line.segments.at(-1), pieces[0]];
  return last !== undefined && last.face === next?.face && last.color === next.color ? last.face : face;
}

function place(line: { segments: Segment[]; width: number }, word: Word, space: number): void {
  let x = line.width + space;
  for (const piece of word.pieces) {
    const last = line.segments.at(-1);
    if (last !== undefined && last.face === piece.face && last.color === piece.color) {
      last.text += `${x > last.x + last.width && space > 0 ? ' ' : ''}${piece.text}`;
      last.width = x + piece.width - last.x;
    } else line.segments.push({ ...piece, x });
    x += piece.width;
  }
  line.width = x;
}

function cut(faces: Typefaces, lines: Line[], { width, style, ending = ' …' }: LineOptions): Line[] {
  const last = lines.at(-1);
  if (last === undefined) return lines;
  const ellipsis = {
    text: ending,
    face: style.face,
    color: MUTED,
    width: faces.widthOf(ending, style.face, style.size),
  };
  const segments = last.segments.map((segment) => ({ ...segment }));
  let end = segments.at(-1);
  while (end !== undefined && end.x + end.width + ellipsis.width > width) {
    const characters = [...end.text];
    characters.pop();
    if (characters.length === 0) segments.pop();
    else {
      end.text = characters.join('');
      end.width = faces.widthOf(end.text, end.face, style.size);
    }
    end = segments.at(-1);
  }
  const x = end === undefined ? 0 : end.x + end.width;
  return [...lines.slice(0, -1), { segments: [...segments, { ...ellipsis, x }], width: x + ellipsis.width }];
}

/** A word that is wider than a line, in parts that are not. */
function chop(faces: Typefaces, word: Word, { width, size }: { width: number; size: number }): Word[] {
  if (word.width <= width) return [word];
  const parts: Word[] = [{ pieces: [], width: 0, before: word.before }];
  for (const { text, face, color } of word.pieces) {
    for (const character of text) {
      const characterWidth = faces.widthOf(character, face, size);
      let part = parts.at(-1) as Word;
      if (part.width + characterWidth > width && part.pieces.length > 0) {
        part = { pieces: [], width: 0, before: 'line' };
        parts.push(part);
      }
      const last = part.pieces.at(-1);
      if (last?.face === face && last.color === color) {
        last.text += character;
        last.width += characterWidth;
      } else part.pieces.push({ text: character, face, color, width: characterWidth });
      part.width += characterWidth;
    }
  }
  return parts;
}

function wordsOf(faces: Typefaces, rich: Rich, style: TextStyle): Word[] {
  const words: Word[] = [];
  let before: Word['before'] = 'nothing';
  for (const span of typeof rich === 'string' ? [{ text: rich, style: 'plain' } satisfies Span] : rich) {
    const { face, color } = faceOf(span, style);
    for (const token of makeVisible(span.text, { keepLines: true }).split(/( +|\n)/)) {
      if (token === '') continue;
      if (token === '\n') before = 'line';
      else if (token.startsWith(' ')) before = before === 'line' ? 'line' : 'space';
      else {
        const pieces = faces
          .runsOf(token, face)
          .map((run) => ({ ...run, color, width: faces.widthOf(run.text, run.face, style.size) }));
        const width = pieces.reduce((sum, piece) => sum + piece.width, 0);
        const last = words.at(-1);
        if (before === 'nothing' && last !== undefined) {
          last.pieces.push(...pieces);
          last.width += width;
        } else words.push({ pieces, width, before });
        before = 'nothing';
      }
    }
  }
  return words;
}

function faceOf({ style: kind }: Span, { face, color }: TextStyle): { face: Face; color: string } {
  if (kind === 'strong') return { face: 'sans-strong', color };
  if (kind === 'muted') return { face, color: MUTED };
  if (kind === 'code') return { face: 'mono', color: color === MUTED ? MUTED : INK };
  if (kind === 'quote') return { face: 'sans-italic', color };
  return { face, color };
}
