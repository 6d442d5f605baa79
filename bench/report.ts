/**
 * Rows of a report's table, from cells as facts have them to pages, against pdfkit's own text of the same words at places that were
 * worked out before: the part of the work that nobody can do without. In alternating rounds.
 */
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import PDFDocument from 'pdfkit';
import type { Cell, Column } from '../src/report/document/block.js';
import { Sheet } from '../src/report/pdf/sheet.js';
import { drawTable } from '../src/report/pdf/table.js';
import { Typefaces } from '../src/report/pdf/typefaces.js';
import { alternate, median, spread } from './rounds.js';

const ROWS = 2_000;
const ROUNDS = 7;
const GOAL = 0.5;
const ROWS_PER_PAGE = 36;

const COLUMNS: readonly Column[] = [
  { title: 'Agent', weight: 2.6 },
  { title: 'Decisions', weight: 1, align: 'right' },
  { title: 'Failed', weight: 1, align: 'right' },
  { title: 'Latency', weight: 1, align: 'right' },
  { title: 'Sealed', weight: 2 },
  { title: 'Cost', weight: 1.3, align: 'right' },
];

const TEXTS = Array.from({ length: ROWS }, (_, index) => [
  `agent-${index} of the loans desk`,
  String(1_000 + ((index * 7_919) % 90_000)),
  `${(index % 100) / 10} %`,
  `${index % 900} ms`,
  `2026-11-${String(1 + (index % 28)).padStart(2, '0')} 08:${String(index % 60).padStart(2, '0')}:00`,
  `$${index % 500}.${String(index % 100).padStart(2, '0')}`,
]);

export async function run(): Promise<void> {
  const rows = TEXTS.map((texts): Cell[] => texts.map((text) => ({ text })));
  const times = await alternate({ table: () => drawRows(rows), plain: () => drawPlain() }, ROUNDS);
  const perSecond = (ms: readonly number[]) => Math.round((ROWS / median(ms)) * 1_000);
  process.stdout.write(
    `tables of a report   ${perSecond(times.table)} rows/s\n` +
      `pdfkit's text alone  ${perSecond(times.plain)} rows/s\n` +
      `ratio                ${spread(times.plain, times.table)} (goal ${GOAL})\n`,
  );
}

async function drawRows(rows: readonly (readonly Cell[])[]): Promise<void> {
  await drawing(async (document) => {
    const sheet = new Sheet(document, new Typefaces(document));
    sheet.addPage();
    drawTable(sheet, { kind: 'table', columns: COLUMNS, rows, caption: 'Agents', rest: null });
    sheet.end();
  });
}

async function drawPlain(): Promise<void> {
  await drawing(async (document) => {
    new Typefaces(document).use('sans', 8);
    TEXTS.forEach((texts, index) => {
      if (index % ROWS_PER_PAGE === 0) document.addPage();
      const y = 84 + (index % ROWS_PER_PAGE) * 18;
      texts.forEach((text, place) => void document.text(text, 54 + place * 80, y, { lineBreak: false }));
    });
  });
}

async function drawing(draw: (document: PDFKit.PDFDocument) => Promise<void>): Promise<void> {
  const document = new PDFDocument({
    size: 'A4',
    margin: 0,
    autoFirstPage: false,
    bufferPages: true,
    pdfVersion: '1.7',
    subset: 'PDF/A-3a',
    tagged: true,
    info: { CreationDate: new Date(0) },
  });
  const written = pipeline(document, new Writable({ write: (_chunk, _encoding, done) => done() }));
  await draw(document);
  document.end();
  await written;
}
