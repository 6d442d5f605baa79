import type { Rich } from '../document/block.js';
import { breakLines, type Line, type LineOptions } from './lines.js';
import { BODY_BOTTOM, BODY_TOP, type TextStyle } from './theme.js';
import type { Typefaces } from './typefaces.js';

type Element = PDFKit.PDFStructureElement;
type Content = Parameters<Element['add']>[0];

export interface ElementOptions {
  /** What a reader hears who cannot see it. */
  alt?: string;
  /** Left, top, right and bottom, from the page's top left. */
  bbox?: [number, number, number, number];
  /** What a cell of a table is the head of. */
  scope?: 'Column' | 'Row';
}

/** Pages that fill from top to bottom, and the structure that tells readers who cannot see them what is what. */
export class Sheet {
  readonly document: PDFKit.PDFDocument;
  readonly faces: Typefaces;
  /** Where the next thing goes. */
  y: number = BODY_TOP;
  #parent: Element;
  #pages = 0;

  constructor(document: PDFKit.PDFDocument, faces: Typefaces) {
    this.document = document;
    this.faces = faces;
    this.#parent = document.struct('Document');
    document.addStructure(this.#parent);
  }

  /** How many pages there are. */
  get pages(): number {
    return this.#pages;
  }

  addPage(): void {
    this.document.addPage();
    this.#pages += 1;
    this.y = BODY_TOP;
  }

  /** Begins a new page unless so much is left of this one. */
  ensure(height: number): void {
    if (this.y + height > BODY_BOTTOM) this.addPage();
  }

  get left(): number {
    return BODY_BOTTOM - this.y;
  }

  /** Everything that `draw` adds to the structure belongs to an element of this type. */
  within(type: string, draw: () => void): void {
    const outer = this.#parent;
    const element = this.document.struct(type);
    outer.add(element);
    this.#parent = element;
    draw();
    element.end();
    this.#parent = outer;
  }

  /** Ends the structure: nothing can be added to it any more. */
  end(): void {
    this.#parent.end();
  }

  /** One element, drawn in one go on the page that is open. */
  element(type: string, draw: () => void, options: ElementOptions = {}): void {
    const element = this.document.struct(type, options);
    this.#parent.add(element);
    element.add(this.mark(type, draw));
    element.end();
  }

  /** One element that leads to a place in the document, from all of the area given; `description` says where to. */
  link(draw: () => void, { x, y, width, height, to, description }: LinkOptions): void {
    const element = this.document.struct('Link');
    this.#parent.add(element);
    element.add(this.mark('Link', draw));
    const options = { structParent: element, Contents: new String(description) };
    this.document.goTo(x, y, width, height, to, options as unknown as PDFKit.Mixins.AnnotationOption);
    element.end();
  }

  /** One element that may go over pages: `draw` marks each of its parts. */
  elementOverPages(type: string, draw: (mark: (part: () => void) => void) => void): void {
    const element = this.document.struct(type);
    this.#parent.add(element);
    draw((part) => element.add(this.mark(type, part)));
    element.end();
  }

  /** What says nothing by itself: rules, grounds, heads and feet of pages. */
  artifact(draw: () => void, type: 'Layout' | 'Pagination' = 'Layout'): void {
    this.document.markContent('Artifact', { type });
    draw();
    this.document.endMarkedContent();
  }

  lines(text: Rich, options: LineOptions): Line[] {
    return breakLines(this.faces, text, options);
  }

  /** Draws lines one under the other; `y` is the top of the first. */
  drawLines(lines: readonly Line[], { x, y, width, style, align = 'left' }: DrawOptions): void {
    lines.forEach((line, index) => {
      const indent = align === 'right' ? width - line.width : align === 'center' ? (width - line.width) / 2 : 0;
      for (const segment of line.segments) {
        const { text, face, color, width: textWidth } = segment;
        const place = { x: x + indent + segment.x, top: y + index * style.leading, textWidth };
        this.#draw(text, place, { ...style, face, color });
      }
    });
  }

  /** One stretch of text that its face can draw, on a baseline of its own. */
  drawText(text: string, x: number, top: number, style: TextStyle): void {
    this.#draw(text, { x, top, textWidth: this.faces.widthOf(text, style.face, style.size) }, style);
  }

  /** What pdfkit is told the width of, it does not measure again. */
  #draw(text: string, { x, top, textWidth }: TextPlace, { face, size, leading, color }: TextStyle): void {
    this.faces.use(face, size);
    const options = { lineBreak: false, baseline: 'alphabetic' as const, textWidth };
    this.document.fillColor(color).text(text, x, top + baseline(size, leading), options);
  }

  rule(x: number, y: number, { width, color, weight = 0.5 }: { width: number; color: string; weight?: number }): void {
    this.document
      .moveTo(x, y)
      .lineTo(x + width, y)
      .lineWidth(weight)
      .strokeColor(color)
      .stroke();
  }

  box(x: number, y: number, { width, height, color }: { width: number; height: number; color: string }): void {
    if (width > 0 && height > 0) this.document.rect(x, y, width, height).fill(color);
  }

  mark(type: string, draw: () => void): Content {
    const content = this.document.markStructureContent(type);
    draw();
    this.document.endMarkedContent();
    return content as unknown as Content;
  }
}

interface LinkOptions {
  x: number;
  y: number;
  width: number;
  height: number;
  /** A named destination. */
  to: string;
  description: string;
}

interface TextPlace {
  x: number;
  top: number;
  /** How wide the text is. */
  textWidth: number;
}

export interface DrawOptions {
  x: number;
  y: number;
  width: number;
  style: TextStyle;
  align?: 'left' | 'right' | 'center';
}

/** Where letters stand in their line: a little below its middle. */
function baseline(size: number, leading: number): number {
  return leading / 2 + size * 0.35;
}
