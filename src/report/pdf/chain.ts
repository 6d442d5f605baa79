import type { Block, ChainStep } from '../document/block.js';
import type { Sheet } from './sheet.js';
import { flowLines } from './text-blocks.js';
import { BODY_LEFT, BODY_WIDTH, HAIRLINE, INK, PAPER, TEXT, TONE_FILL, TONE_INK, WASH } from './theme.js';

const INDENT = 26;
const DOT = 7;
const CONTENT_LINES_MAX = 40;
const CUT = ' … [the rest is in the attached bundle]';

/** A reasoning chain, step under step along a line. */
export function drawChain(sheet: Sheet, { steps }: Extract<Block, { kind: 'chain' }>): void {
  steps.forEach((step, index) => {
    sheet.within('Sect', () => drawStep(sheet, step, index + 1));
  });
  sheet.y += 6;
}

function drawStep(sheet: Sheet, step: ChainStep, number: number): void {
  const x = BODY_LEFT + INDENT;
  const width = BODY_WIDTH - INDENT;
  const titleStyle = { ...TEXT.heading, size: 9.2, leading: 13, color: step.failed ? TONE_INK.bad : INK };
  const title = sheet.lines(
    [
      { text: `${step.kind}  `, style: 'muted' },
      { text: step.title, style: 'strong' },
    ],
    {
      width,
      style: titleStyle,
      linesMax: 2,
    },
  );
  const facts = step.facts === '' ? [] : sheet.lines(step.facts, { width, style: TEXT.small, linesMax: 3 });
  const digest = sheet.lines([{ text: `digest ${step.digest}`, style: 'code' }], {
    width,
    style: { ...TEXT.code, size: 6.6, leading: 9, color: TEXT.small.color },
  });
  const headHeight = title.length * 13 + facts.length * TEXT.small.leading + digest.length * 9;
  sheet.ensure(headHeight + 30);
  const first = { page: sheet.pages, y: sheet.y };
  // The number is part of the heading: other steps name it.
  sheet.element('H3', () => {
    drawNode(sheet, number, step.failed);
    sheet.drawLines(title, { x, y: sheet.y, width, style: titleStyle });
  });
  sheet.y += title.length * 13;
  if (facts.length > 0) sheet.element('P', () => sheet.drawLines(facts, { x, y: sheet.y, width, style: TEXT.small }));
  sheet.y += facts.length * TEXT.small.leading;
  sheet.element('P', () =>
    sheet.drawLines(digest, { x, y: sheet.y, width, style: { ...TEXT.code, size: 6.6, leading: 9 } }),
  );
  sheet.y += digest.length * 9 + 4;
  if (step.withheld !== null) drawWithheld(sheet, step.withheld, { x, width });
  for (const part of step.content) drawContent(sheet, part, { x, width });
  const top = first.page === sheet.pages ? first.y + 15 : 84;
  sheet.artifact(() => {
    sheet.document.moveTo(BODY_LEFT + DOT, top).lineTo(BODY_LEFT + DOT, sheet.y + 6);
    sheet.document.lineWidth(0.8).strokeColor(HAIRLINE).stroke();
  });
  sheet.y += 8;
}

function drawNode(sheet: Sheet, number: number, failed: boolean): void {
  const x = BODY_LEFT + DOT;
  const y = sheet.y + 6.5;
  sheet.document.circle(x, y, DOT).fill(failed ? TONE_FILL.bad : TONE_FILL.good);
  const text = String(number);
  const size = text.length > 2 ? 5.4 : 7;
  const width = sheet.faces.widthOf(text, 'sans-strong', size);
  sheet.drawText(text, x - width / 2, y - 6, { face: 'sans-strong', size, leading: 12, color: PAPER });
}

function drawWithheld(sheet: Sheet, reason: string, { x, width }: { x: number; width: number }): void {
  const lines = sheet.lines(reason, { width, style: TEXT.small });
  flowLines(sheet, 'P', lines, { x, width, style: TEXT.small });
}

function drawContent(
  sheet: Sheet,
  { name, text }: ChainStep['content'][number],
  { x, width }: { x: number; width: number },
): void {
  const inset = 8;
  const style = { ...TEXT.cell, leading: 11.4 };
  const lines =
    text === null
      ? []
      : sheet.lines(text, { width: width - 2 * inset, style, linesMax: CONTENT_LINES_MAX, ending: CUT });
  const label = sheet.lines(name, { width, style: TEXT.label });
  sheet.ensure(label.length * TEXT.label.leading + Math.min(lines.length, 3) * style.leading + 10);
  sheet.element('P', () => sheet.drawLines(label, { x, y: sheet.y, width, style: TEXT.label }));
  sheet.y += label.length * TEXT.label.leading + (text === null ? 1 : 5);
  if (text === null) return;
  const ground = (y: number, height: number) => sheet.box(x, y - 3, { width, height: height + 6, color: WASH });
  flowLines(sheet, 'BlockQuote', lines, { x: x + inset, width: width - 2 * inset, style, ground });
  sheet.y += 8;
}
