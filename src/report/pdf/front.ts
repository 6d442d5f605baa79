import type { ReportDocument } from '../document/block.js';
import type { Sheet } from './sheet.js';
import { drawFactRows, drawTiles } from './text-blocks.js';
import {
  BODY_LEFT,
  BODY_WIDTH,
  FAINT,
  FULL_WIDTH,
  HAIRLINE,
  INK,
  LAMP,
  MUTED,
  NIGHT,
  PAGE,
  PAPER,
  TEXT,
  TONE_FILL,
  TONE_INK,
  TONE_WASH,
  TONE_WORD,
} from './theme.js';

const BAND_HEIGHT = 300;

/** The first page: what it is, of whom, of when, and what holds. */
export function drawCover(sheet: Sheet, { cover }: ReportDocument): void {
  sheet.addPage();
  sheet.artifact(() => {
    sheet.box(0, 0, { width: PAGE.size[0], height: BAND_HEIGHT, color: NIGHT });
    sheet.box(PAGE.left, 66, { width: 28, height: 3, color: LAMP });
  });
  const width = FULL_WIDTH - 60;
  const draw = (type: string, text: string, style: Parameters<Sheet['lines']>[1]['style']) => {
    const lines = sheet.lines(text, { width, style, linesMax: 3 });
    sheet.element(type, () => sheet.drawLines(lines, { x: PAGE.left, y: sheet.y, width, style }));
    sheet.y += lines.length * style.leading;
  };
  sheet.y = 80;
  draw('P', 'MIDWATCH', { face: 'sans-strong', size: 8, leading: 20, color: LAMP });
  sheet.y += 12;
  draw('H1', cover.title, { face: 'serif', size: 34, leading: 40, color: PAPER });
  sheet.y += 6;
  draw('P', cover.subtitle, { face: 'sans', size: 12, leading: 18, color: '#c9d3df' });
  sheet.y = Math.max(sheet.y + 10, BAND_HEIGHT - 50);
  draw('P', cover.period, { face: 'mono', size: 9.5, leading: 14, color: PAPER });
  sheet.y = BAND_HEIGHT + 24;
  drawStatement(sheet, cover.statement);
  drawTiles(sheet, { kind: 'tiles', tiles: cover.tiles });
  drawFactRows(sheet, cover.rows, { x: PAGE.left, width: FULL_WIDTH });
}

function drawStatement(sheet: Sheet, { tone, text }: ReportDocument['cover']['statement']): void {
  const style = { ...TEXT.body, size: 11, leading: 16, color: TONE_INK[tone] };
  const width = FULL_WIDTH - 28;
  const lines = sheet.lines(
    [
      { text: `${TONE_WORD[tone]}. `, style: 'strong' },
      { text, style: 'plain' },
    ],
    { width, style },
  );
  const height = lines.length * style.leading + 18;
  const { y } = sheet;
  sheet.artifact(() => {
    sheet.box(PAGE.left, y, { width: FULL_WIDTH, height, color: TONE_WASH[tone] });
    sheet.box(PAGE.left, y, { width: 3, height, color: TONE_FILL[tone] });
  });
  sheet.element('P', () => sheet.drawLines(lines, { x: PAGE.left + 14, y: y + 9, width, style }));
  sheet.y += height + 20;
}

/** Where a section begins. */
export interface Place {
  id: string;
  number: number;
  title: string;
  /** From 1. */
  page: number;
}

const ENTRY_LEADING = 22;

/** Fills the page that was kept free for it. */
export function drawContents(sheet: Sheet, places: readonly Place[]): void {
  const style = { ...TEXT.body, size: 11, leading: ENTRY_LEADING };
  sheet.y = PAGE.top;
  sheet.element('H1', () =>
    sheet.drawLines(sheet.lines('Contents', { width: BODY_WIDTH, style: TEXT.title }), {
      x: BODY_LEFT,
      y: sheet.y,
      width: BODY_WIDTH,
      style: TEXT.title,
    }),
  );
  sheet.y += 44;
  sheet.within('TOC', () => {
    for (const { id, number, title, page } of places) {
      const name = sheet.lines(title, { width: BODY_WIDTH - 40, style, linesMax: 1 });
      const { y } = sheet;
      const draw = () => {
        sheet.drawText(String(number), BODY_LEFT - 28, y, { ...style, face: 'serif', color: FAINT });
        sheet.drawLines(name, { x: BODY_LEFT, y, width: BODY_WIDTH, style });
        const pageLines = sheet.lines(String(page), { width: 30, style });
        sheet.drawLines(pageLines, { x: BODY_LEFT + BODY_WIDTH - 30, y, width: 30, style, align: 'right' });
      };
      const area = { x: BODY_LEFT - 28, y, width: BODY_WIDTH + 28, height: ENTRY_LEADING };
      sheet.within('TOCI', () => sheet.link(draw, { ...area, to: id, description: `Section ${number}, page ${page}` }));
      sheet.artifact(() => sheet.rule(BODY_LEFT, y + ENTRY_LEADING - 1, { width: BODY_WIDTH, color: HAIRLINE }));
      sheet.y += ENTRY_LEADING;
    }
  });
}

/** Heads and feet of all pages but the cover, once it is known how many there are. */
export function drawMargins(
  sheet: Sheet,
  { runningTitle, id }: ReportDocument,
  sectionOf: (page: number) => string,
): void {
  const { document, pages } = sheet;
  const style = { ...TEXT.small, size: 7, leading: 10, color: MUTED };
  for (let page = 2; page <= pages; page += 1) {
    document.switchToPage(page - 1);
    sheet.artifact(() => {
      const head = sheet.lines(runningTitle, { width: FULL_WIDTH - 160, style, linesMax: 1 });
      sheet.drawLines(head, { x: PAGE.left, y: 40, width: FULL_WIDTH, style });
      const section = sheet.lines(sectionOf(page), { width: 150, style: { ...style, color: INK }, linesMax: 1 });
      sheet.drawLines(section, { x: PAGE.left, y: 40, width: FULL_WIDTH, style, align: 'right' });
      sheet.rule(PAGE.left, 54, { width: FULL_WIDTH, color: HAIRLINE });
      const foot = PAGE.size[1] - 40;
      const name = sheet.lines([{ text: id, style: 'code' }], { width: FULL_WIDTH - 80, style, linesMax: 1 });
      sheet.drawLines(name, { x: PAGE.left, y: foot, width: FULL_WIDTH, style });
      const number = sheet.lines(`${page} / ${pages}`, { width: 80, style });
      sheet.drawLines(number, { x: PAGE.left, y: foot, width: FULL_WIDTH, style, align: 'right' });
    }, 'Pagination');
  }
}
