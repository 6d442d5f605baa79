import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeReport } from '../../src/report/make.js';
import type { ReportInput } from '../../src/report/request.js';
import { PdfFile } from '../../src/report/verify/pdf-file.js';
import { PdfFault } from '../../src/report/verify/pdf-value.js';
import { MemoryLedger } from '../support/bundle.js';
import { makeDecision, makeStep } from '../support/decision.js';
import {
  dossierItem,
  type LedgerItem,
  monthOfItems,
  type ReportBundle,
  writeReportBundle,
} from '../support/report-bundle.js';
import { hasPython, reportInput, verifyBytes, verifyInPython } from '../support/report-file.js';

const HOSTILE = 'a\u202eb\u0007 <script>&amp; %PDF-1.4 endstream endobj (\\) =1+1 \u05d0\u05d1 日本 \u{1f600} ]]>';

let root: string;
let bundle: ReportBundle;
let input: ReportInput;
let pdf: string;
beforeAll(async () => {
  root = mkdtempSync(path.join(tmpdir(), 'midwatch-pdf-'));
  const items = monthOfItems(60);
  const hostile: LedgerItem = {
    atMs: Date.UTC(2026, 9, 31),
    isDisclosed: true,
    decision: makeDecision({
      id: 'hostile',
      agent: HOSTILE,
      model: HOSTILE,
      startedAtMs: Date.UTC(2026, 9, 30),
      endedAtMs: Date.UTC(2026, 9, 30, 1),
      input: HOSTILE.repeat(2_000),
      output: HOSTILE,
      steps: [makeStep({ toolName: HOSTILE, arguments: HOSTILE, result: 'x'.repeat(100_000), outcome: 'ERROR' })],
    }),
  };
  bundle = await writeReportBundle(
    path.join(root, 'bundle.jsonl'),
    [dossierItem(Date.UTC(2026, 9, 1, 5)), ...items, hostile],
    { others: [new MemoryLedger({ size: 3, fleet: 'archive' })] },
  );
  input = reportInput(bundle, {
    request: { preset: 'AUTHORITY', timeZone: 'Europe/Berlin' },
    ledger: {
      dossierIds: ['loan-2026-000417', 'hostile'],
      stored: { humanReviews: 1, guardrails: 1, failedGuardrails: 0, anomalies: { LOOP: 2 } },
    },
    settings: {
      retentionMs: { HIGH_RISK: null, ROUTINE: 86_400_000, ADMIN: null },
      sampling: { HIGH_RISK: '1', ROUTINE: '0.1', ADMIN: '1' },
    },
  });
  pdf = path.join(root, 'report.pdf');
  await makeReport({ input, directory: root, pdfFile: pdf, onProgress: () => undefined });
}, 120_000);
afterAll(() => rmSync(root, { recursive: true }));

const verified = (bytes: Buffer) => verifyBytes(bytes, { root, bundle });

describe('a report as a file', () => {
  it('is the same, byte for byte, when it is made again', async () => {
    const again = path.join(root, 'again.pdf');
    await makeReport({ input, directory: root, pdfFile: again, onProgress: () => undefined });
    expect(readFileSync(again).equals(readFileSync(pdf))).toBe(true);
  });

  it('has everything in it that it was made from', async () => {
    const file = await PdfFile.open(pdf);
    const names = [...(await file.attachments()).keys()].sort();
    await file.close();
    expect(names).toEqual(['bundle.jsonl', 'decisions.csv', 'figures.json', 'report.json']);
    expect(await verified(readFileSync(pdf))).toMatchObject({
      outcome: 'intact',
      figures: 'same',
      pages: 'same',
      installations: [{ leftOut: ['archive'], contradiction: null }],
    });
  }, 60_000);

  it('names no more in its metadata than it should, whatever is in the record', () => {
    const text = readFileSync(pdf, 'latin1');
    const xmp = text.slice(text.indexOf('<x:xmpmeta'), text.indexOf('</x:xmpmeta>'));
    expect(xmp).toContain('<pdfaid:part>3</pdfaid:part>');
    expect(xmp).not.toContain('<script>');
  });

  // ISO 32000-1 section 14.8.4: another type would have to be mapped to one of these (ISO 19005-3, 6.7.3.4).
  it('tells what is what in types that every reader knows', () => {
    const types = readFileSync(pdf, 'latin1').matchAll(/\n\/S \/(\w+)\n(?=\/P )/g);
    const standard =
      'Document Sect BlockQuote TOC TOCI P H1 H2 H3 L LI LBody Table TR TH TD Figure Code Link Span'.split(' ');
    const used = new Set([...types].map(([, type]) => type));
    expect(used).toContain('Table');
    expect([...used].filter((type) => !standard.includes(type ?? ''))).toEqual([]);
  });

  it('tells where links lead to, and of which column or row a cell is the head', () => {
    const objects = readFileSync(pdf, 'latin1').split('\nendobj\n');
    const links = objects.filter((object) => object.includes('/Subtype /Link'));
    expect(links.length).toBeGreaterThan(5);
    for (const link of links) expect(link).toMatch(/\/Contents \(Section \d+, page \d+\)[\s\S]*\/StructParent \d+/);
    const heads = objects.filter((object) => object.includes('\n/S /TH\n'));
    for (const head of heads) expect(head).toMatch(/\/Scope \/(Column|Row)/);
  });

  it('is told to be changed when its bundle, figures or pages are', async () => {
    const made = { ...input, request: { ...input.request, agents: ['loan-officer'] } };
    const directory = mkdtempSync(path.join(root, 'other-'));
    writeFileSync(path.join(directory, 'bundle.jsonl'), readFileSync(bundle.file));
    const other = path.join(directory, 'other.pdf');
    await makeReport({ input: made, directory, pdfFile: other, onProgress: () => undefined });
    expect(await verified(readFileSync(other))).toMatchObject({ outcome: 'intact' });
    const edited = await writeReportBundle(path.join(directory, 'bundle.jsonl'), monthOfItems(59));
    const lying = { ...input, ledgers: input.ledgers.map((ledger) => ({ ...ledger, bundleSha256: edited.sha256 })) };
    const liar = path.join(directory, 'liar.pdf');
    await makeReport({
      input: { ...lying, generator: 'midwatch 0.0.1, layout 0' },
      directory,
      pdfFile: liar,
      onProgress: () => undefined,
    });
    expect(await verified(readFileSync(liar))).toMatchObject({
      outcome: 'incomplete',
      pages: 'not compared',
      figures: 'same',
    });
    writeFileSync(path.join(directory, 'bundle.jsonl'), readFileSync(bundle.file));
    const swapped = path.join(directory, 'swapped.pdf');
    await makeReport({ input: lying, directory, pdfFile: swapped, onProgress: () => undefined });
    expect(await verified(readFileSync(swapped))).toMatchObject({
      outcome: 'tampered',
      problem: expect.stringContaining('not the one'),
    });
  }, 120_000);

  it('is refused when something follows it, or it breaks off', async () => {
    const bytes = readFileSync(pdf);
    for (const odd of [Buffer.concat([bytes, bytes]), bytes.subarray(0, -1), bytes.subarray(1)]) {
      expect(await verified(odd)).toMatchObject({ outcome: 'tampered', problem: expect.any(String) });
    }
    for (const none of [Buffer.alloc(0), Buffer.from('%PDF-1.7\n')]) {
      expect(await verified(none)).toMatchObject({ outcome: 'unreadable' });
    }
  });

  it('is refused when a bit is another in what is packed, of pages or of what is embedded', async () => {
    const bytes = readFileSync(pdf);
    const streams = [...bytes.toString('latin1').matchAll(/\/Filter \/FlateDecode\n[\s\S]{0,200}?\nstream\n/g)];
    expect(streams.length).toBeGreaterThan(5);
    for (const stream of [streams[0], streams.at(streams.length / 2), streams.at(-1)] as RegExpExecArray[]) {
      const changed = Buffer.from(bytes);
      const at = stream.index + stream[0].length + 10;
      changed[at] = (changed[at] as number) ^ 1;
      expect(await verified(changed)).toMatchObject({ outcome: 'tampered' });
    }
  });

  it('is refused when it names an object that other readers do not find', async () => {
    const text = readFileSync(pdf, 'latin1');
    const page = /\/Pg \d+ 0 R/.exec(text) as RegExpExecArray;
    const at = page.index + page[0].length - 'x R'.length;
    expect(await verified(Buffer.from(`${text.slice(0, at)}1${text.slice(at + 1)}`, 'latin1'))).toMatchObject({
      outcome: 'tampered',
    });
  });

  it('has no byte that can be changed unseen', async () => {
    const bytes = readFileSync(pdf);
    const digestOf = async (changed: Buffer) => {
      const file = path.join(root, 'mutated.pdf');
      writeFileSync(file, changed);
      const opened = await PdfFile.open(file);
      try {
        return await opened.contentDigest();
      } finally {
        await opened.close();
      }
    };
    const whole = await digestOf(bytes);
    // The marker line and the checksums of deflate are no content: a change there is found by the file's own hash.
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] as number) ^ flip;
        const digest = await digestOf(changed).catch((error: unknown) => {
          expect(error).toBeInstanceOf(PdfFault);
          return null;
        });
        if (digest === whole) expect(isContent(bytes, at) && !isSpaced(bytes, changed, at)).toBe(false);
      }),
      { numRuns: 60 },
    );
  }, 120_000);
});

describe.skipIf(!hasPython)('the second verifier, of a report', () => {
  const run = (bytes: Buffer, ...options: string[]) => verifyInPython(bytes, { root, bundle, options });

  it('says the same of its ledgers, and that it did not compare its pages', async () => {
    const bytes = readFileSync(pdf);
    const { sha256, ledgers } = await verified(bytes);
    const { status, verdict } = run(bytes);
    expect(status).toBe(2);
    expect(verdict).toMatchObject({ outcome: 'incomplete', problem: null, sha256, figures: 'not compared' });
    expect(verdict.reasons).toEqual([expect.stringContaining('npx midwatch verify')]);
    const [{ verdict: known }] = ledgers as [(typeof ledgers)[number]];
    const { outcome, entries, openings, published } = known;
    expect(verdict.ledgers).toMatchObject([{ fleet: 'prod', verdict: { outcome, entries, openings, published } }]);
  });

  it('keeps the bundle of it for who asks', () => {
    const folder = path.join(root, 'extracted');
    expect(run(readFileSync(pdf), '--extract', folder).status).toBe(2);
    expect(readFileSync(path.join(folder, 'bundle.jsonl'))).toEqual(readFileSync(bundle.file));
    expect(run(readFileSync(pdf), '--extract', folder)).toMatchObject({ status: 3, verdict: null });
  });

  it('refuses what is no report, and one whose bundle is another', async () => {
    const bytes = readFileSync(pdf);
    for (const odd of [Buffer.concat([bytes, bytes]), bytes.subarray(0, -1)]) {
      expect(run(odd)).toMatchObject({ status: 1, stderr: '', verdict: { outcome: 'tampered' } });
    }
    const none = Buffer.from('%PDF-1.7\n');
    expect(run(none)).toMatchObject({ status: 3, stderr: '', verdict: { outcome: 'unreadable' } });
    const directory = mkdtempSync(path.join(root, 'swapped-'));
    await writeReportBundle(path.join(directory, 'bundle.jsonl'), monthOfItems(3));
    const swapped = path.join(directory, 'swapped.pdf');
    await makeReport({ input, directory, pdfFile: swapped, onProgress: () => undefined });
    expect(run(readFileSync(swapped))).toMatchObject({
      status: 1,
      verdict: { outcome: 'tampered', problem: 'the bundle of prod is not the one the report was made from' },
    });
  });

  it('has a verdict on every file that somebody changed', () => {
    const bytes = readFileSync(pdf);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] as number) ^ flip;
        const { status, stderr } = run(changed);
        // The first bytes say that it is a PDF; without them it is taken for a bundle, and refused as one.
        expect({ status, stderr }).toEqual({ status: expect.toBeOneOf([1, 2, 3]), stderr: '' });
      }),
      { numRuns: 20 },
    );
  }, 60_000);
});

/** Whether white space became other white space, which says the same to every reader (ISO 32000-1 section 7.2.2). */
function isSpaced(before: Buffer, after: Buffer, at: number): boolean {
  const white = [0x00, 0x09, 0x0a, 0x0c, 0x0d, 0x20];
  return [before, after].every((bytes) => white.includes(bytes[at] as number));
}

/** Whether a byte says something: white space between values, lengths and the table of objects say where things are. */
function isContent(bytes: Buffer, at: number): boolean {
  if (at < 15) return false;
  const line = bytes.toString('latin1', bytes.lastIndexOf('\n', at - 1) + 1, at + 30);
  return !/^(\/Length|\d+ 0 obj|xref|trailer|\d{10} |\/(Size|Info|ID|Root)|startxref|%%EOF|\d+\n|\s)/.test(line);
}
