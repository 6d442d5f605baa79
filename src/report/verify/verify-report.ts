import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import type { Trust } from '../../ledger/bundle/pin.js';
import { readTogether, type Together } from '../../ledger/bundle/together.js';
import type { BundleVerdict, Outcome } from '../../ledger/bundle/verdict.js';
import { type Vouch, verifyBundle } from '../../ledger/bundle/verify.js';
import { vouchBy } from '../../timestamp/vouch.js';
import { REPORT_GENERATOR } from '../generator.js';
import { CSV_NAME, FIGURES_NAME, INPUT_NAME, makeReport } from '../make.js';
import type { ReportInput } from '../request.js';
import { bearsReport } from './bears-report.js';
import { parseInput } from './input.js';
import { PdfFile } from './pdf-file.js';
import { PdfFault } from './pdf-value.js';
import { findReportEnd, readUpdate } from './signature.js';
import { judgeSignature, type SignatureTally, type SignatureTrust } from './signer.js';

/** What became of checking a report. */
export interface ReportVerdict {
  outcome: Outcome;
  /** What is wrong; null unless it is tampered or unreadable. */
  problem: string | null;
  /** Why it does not prove what it should. */
  reasons: readonly string[];
  /** Hex SHA-256 of the file: what the ledger's EXPORT entry of the report has to say. */
  sha256: string;
  /** What made it; null when that could not be read. */
  generator: string | null;
  /** Whether figures and pages are those that come of what is embedded. */
  figures: Comparison;
  pages: Comparison;
  /** What is said of its signature; null when it has none. */
  signature: (SignatureTally & { unsignedSha256: string }) | null;
  ledgers: readonly { fleet: string; verdict: BundleVerdict }[];
  /** What the bundles show of the installation together; empty when they have no word of it. */
  installations: readonly Together[];
}

export type Comparison = 'same' | 'different' | 'not compared';

/**
 * Checks a report: takes out what is embedded, checks the bundles believing nobody but `trust`, adds the figures up again and, if
 * this is the program that made it, makes the pages again. Never throws over what is in the file: that is the verdict.
 * `directory` must be empty; it is worked in.
 */
export async function verifyReport(
  file: string,
  { trust, signatures, directory }: { trust: Trust; signatures: SignatureTrust; directory: string },
): Promise<ReportVerdict> {
  const verdict: ReportVerdict = {
    outcome: 'unreadable',
    problem: null,
    reasons: [],
    sha256: await sha256Of(file),
    generator: null,
    figures: 'not compared',
    pages: 'not compared',
    signature: null,
    ledgers: [],
    installations: [],
  };
  try {
    const { size, reportEnd } = await findReportEnd(file);
    const part: Part = { file, length: reportEnd };
    const signature = reportEnd === size ? null : await checkSignature(part, signatures);
    const input = await extractAll(part, directory);
    const vouch = signatures.authorities === null ? null : vouchBy(signatures.authorities);
    const begun = { ...verdict, generator: input.generator };
    if (signature !== null && 'fault' in signature) {
      return { ...begun, outcome: 'tampered', problem: `its signature: ${signature.fault}` };
    }
    const missing =
      signatures.signers === null ? null : (signature?.doubt ?? (signature === null ? 'it has none' : null));
    const reasons = missing === null ? [] : [`its signature: ${missing}`];
    return await compare(part, { input, trust, vouch, directory, verdict: { ...begun, signature, reasons } });
  } catch (error) {
    if (!(error instanceof PdfFault)) throw error;
    // A report that is no PDF of ours any more was changed; what never was a report says nothing of one.
    const outcome = (await bearsReport(file)) ? 'tampered' : 'unreadable';
    return { ...verdict, outcome, problem: error.message };
  }
}

/** The report in a file: all of it but a signature that follows. */
interface Part {
  file: string;
  length: number;
}

async function checkSignature(
  { file, length }: Part,
  trust: SignatureTrust,
): Promise<ReportVerdict['signature'] | { fault: string }> {
  const pdf = await PdfFile.open(file, length);
  const part = await pdf.signedPart().finally(() => pdf.close());
  const tally = await judgeSignature(await readUpdate(file, part), trust, Date.now());
  return 'fault' in tally ? tally : { ...tally, unsignedSha256: await sha256Of(file, length) };
}

/** Puts everything a report was made from into the directory. */
async function extractAll({ file, length }: Part, directory: string): Promise<ReportInput> {
  const pdf = await PdfFile.open(file, length);
  try {
    const attachments = await pdf.attachments();
    const extract = async (name: string) => {
      const id = attachments.get(name);
      if (id === undefined) throw new PdfFault(`${name} is not embedded in it`);
      const handle = await fs.open(path.join(directory, name), 'wx', 0o600);
      try {
        await pdf.extract(id, async (chunk) => void (await handle.write(chunk)));
      } finally {
        await handle.close();
      }
    };
    await extract(INPUT_NAME);
    const json = await readBounded(path.join(directory, INPUT_NAME));
    const input = json === null ? null : parseInput(json);
    if (input === null) throw new PdfFault(`${INPUT_NAME} in it is not what a report is made from`);
    for (const name of [FIGURES_NAME, CSV_NAME, ...new Set(input.ledgers.map(({ bundle }) => bundle))])
      await extract(name);
    return input;
  } finally {
    await pdf.close();
  }
}

interface Comparing {
  vouch: Vouch | null;
  input: ReportInput;
  trust: Trust;
  directory: string;
  verdict: ReportVerdict;
}

async function compare(part: Part, { input, trust, vouch, directory, verdict }: Comparing): Promise<ReportVerdict> {
  const ledgers: { fleet: string; verdict: BundleVerdict }[] = [];
  for (const { fleet, bundle, bundleSha256 } of input.ledgers) {
    const bundleFile = path.join(directory, bundle);
    if ((await sha256Of(bundleFile)) !== bundleSha256) {
      return {
        ...verdict,
        outcome: 'tampered',
        problem: `the bundle of ${fleet} is not the one the report was made from`,
        ledgers,
      };
    }
    ledgers.push({ fleet, verdict: await verifyBundle(createReadStream(bundleFile), trust, vouch) });
  }
  const installations = readTogether(ledgers.map((each) => each.verdict));
  const checked = { ...verdict, ledgers, installations };
  const tampered = ledgers.find(({ verdict: { fault } }) => fault !== null);
  if (tampered !== undefined) {
    const { fault } = tampered.verdict;
    const place = fault?.seq === null || fault === null ? '' : `entry ${fault.seq}: `;
    return { ...checked, outcome: 'tampered', problem: `the ledger of ${tampered.fleet}: ${place}${fault?.problem}` };
  }
  const contradiction = installations.find((each) => each.contradiction !== null)?.contradiction ?? null;
  if (contradiction !== null) return { ...checked, outcome: 'tampered', problem: contradiction };
  const again = path.join(directory, 'again');
  await fs.mkdir(again, { mode: 0o700 });
  for (const { bundle } of input.ledgers)
    await fs.link(path.join(directory, bundle), path.join(again, bundle)).catch(tolerateExisting);
  const pdfFile = path.join(again, 'report.pdf');
  await makeReport({ input, directory: again, pdfFile, onProgress: () => undefined });
  const figures = await compareFiles([FIGURES_NAME, CSV_NAME], directory, again);
  const pages = input.generator === REPORT_GENERATOR ? await comparePdfs(part, pdfFile) : 'not compared';
  return conclude({ ...checked, figures, pages });
}

function conclude(verdict: ReportVerdict): ReportVerdict {
  const { figures, pages, ledgers, generator } = verdict;
  if (figures === 'different')
    return { ...verdict, outcome: 'tampered', problem: 'its figures are not those of its entries' };
  if (pages === 'different')
    return { ...verdict, outcome: 'tampered', problem: 'its pages are not those that come of its entries' };
  const reasons = [
    ...verdict.reasons,
    ...ledgers.flatMap(({ fleet, verdict: { reasons: each } }) =>
      each.map((reason) => (ledgers.length > 1 ? `${fleet}: ${reason}` : reason)),
    ),
    ...(pages === 'same'
      ? []
      : [`it was made by ${generator} and this is ${REPORT_GENERATOR}: its pages were not compared`]),
  ];
  return { ...verdict, outcome: reasons.length === 0 ? 'intact' : 'incomplete', reasons };
}

async function compareFiles(names: readonly string[], left: string, right: string): Promise<Comparison> {
  for (const name of names) {
    if ((await sha256Of(path.join(left, name))) !== (await sha256Of(path.join(right, name)))) return 'different';
  }
  return 'same';
}

/** Equal, or packed by another version of the same compression. */
async function comparePdfs({ file: checked, length }: Part, made: string): Promise<Comparison> {
  if ((await sha256Of(checked, length)) === (await sha256Of(made))) return 'same';
  const digests = [];
  for (const [file, end] of [[checked, length] as const, [made, undefined] as const]) {
    const pdf = await PdfFile.open(file, end);
    try {
      digests.push(await pdf.contentDigest());
    } finally {
      await pdf.close();
    }
  }
  return digests[0] === digests[1] ? 'same' : 'different';
}

const INPUT_BYTES_MAX = 8 * 1024 * 1024;

async function readBounded(file: string): Promise<string | null> {
  return (await fs.stat(file)).size > INPUT_BYTES_MAX ? null : fs.readFile(file, 'utf8');
}

/** Two ledgers of a report may name one bundle only if somebody made it so: it is one file then. */
function tolerateExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}

async function sha256Of(file: string, length?: number): Promise<string> {
  const digest = createHash('sha256');
  const options = length === undefined ? {} : { end: length - 1 };
  for await (const chunk of createReadStream(file, options)) digest.update(chunk);
  return digest.digest('hex');
}
