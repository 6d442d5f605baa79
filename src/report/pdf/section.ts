import type { Block, Section } from '../document/block.js';
import { drawChain } from './chain.js';
import { drawBars, drawExtent, drawSeries } from './chart.js';
import type { Sheet } from './sheet.js';
import { drawTable } from './table.js';
import { drawCallout, drawCode, drawFacts, drawHeading, drawList, drawParagraph, drawTiles } from './text-blocks.js';
import { BODY_LEFT, BODY_TOP, BODY_WIDTH, FAINT, FULL_WIDTH, INK, PAGE, TEXT } from './theme.js';

/** With less than this left, a section begins on a new page. */
const ROOM = 300;
const NUMBER_STYLE = { face: 'serif', size: 22, leading: 27, color: FAINT } as const;

/** A section from its title on: what it serves and where it was read stand beside it. Returns the page it begins on. */
export function drawSection(sheet: Sheet, section: Section, number: number): number {
  if (sheet.y > BODY_TOP) sheet.y += 16;
  if (sheet.left < ROOM) sheet.addPage();
  const top = sheet.y;
  const first = sheet.pages;
  sheet.document.addNamedDestination(section.id, 'XYZ', 0, top - 12, null);
  sheet.document.outline.addItem(`${number}  ${section.title}`);
  sheet.within('Sect', () => {
    if (top > BODY_TOP)
      sheet.artifact(() => sheet.rule(PAGE.left, top - 8, { width: FULL_WIDTH, color: INK, weight: 0.8 }));
    const title = sheet.lines(section.title, { width: BODY_WIDTH, style: TEXT.title });
    sheet.element('H1', () => {
      sheet.drawText(String(number), PAGE.left, top, NUMBER_STYLE);
      sheet.drawLines(title, { x: BODY_LEFT, y: top, width: BODY_WIDTH, style: TEXT.title });
    });
    const sideBottom = drawSide(sheet, section, top + 36);
    sheet.y = top + title.length * TEXT.title.leading + 10;
    for (const block of section.blocks) {
      if (isWide(block) && sheet.pages === first) sheet.y = Math.max(sheet.y, sideBottom);
      drawBlock(sheet, block);
    }
    if (sheet.pages === first) sheet.y = Math.max(sheet.y, sideBottom);
  });
  return first;
}

function drawSide(sheet: Sheet, { serves, sources }: Section, top: number): number {
  let y = top;
  for (const [label, text] of [
    ['SERVES', serves],
    ['READ FROM', sources],
  ] as const) {
    const lines = sheet.lines(text, { width: PAGE.side, style: TEXT.small });
    sheet.element('P', () => {
      sheet.drawText(label, PAGE.left, y, { ...TEXT.label, size: 6.2 });
      sheet.drawLines(lines, { x: PAGE.left, y: y + 10, width: PAGE.side, style: TEXT.small });
    });
    y += 10 + lines.length * TEXT.small.leading + 8;
  }
  return y;
}

/** Whether it is as wide as the page. */
function isWide({ kind }: Block): boolean {
  return kind === 'table' || kind === 'tiles' || kind === 'bars' || kind === 'series' || kind === 'extent';
}

const DRAW: { readonly [Kind in Block['kind']]: (sheet: Sheet, block: Extract<Block, { kind: Kind }>) => void } = {
  paragraph: drawParagraph,
  heading: drawHeading,
  list: drawList,
  facts: drawFacts,
  tiles: drawTiles,
  callout: drawCallout,
  table: drawTable,
  bars: drawBars,
  series: drawSeries,
  extent: drawExtent,
  chain: drawChain,
  code: drawCode,
};

function drawBlock(sheet: Sheet, block: Block): void {
  const draw = DRAW[block.kind] as (sheet: Sheet, block: Block) => void;
  draw(sheet, block);
}
