import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Block, Section } from '../../src/report/document/block.js';
import { arrangeReport } from '../../src/report/document/document.js';
import { Calendar } from '../../src/report/document/wording.js';
import { readLedger } from '../../src/report/make.js';
import type { LedgerInput } from '../../src/report/request.js';
import { MemoryLedger } from '../support/bundle.js';
import { monthOfItems, writeReportBundle } from '../support/report-bundle.js';
import { reportInput } from '../support/report-file.js';

let root: string;
beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), 'midwatch-fleets-'));
});
afterAll(() => rmSync(root, { recursive: true }));

/** The integrity statement and the cover of a report about a fleet of an installation that has these others. */
async function arrange(others: readonly MemoryLedger[] | undefined) {
  const bundle = `bundle-${others?.length ?? 'none'}.jsonl`;
  const written = await writeReportBundle(
    path.join(root, bundle),
    monthOfItems(5),
    others === undefined ? {} : { others },
  );
  const input = reportInput(written);
  const [ledger] = input.ledgers as [LedgerInput];
  const calendar = new Calendar('UTC');
  const data = await readLedger(ledger, { input, directory: root, calendar, onDecision: () => undefined });
  const report = arrangeReport({ input, ledgers: [data], calendar });
  const { blocks } = report.sections.find(({ id }) => id === 'integrity') as Section;
  return {
    cover: report.cover.rows.find(({ label }) => label === 'Fleet')?.value,
    callouts: blocks.filter((block) => block.kind === 'callout').map(({ tone, title }) => ({ tone, title })),
    rows: (blocks.find(({ kind }) => kind === 'table') as Extract<Block, { kind: 'table' }> | undefined)?.rows.map(
      (row) => row.map(({ text }) => (typeof text === 'string' ? text : text.map((span) => span.text).join(''))),
    ),
  };
}

describe('the integrity statement of a report', () => {
  it('names the fleets that the report leaves out', async () => {
    const others = [new MemoryLedger({ size: 3, fleet: 'zoo' }), new MemoryLedger({ size: 0, fleet: 'archive' })];
    const { cover, callouts, rows } = await arrange(others);
    expect(cover).toBe('prod: 1 of the 3 fleets of the installation');
    expect(callouts).toEqual([{ tone: 'attention', title: '2 of 3 fleets are not in this report' }]);
    const entries = rows?.[0]?.[1];
    expect(rows).toEqual([
      ['prod', entries, `seq 0 to ${Number(entries) - 1}`],
      ['archive', '0', 'left out'],
      ['zoo', '3', 'left out'],
    ]);
  });

  it('says that none is left out, or that nothing shows it', async () => {
    expect(await arrange([])).toMatchObject({
      cover: 'prod: no fleet of the installation is left out',
      callouts: [{ tone: 'good', title: 'No fleet is left out' }],
    });
    expect(await arrange(undefined)).toEqual({
      cover: 'prod',
      callouts: [{ tone: 'attention', title: 'Nothing is said of other fleets' }],
      rows: undefined,
    });
  });
});
