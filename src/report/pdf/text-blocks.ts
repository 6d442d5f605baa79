import type { Block, Rich } from '../document/block.js';
import type { Line } from './lines.js';
import type { Sheet } from './sheet.js';
import {
  BODY_LEFT,
  BODY_WIDTH,
  FULL_WIDTH,
  HAIRLINE,
  PAGE,
  TEXT,
  type TextStyle,
  TONE_FILL,
  TONE_INK,
  TONE_WASH,
  TONE_WORD,
  WASH,
} from './theme.js';

type BlockOf<Kind extends Block['kind']> = Extract<Block, { kind: Kind }>;

interface Flow {
  x: number;
  width: number;
  style: TextStyle;
  /** Behind the lines, for each stretch of them on a page. */
  ground?: (y: number, height: number) => void;
}

/** Text that goes on over as many pages as it needs; two lines stay together at either end. */
export function flowLines(sheet: Sheet, type: string, lines: readonly Line[], { x, width, style, ground }: Flow): void {
  sheet.elementOverPages(type, (mark) => {
    let rest = lines;
    while (rest.length > 0) {
      sheet.ensure(style.leading * Math.min(rest.length, 2));
      let fitting = Math.max(1, Math.floor(sheet.left / style.leading));
      if (rest.length > fitting && rest.length - fitting < 2 && fitting > 2) fitting -= 1;
      const taken = rest.slice(0, fitting);
      const height = taken.length * style.leading;
      if (ground !== undefined) sheet.artifact(() => ground(sheet.y, height));
      mark(() => sheet.drawLines(taken, { x, y: sheet.y, width, style }));
      sheet.y += height;
      rest = rest.slice(fitting);
    }
  });
}

export function drawParagraph(sheet: Sheet, { text }: BlockOf<'paragraph'>): void {
  const style = TEXT.body;
  flowLines(sheet, 'P', sheet.lines(text, { width: BODY_WIDTH, style }), { x: BODY_LEFT, width: BODY_WIDTH, style });
  sheet.y += 8;
}

/** So much of what follows a heading is on its page. */
const FOLLOWING = 64;

export function drawHeading(sheet: Sheet, { text }: BlockOf<'heading'>): void {
  const style = TEXT.heading;
  const lines = sheet.lines(text, { width: BODY_WIDTH, style });
  sheet.y += 8;
  sheet.ensure(lines.length * style.leading + FOLLOWING);
  sheet.element('H2', () => sheet.drawLines(lines, { x: BODY_LEFT, y: sheet.y, width: BODY_WIDTH, style }));
  sheet.y += lines.length * style.leading + 5;
}

export function drawList(sheet: Sheet, { items }: BlockOf<'list'>): void {
  const style = TEXT.body;
  const indent = 12;
  sheet.within('L', () => {
    for (const item of items) {
      const width = BODY_WIDTH - indent;
      const lines = sheet.lines(item, { width, style });
      sheet.ensure(Math.min(lines.length, 2) * style.leading);
      sheet.artifact(() =>
        sheet.box(BODY_LEFT, sheet.y + style.leading / 2 - 1, { width: 4, height: 1.2, color: TONE_FILL.good }),
      );
      sheet.within('LI', () => flowLines(sheet, 'LBody', lines, { x: BODY_LEFT + indent, width, style }));
      sheet.y += 3;
    }
  });
  sheet.y += 6;
}

const LABEL_WIDTH = 112;

/** Labels and values, a rule between them. */
export function drawFacts(sheet: Sheet, { rows }: BlockOf<'facts'>): void {
  drawFactRows(sheet, rows, { x: BODY_LEFT, width: BODY_WIDTH });
  sheet.y += 8;
}

export function drawFactRows(
  sheet: Sheet,
  rows: readonly { label: string; value: Rich }[],
  { x, width }: { x: number; width: number },
): void {
  const valueWidth = width - LABEL_WIDTH;
  const labelStyle = { ...TEXT.small, leading: 13 };
  const valueStyle = { ...TEXT.body, size: 8.8, leading: 13 };
  sheet.within('Table', () => {
    for (const { label, value } of rows) {
      const names = sheet.lines(label, { width: LABEL_WIDTH - 10, style: labelStyle });
      const values = sheet.lines(value, { width: valueWidth, style: valueStyle, linesMax: 30 });
      const height = Math.max(names.length, values.length) * 13 + 6;
      sheet.ensure(height);
      sheet.artifact(() => sheet.rule(x, sheet.y, { width, color: HAIRLINE }));
      sheet.within('TR', () => {
        const drawLabel = () => sheet.drawLines(names, { x, y: sheet.y + 3, width: LABEL_WIDTH, style: labelStyle });
        sheet.element('TH', drawLabel, { scope: 'Row' });
        sheet.element('TD', () =>
          sheet.drawLines(values, { x: x + LABEL_WIDTH, y: sheet.y + 3, width: valueWidth, style: valueStyle }),
        );
      });
      sheet.y += height;
    }
  });
  sheet.artifact(() => sheet.rule(x, sheet.y, { width, color: HAIRLINE }));
}

const TILES_MAX = 4;
const TILE_GAP = 12;

/** Large figures side by side, four to a row. */
export function drawTiles(sheet: Sheet, { tiles }: BlockOf<'tiles'>): void {
  for (let first = 0; first < tiles.length; first += TILES_MAX) {
    const row = tiles.slice(first, first + TILES_MAX);
    const width = (FULL_WIDTH - (TILES_MAX - 1) * TILE_GAP) / TILES_MAX;
    const drawn = row.map(({ note, label }) => ({
      labels: sheet.lines(label, { width: width - 8, style: TEXT.small }),
      notes: note === undefined ? [] : sheet.lines(note, { width: width - 8, style: TEXT.small }),
    }));
    const leading = TEXT.small.leading;
    const height = 34 + Math.max(...drawn.map(({ labels, notes }) => labels.length + notes.length)) * leading;
    sheet.ensure(height);
    row.forEach(({ value, tone = 'neutral' }, index) => {
      const x = PAGE.left + index * (width + TILE_GAP);
      const { labels, notes } = drawn[index] as (typeof drawn)[number];
      const style = { ...TEXT.tile, color: TONE_INK[tone] };
      const values = sheet.lines(value, { width, style, linesMax: 1 });
      sheet.artifact(() =>
        sheet.rule(x, sheet.y, { width, color: tone === 'neutral' ? '#18222f' : TONE_FILL[tone], weight: 1.2 }),
      );
      sheet.element('P', () => {
        sheet.drawLines(values, { x, y: sheet.y + 5, width, style });
        sheet.drawLines(labels, { x, y: sheet.y + 30, width, style: { ...TEXT.small, color: '#18222f' } });
        sheet.drawLines(notes, { x, y: sheet.y + 30 + labels.length * leading, width, style: TEXT.small });
      });
    });
    sheet.y += height + 8;
  }
  sheet.y += 4;
}

export function drawCallout(sheet: Sheet, { tone, title, text }: BlockOf<'callout'>): void {
  const inset = 12;
  const width = BODY_WIDTH - 2 * inset;
  const titleStyle = { ...TEXT.label, size: 7.6, color: TONE_INK[tone] };
  const titles = sheet.lines(`${TONE_WORD[tone]}: ${title}`, { width, style: titleStyle });
  const lines = sheet.lines(text, { width, style: TEXT.body });
  const height = titles.length * titleStyle.leading + lines.length * TEXT.body.leading + 22;
  sheet.ensure(height);
  const { y } = sheet;
  sheet.artifact(() => {
    sheet.box(BODY_LEFT, y, { width: BODY_WIDTH, height, color: TONE_WASH[tone] });
    sheet.box(BODY_LEFT, y, { width: 2.4, height, color: TONE_FILL[tone] });
  });
  const x = BODY_LEFT + inset;
  sheet.element('P', () => sheet.drawLines(titles, { x, y: y + 8, width, style: titleStyle }));
  const textY = y + 12 + titles.length * titleStyle.leading;
  sheet.element('P', () => sheet.drawLines(lines, { x, y: textY, width, style: TEXT.body }));
  sheet.y += height + 10;
}

export function drawCode(sheet: Sheet, { text }: BlockOf<'code'>): void {
  const inset = 10;
  const style = TEXT.code;
  const width = BODY_WIDTH - 2 * inset;
  const lines = sheet.lines([{ text, style: 'code' }], { width, style });
  const ground = (y: number, height: number) =>
    sheet.box(BODY_LEFT, y - 5, { width: BODY_WIDTH, height: height + 10, color: WASH });
  sheet.ensure(Math.min(lines.length, 3) * style.leading + 12);
  sheet.y += 5;
  flowLines(sheet, 'Code', lines, { x: BODY_LEFT + inset, width, style, ground });
  sheet.y += 14;
}
