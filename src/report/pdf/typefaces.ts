import { createRequire } from 'node:module';
import { FACES, type Face } from './theme.js';
import { codePointOf, isPlain } from './visible.js';

const { resolve } = createRequire(import.meta.url);

/** IBM Plex and Source Code Pro (both OFL 1.1) set the report; DejaVu Sans, whose letters are those of forty scripts, stands in for what it lacks. */
const FILES: Readonly<Record<Face, string>> = {
  sans: '@expo-google-fonts/ibm-plex-sans/400Regular/IBMPlexSans_400Regular.ttf',
  'sans-strong': '@expo-google-fonts/ibm-plex-sans/600SemiBold/IBMPlexSans_600SemiBold.ttf',
  'sans-italic': '@expo-google-fonts/ibm-plex-sans/400Regular_Italic/IBMPlexSans_400Regular_Italic.ttf',
  serif: '@expo-google-fonts/ibm-plex-serif/500Medium/IBMPlexSerif_500Medium.ttf',
  mono: '@expo-google-fonts/source-code-pro/400Regular/SourceCodePro_400Regular.ttf',
  wide: 'dejavu-fonts-ttf/ttf/DejaVuSans.ttf',
};

/** A pdfkit font, of which its documentation names only the measuring. */
interface PdfFont {
  font: { hasGlyphForCodePoint(codePoint: number): boolean };
  widthOfString(text: string, size: number): number;
}

/** Text in one face, all of which the face can draw. */
export interface Run {
  face: Face;
  text: string;
}

const PER_MILLE = 1_000;
const KEPT_LENGTH_MAX = 24;
const KEPT_MAX = 20_000;

/** The faces of one document: what each can draw, and how wide. */
export class Typefaces {
  readonly #document: PDFKit.PDFDocument;
  readonly #fonts = new Map<Face, PdfFont>();
  readonly #drawable = new Map<string, boolean>();
  readonly #widths = new Map<string, number>();

  constructor(document: PDFKit.PDFDocument) {
    this.#document = document;
    for (const face of FACES) {
      document.registerFont(face, resolve(FILES[face]));
      document.font(face);
      this.#fonts.set(face, (document as unknown as { _font: PdfFont })._font);
    }
  }

  /** Runs of one face each. What no face can draw is shown by its code point: never an empty box. */
  runsOf(text: string, face: Face): readonly Run[] {
    if (isPlain(text)) return [{ face, text }];
    const runs: Run[] = [];
    for (const character of text) {
      const drawn = this.#draw(character, face);
      const last = runs.at(-1);
      if (last?.face === drawn.face) last.text += drawn.text;
      else runs.push(drawn);
    }
    return runs;
  }

  /** In points, of text that the face can draw. */
  widthOf(text: string, face: Face, size: number): number {
    const key = `${face} ${text}`;
    let width = this.#widths.get(key);
    if (width === undefined) {
      width = this.#fontOf(face).widthOfString(text, PER_MILLE);
      if (text.length <= KEPT_LENGTH_MAX && this.#widths.size < KEPT_MAX) this.#widths.set(key, width);
    }
    return (width * size) / PER_MILLE;
  }

  use(face: Face, size: number): void {
    this.#document.font(face).fontSize(size);
  }

  #draw(character: string, face: Face): Run {
    if (this.#canDraw(character, face)) return { face, text: character };
    if (this.#canDraw(character, 'wide')) return { face: 'wide', text: character };
    return { face, text: codePointOf(character) };
  }

  #canDraw(character: string, face: Face): boolean {
    const key = face + character;
    let can = this.#drawable.get(key);
    if (can === undefined) {
      can = this.#fontOf(face).font.hasGlyphForCodePoint(character.codePointAt(0) ?? 0);
      this.#drawable.set(key, can);
    }
    return can;
  }

  #fontOf(face: Face): PdfFont {
    return this.#fonts.get(face) as PdfFont;
  }
}
