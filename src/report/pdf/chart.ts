import type { Block, Part } from '../document/block.js';
import { grouped } from '../document/wording.js';
import type { Sheet } from './sheet.js';
import { FULL_WIDTH, HAIRLINE, PAGE, TEXT, TONE_FILL } from './theme.js';

type BlockOf<Kind extends Block['kind']> = Extract<Block, { kind: Kind }>;

/** The head of a chart: what it shows, and which part is which where there are several. */
function drawTitle(sheet: Sheet, title: string, parts: readonly Part[]): void {
  const style = { ...TEXT.heading, size: 9, leading: 12 };
  sheet.drawLines(sheet.lines(title, { width: FULL_WIDTH, style }), {
    x: PAGE.left,
    y: sheet.y,
    width: FULL_WIDTH,
    style,
  });
  if (parts.length < 2) return;
  let x = PAGE.left + FULL_WIDTH;
  for (const { name, tone } of [...parts].reverse()) {
    const width = sheet.faces.widthOf(name, TEXT.small.face, TEXT.small.size);
    x -= width;
    sheet.drawText(name, x, sheet.y + 1, TEXT.small);
    x -= 10;
    sheet.box(x, sheet.y + 3.4, { width: 6, height: 6, color: TONE_FILL[tone] });
    x -= 12;
  }
}

const TITLE_HEIGHT = 20;

/** Draws a chart whose height is known as one figure, with its description for those who cannot see it. */
function figure(sheet: Sheet, height: number, description: string, draw: () => void): void {
  sheet.ensure(height + TITLE_HEIGHT);
  const top = sheet.y;
  const bottom = top + height + TITLE_HEIGHT;
  sheet.element('Figure', draw, { alt: description, bbox: [PAGE.left, top, PAGE.left + FULL_WIDTH, bottom] });
  sheet.y = bottom + 14;
}

const BAR = { label: 150, note: 118, height: 15, thickness: 8 } as const;

export function drawBars(sheet: Sheet, { title, parts, bars, description }: BlockOf<'bars'>): void {
  const left = PAGE.left + BAR.label + 8;
  const width = FULL_WIDTH - BAR.label - BAR.note - 16;
  const largest = Math.max(1, ...bars.map((bar) => sum(bar.parts)));
  figure(sheet, bars.length * BAR.height, description, () => {
    drawTitle(sheet, title, parts);
    bars.forEach((bar, index) => {
      const y = sheet.y + TITLE_HEIGHT + index * BAR.height;
      const label = sheet.lines(bar.label, { width: BAR.label, style: TEXT.cell, linesMax: 1 });
      sheet.drawLines(label, { x: PAGE.left, y: y + 2, width: BAR.label, style: TEXT.cell, align: 'right' });
      let x = left;
      bar.parts.forEach((part, place) => {
        const length = (part / largest) * width;
        const color = TONE_FILL[parts[place]?.tone ?? 'neutral'];
        sheet.box(x, y + (BAR.height - BAR.thickness) / 2, { width: length, height: BAR.thickness, color });
        x += length;
      });
      const note = sheet.lines(bar.note, { width: BAR.note, style: TEXT.small, linesMax: 1 });
      sheet.drawLines(note, { x: x + 5, y: y + 2, width: BAR.note, style: TEXT.small });
    });
  });
}

const SERIES = { height: 104, axis: 16, scale: 34 } as const;
const LABEL_ROOM = 34;

export function drawSeries(sheet: Sheet, { title, parts, columns, description }: BlockOf<'series'>): void {
  const left = PAGE.left + SERIES.scale;
  const width = FULL_WIDTH - SERIES.scale;
  const top = niceTop(Math.max(1, ...columns.map((column) => sum(column.parts))));
  figure(sheet, SERIES.height + SERIES.axis, description, () => {
    drawTitle(sheet, title, parts);
    const base = sheet.y + TITLE_HEIGHT + SERIES.height;
    for (const share of [0, 0.5, 1]) {
      const y = base - share * (SERIES.height - 4);
      sheet.rule(left, y, { width, color: HAIRLINE });
      const lines = sheet.lines(short(top * share), { width: SERIES.scale - 6, style: TEXT.small });
      sheet.drawLines(lines, { x: PAGE.left, y: y - 6, width: SERIES.scale - 6, style: TEXT.small, align: 'right' });
    }
    const step = width / columns.length;
    const every = Math.max(1, Math.ceil(LABEL_ROOM / step));
    columns.forEach((column, index) => {
      let y = base;
      column.parts.forEach((part, place) => {
        const height = (part / top) * (SERIES.height - 4);
        y -= height;
        const x = left + index * step + step * 0.14;
        sheet.box(x, y, { width: step * 0.72, height, color: TONE_FILL[parts[place]?.tone ?? 'neutral'] });
      });
      if (index % every === 0) sheet.drawText(column.label, left + index * step + step * 0.14, base + 3, TEXT.small);
    });
  });
}

const EXTENT_HEIGHT = 18;

/** One bar for a whole and its parts, each part named beneath with its size. */
export function drawExtent(sheet: Sheet, { title, parts, description }: BlockOf<'extent'>): void {
  const total = Math.max(1, sum(parts.map(({ size }) => size)));
  const column = FULL_WIDTH / parts.length;
  const notes = parts.map(({ note }) => sheet.lines(note, { width: column - 16, style: TEXT.small, linesMax: 4 }));
  const height = EXTENT_HEIGHT + 20 + Math.max(...notes.map(({ length }) => length)) * TEXT.small.leading;
  figure(sheet, height, description, () => {
    drawTitle(sheet, title, []);
    const y = sheet.y + TITLE_HEIGHT;
    let x: number = PAGE.left;
    parts.forEach(({ size, tone }) => {
      // What is there at all is seen.
      const width = size === 0 ? 0 : Math.max(2, (size / total) * FULL_WIDTH - 1);
      sheet.box(x, y, {
        width: Math.min(width, PAGE.left + FULL_WIDTH - x),
        height: EXTENT_HEIGHT,
        color: TONE_FILL[tone],
      });
      x += width + 1;
    });
    parts.forEach(({ name, size, tone }, index) => {
      const at = PAGE.left + index * column;
      const top = y + EXTENT_HEIGHT + 6;
      sheet.box(at, top + 2.4, { width: 6, height: 6, color: TONE_FILL[tone] });
      sheet.drawText(`${name} ${grouped(size)}`, at + 10, top, {
        ...TEXT.small,
        face: 'sans-strong',
        color: '#18222f',
      });
      sheet.drawLines(notes[index] ?? [], { x: at + 10, y: top + 12, width: column - 16, style: TEXT.small });
    });
  });
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** The next 1, 2 or 5 times a power of ten. */
function niceTop(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((factor) => factor * power >= value) ?? 10) * power;
}

function short(value: number): string {
  if (value >= 1_000_000) return `${value / 1_000_000}M`;
  if (value >= 1_000) return `${value / 1_000}k`;
  return String(value);
}
