import { createReadStream, createWriteStream } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { parsePinnedKey, type Trust } from '../ledger/bundle/pin.js';
import { verifyBundle } from '../ledger/bundle/verify.js';
import { type CanonicalValue, canonicalize } from '../ledger/canonical.js';
import type { VerifierKey } from '../ledger/note/key.js';
import { type Policy, PolicyFault, parsePolicy } from '../ledger/note/policy.js';
import { parseNote } from '../ledger/note/signed-note.js';
import type { LedgerData } from './document/data.js';
import { arrangeReport } from './document/document.js';
import { Calendar } from './document/wording.js';
import { CSV_HEAD, csvLine } from './facts/csv.js';
import { AmendmentFinder, type Figures, Gatherer } from './facts/gather.js';
import type { LedgerFact } from './facts/payload.js';
import { readBundle } from './facts/read-bundle.js';
import type { Attachment } from './pdf/attachment.js';
import { renderPdf } from './pdf/render.js';
import { type LedgerInput, type ReportInput, scopeOf } from './request.js';

export interface MakeOptions {
  input: ReportInput;
  /** Where the bundles lie, and where what is made is put. */
  directory: string;
  /** The PDF to be made; it must not exist. */
  pdfFile: string;
  /** Called with the share that is done, 0 to 1. */
  onProgress: (share: number) => void;
}

export interface MadeReport {
  pages: number;
  decisions: number;
}

const GATHERED_SHARE = 0.5;

/**
 * Makes a report of its input and its bundles, and of nothing else: no clock, no database. The same input gives the same
 * bytes, so that whoever has the PDF can make it again from what is embedded in it.
 */
export async function makeReport({ input, directory, pdfFile, onProgress }: MakeOptions): Promise<MadeReport> {
  const calendar = new Calendar(input.request.timeZone);
  const csv = createWriteStream(path.join(directory, CSV_NAME), { mode: 0o600 });
  csv.write(CSV_HEAD);
  const ledgers: LedgerData[] = [];
  for (const ledger of input.ledgers) {
    ledgers.push(
      await readLedger(ledger, { input, directory, calendar, onDecision: (fact) => csv.write(csvLine(fact)) }),
    );
    onProgress((GATHERED_SHARE * ledgers.length) / input.ledgers.length);
  }
  await new Promise<void>((resolve, reject) => csv.once('error', reject).end(resolve));
  const figures = figuresOf(ledgers);
  await writeJson(path.join(directory, INPUT_NAME), input);
  await writeJson(path.join(directory, FIGURES_NAME), figures);
  const pages = await renderPdf({
    report: arrangeReport({ input, ledgers, calendar }),
    attachments: attachmentsOf(input, directory),
    createdAt: latestOf(ledgers, input),
    file: pdfFile,
    onProgress: (share) => onProgress(GATHERED_SHARE + (1 - GATHERED_SHARE) * share),
  });
  return { pages, decisions: ledgers.reduce((sum, { facts }) => sum + facts.figures.total.decisions, 0) };
}

export const INPUT_NAME = 'report.json';
export const FIGURES_NAME = 'figures.json';
export const CSV_NAME = 'decisions.csv';

/** The figures as they are embedded for machines. */
export function figuresOf(ledgers: readonly LedgerData[]): { ledgers: { fleet: string; figures: Figures }[] } {
  return { ledgers: ledgers.map(({ input, facts }) => ({ fleet: input.fleet, figures: facts.figures })) };
}

export interface ReadOptions {
  input: ReportInput;
  directory: string;
  calendar: Calendar;
  onDecision: (fact: LedgerFact) => void;
}

/** Verifies a bundle and adds up what is in it. Throws what reading a file throws. */
export async function readLedger(ledger: LedgerInput, options: ReadOptions): Promise<LedgerData> {
  const { input, directory, calendar, onDecision } = options;
  const file = path.join(directory, ledger.bundle);
  const finder = new AmendmentFinder();
  const keys: string[] = [];
  let policy: string | null = null;
  let checkpoint: string | null = null;
  await readBundle(file, {
    entry: (fact) => finder.take(fact),
    key: (vkey) => keys.push(vkey),
    policy: (text) => {
      policy = text;
    },
    checkpoint: (note) => {
      checkpoint = note;
    },
  });
  const verdict = await verifyBundle(createReadStream(file), trustOf(keys, policy));
  const gatherer = new Gatherer({
    scope: scopeOf(input.request, ledger),
    calendar,
    dossierIds: ledger.dossierIds,
    amendments: finder.amendments,
    onDecision,
  });
  await readBundle(file, { entry: (fact, hash, openings) => gatherer.take(fact, hash, openings) });
  return {
    input: ledger,
    verdict,
    facts: gatherer.facts(),
    checkpoint: checkpoint === null ? null : (parseNote(checkpoint)?.text ?? null),
  };
}

/**
 * What travels with a bundle, which shows that it agrees with itself: whether it is to be believed is the reader's to say, and so is
 * how many witnesses that takes. Those that cosigned by then are told.
 */
function trustOf(keys: readonly string[], policyText: string | null): Trust {
  const logs = keys
    .map((vkey) => parsePinnedKey(vkey))
    .filter((key): key is VerifierKey => key !== null && 'name' in key);
  const { logs: named = [], witnesses = [] } = policyText === null ? {} : readPolicy(policyText);
  return { key: null, policy: { logs: logs.length > 0 ? logs : named, witnesses, quorum: null }, held: [] };
}

function readPolicy(text: string): Partial<Policy> {
  try {
    return parsePolicy(text);
  } catch (error) {
    // A policy that cannot be read adds no witnesses; the verifier that matters reads its own.
    if (error instanceof PolicyFault) return {};
    throw error;
  }
}

async function writeJson(file: string, value: object): Promise<void> {
  await fs.writeFile(file, `${canonicalize(JSON.parse(JSON.stringify(value)) as CanonicalValue)}\n`, { mode: 0o600 });
}

function attachmentsOf(input: ReportInput, directory: string): Attachment[] {
  const at = (name: string) => path.join(directory, name);
  return [
    ...input.ledgers.map(
      ({ bundle, fleet }): Attachment => ({
        name: bundle,
        mediaType: 'application/x-ndjson',
        description: `Entries, openings, proofs and policy of ${fleet}`,
        relationship: 'Source',
        file: at(bundle),
      }),
    ),
    {
      name: INPUT_NAME,
      mediaType: 'application/json',
      description: 'What was asked for',
      relationship: 'Source',
      file: at(INPUT_NAME),
    },
    {
      name: FIGURES_NAME,
      mediaType: 'application/json',
      description: 'The figures of the pages',
      relationship: 'Data',
      file: at(FIGURES_NAME),
    },
    {
      name: CSV_NAME,
      mediaType: 'text/csv',
      description: 'A line for each decision',
      relationship: 'Supplement',
      file: at(CSV_NAME),
    },
  ];
}

/** When the last entry was sealed: a report knows no other now. */
function latestOf(ledgers: readonly LedgerData[], { request }: ReportInput): Date {
  const times = ledgers.flatMap(({ verdict }) => verdict.entries.lastRecordedAt ?? []).map((text) => Date.parse(text));
  return new Date(times.length === 0 ? request.toMs : Math.max(...times));
}
