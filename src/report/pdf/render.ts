import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import PDFDocument from 'pdfkit';
import type { ReportDocument } from '../document/block.js';
import { type Attachment, embedFile } from './attachment.js';
import { drawContents, drawCover, drawMargins, type Place } from './front.js';
import { drawSection } from './section.js';
import { Sheet } from './sheet.js';
import { PAGE } from './theme.js';
import { Typefaces } from './typefaces.js';
import { makeVisible } from './visible.js';

export interface RenderOptions {
  report: ReportDocument;
  attachments: readonly Attachment[];
  /** What the file says of when it was made: of the record, not of the clock, so that the same record gives the same bytes. */
  createdAt: Date;
  /** Where to; it must not exist. */
  file: string;
  /** Called with the share that is done, 0 to 1. */
  onProgress: (share: number) => void;
}

const SECTIONS_SHARE = 0.6;

/** Draws the report and writes it as PDF/A-3a with its attachments. Resolves with the number of pages. */
export async function renderPdf({ report, attachments, createdAt, file, onProgress }: RenderOptions): Promise<number> {
  const document = createDocument(report, createdAt);
  const written = pipeline(document, createWriteStream(file, { flags: 'wx', mode: 0o600 }));
  const sheet = new Sheet(document, new Typefaces(document));
  drawCover(sheet, report);
  sheet.addPage();
  const contentsPage = sheet.pages;
  sheet.addPage();
  const places: Place[] = [];
  for (const [index, section] of report.sections.entries()) {
    const number = index + 1;
    places.push({ id: section.id, number, title: section.title, page: drawSection(sheet, section, number) });
    onProgress((SECTIONS_SHARE * number) / report.sections.length);
  }
  document.switchToPage(contentsPage - 1);
  drawContents(sheet, places);
  drawMargins(sheet, report, (page) => places.findLast((place) => place.page <= page)?.title ?? 'Contents');
  sheet.end();
  document.flushPages();
  for (const [index, attachment] of attachments.entries()) {
    await embedFile(document, attachment);
    onProgress(SECTIONS_SHARE + ((1 - SECTIONS_SHARE) * (index + 1)) / attachments.length);
  }
  document.end();
  await written;
  return sheet.pages;
}

function createDocument({ cover, id }: ReportDocument, createdAt: Date): PDFKit.PDFDocument {
  return new PDFDocument({
    size: [...PAGE.size],
    margin: 0,
    autoFirstPage: false,
    bufferPages: true,
    pdfVersion: '1.7',
    subset: 'PDF/A-3a',
    tagged: true,
    lang: 'en',
    displayTitle: true,
    info: {
      Title: plainXml(`${cover.title}: ${cover.subtitle}`),
      Subject: plainXml(`${cover.period}, report ${id}`),
      Author: 'Midwatch',
      Creator: 'Midwatch',
      Producer: 'Midwatch (PDFKit)',
      CreationDate: createdAt,
    },
  });
}

/** pdfkit writes what stands here into XMP as it is: no markup and nothing hidden may be in it. */
function plainXml(text: string): string {
  return makeVisible(text)
    .replaceAll('&', 'and')
    .replaceAll(/[<>]/g, (bracket) => (bracket === '<' ? '‹' : '›'));
}
