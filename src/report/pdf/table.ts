import type { Block, Cell, Column } from '../document/block.js';
import type { Line } from './lines.js';
import type { Sheet } from './sheet.js';
import { FULL_WIDTH, HAIRLINE, INK, PAGE, TEXT, TONE_FILL, TONE_INK, WASH } from './theme.js';

type TableBlock = Extract<Block, { kind: 'table' }>;

interface Placed extends Column {
  x: number;
  width: number;
}

const GAP = 10;
const PADDING = 3.5;
/** Of what is longer the attachment has the rest. */
const CELL_LINES_MAX = 8;
const MARK = 8;

/** A table as wide as the page. Its head comes again on every page; its caption and first rows stay with the head. */
export function drawTable(sheet: Sheet, { columns, rows, caption, rest }: TableBlock): void {
  const placed = place(columns);
  const head = placed.map(({ title, width }) => sheet.lines(title, { width, style: TEXT.label }));
  const headHeight = Math.max(...head.map(({ length }) => length)) * TEXT.label.leading + 2 * PADDING;
  drawCaption(sheet, caption, headHeight);
  sheet.within('Table', () => {
    drawHead(sheet, { placed, head, height: headHeight });
    for (const row of rows) {
      const cells = row.map((cell, index) => linesOf(sheet, cell, placed[index] as Placed));
      const height = Math.max(1, ...cells.map(({ length }) => length)) * TEXT.cell.leading + 2 * PADDING;
      if (height > sheet.left) {
        sheet.addPage();
        drawHead(sheet, { placed, head, height: headHeight });
      }
      drawRow(sheet, { placed, row, cells, height });
    }
  });
  sheet.artifact(() => sheet.rule(PAGE.left, sheet.y, { width: FULL_WIDTH, color: INK, weight: 0.8 }));
  if (rest !== null) drawRest(sheet, rest);
  sheet.y += 14;
}

function place(columns: readonly Column[]): Placed[] {
  const weights = columns.reduce((sum, { weight }) => sum + weight, 0);
  const available = FULL_WIDTH - GAP * (columns.length - 1);
  let x: number = PAGE.left;
  return columns.map((column) => {
    const width = (available * column.weight) / weights;
    const placed = { ...column, x, width };
    x += width + GAP;
    return placed;
  });
}

function drawCaption(sheet: Sheet, caption: string, headHeight: number): void {
  const style = { ...TEXT.heading, size: 9, leading: 12 };
  const lines = sheet.lines(caption, { width: FULL_WIDTH, style });
  sheet.ensure(lines.length * style.leading + headHeight + 3 * (TEXT.cell.leading + 2 * PADDING));
  sheet.element('P', () => sheet.drawLines(lines, { x: PAGE.left, y: sheet.y, width: FULL_WIDTH, style }));
  sheet.y += lines.length * style.leading + 3;
}

function drawHead(
  sheet: Sheet,
  { placed, head, height }: { placed: readonly Placed[]; head: readonly Line[][]; height: number },
): void {
  const { y } = sheet;
  sheet.artifact(() => {
    sheet.box(PAGE.left, y, { width: FULL_WIDTH, height, color: WASH });
    sheet.rule(PAGE.left, y, { width: FULL_WIDTH, color: INK, weight: 0.8 });
  });
  sheet.within('TR', () => {
    placed.forEach(({ x, width, align = 'left' }, index) => {
      const lines = head[index] as Line[];
      const top = y + height - PADDING - lines.length * TEXT.label.leading;
      const draw = () => sheet.drawLines(lines, { x, y: top, width, style: TEXT.label, align });
      sheet.element('TH', draw, { scope: 'Column' });
    });
  });
  sheet.y += height;
}

function linesOf(sheet: Sheet, { text, tone }: Cell, { width }: Placed): Line[] {
  const style = { ...TEXT.cell, color: TONE_INK[tone ?? 'neutral'] };
  return sheet.lines(text, { width: tone === undefined ? width : width - MARK, style, linesMax: CELL_LINES_MAX });
}

function drawRow(
  sheet: Sheet,
  {
    placed,
    row,
    cells,
    height,
  }: { placed: readonly Placed[]; row: readonly Cell[]; cells: readonly Line[][]; height: number },
): void {
  const y = sheet.y + PADDING;
  sheet.within('TR', () => {
    placed.forEach(({ x, width, align = 'left' }, index) => {
      const tone = row[index]?.tone;
      const lines = cells[index] ?? [];
      const indent = tone === undefined ? 0 : MARK;
      if (tone !== undefined) sheet.artifact(() => drawMark(sheet, { x, y, tone }));
      sheet.element('TD', () =>
        sheet.drawLines(lines, { x: x + indent, y, width: width - indent, style: TEXT.cell, align }),
      );
    });
  });
  sheet.y += height;
  sheet.artifact(() => sheet.rule(PAGE.left, sheet.y, { width: FULL_WIDTH, color: HAIRLINE }));
}

/** A shape for each tone, since not everybody sees its colour. */
function drawMark(sheet: Sheet, { x, y, tone }: { x: number; y: number; tone: NonNullable<Cell['tone']> }): void {
  const middle = y + TEXT.cell.leading / 2;
  const { document } = sheet;
  if (tone === 'good') document.circle(x + 2.2, middle, 2.2).fill(TONE_FILL.good);
  else if (tone === 'attention')
    document.polygon([x + 2.4, middle - 2.6], [x + 4.8, middle + 2], [x, middle + 2]).fill(TONE_FILL.attention);
  else if (tone === 'bad') document.rect(x, middle - 2.2, 4.4, 4.4).fill(TONE_FILL.bad);
  else
    document
      .circle(x + 2.2, middle, 1.8)
      .lineWidth(0.8)
      .strokeColor(TONE_FILL.neutral)
      .stroke();
}

function drawRest(sheet: Sheet, rest: string): void {
  const lines = sheet.lines(rest, { width: FULL_WIDTH, style: TEXT.small });
  sheet.ensure(lines.length * TEXT.small.leading + 4);
  sheet.element('P', () =>
    sheet.drawLines(lines, { x: PAGE.left, y: sheet.y + 4, width: FULL_WIDTH, style: TEXT.small }),
  );
  sheet.y += lines.length * TEXT.small.leading + 4;
}
