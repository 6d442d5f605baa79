import {
  closeSync,
  createReadStream,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AppError } from '../errors.js';
import { parseHeld } from '../ledger/bundle/held.js';
import { type PinnedKey, parsePinnedKey, type Trust } from '../ledger/bundle/pin.js';
import { findStrays } from '../ledger/bundle/strays.js';
import { readTogether } from '../ledger/bundle/together.js';
import type { BundleVerdict, Outcome } from '../ledger/bundle/verdict.js';
import { type Vouch, verifyBundle } from '../ledger/bundle/verify.js';
import { readPolicyFile } from '../ledger/policy-file.js';
import type { ReportVerdict } from '../report/verify/verify-report.js';
import { type Command, JSON_OPTION } from './command.js';
import type { CommandInput } from './input.js';
import { printJson, printLine } from './output.js';
import { describeReport, describeSeveral, describeVerdict } from './verify-report.js';

const EXIT_CODES: Readonly<Record<Outcome, number>> = { intact: 0, tampered: 1, incomplete: 2, unreadable: 3 };

export const verify: Command = {
  name: 'verify',
  summary: 'Check exported ledger bundles or reports offline: no server, no database.',
  positionals: ['FILE…'],
  options: {
    'public-key': {
      value: 'KEY',
      help: 'The log’s key, had from elsewhere: a C2SP verifier key, PEM, 32 bytes in hex or base64, or a file with one.',
    },
    policy: { value: 'FILE', help: 'A C2SP tlog-policy: keys, witnesses, and how many must have cosigned.' },
    checkpoint: {
      value: 'FILE',
      isRepeatable: true,
      help: 'A checkpoint kept from before: the ledger must continue it.',
    },
    'signature-roots': {
      value: 'FILE',
      help: 'Certificates in PEM: a report’s signature has to be of one that follows from these.',
    },
    'timestamp-roots': {
      value: 'FILE',
      help: 'Certificates in PEM of time-stamping authorities that are believed.',
    },
    json: JSON_OPTION,
  },
  exit: {
    help: '0 intact, 1 tampered, 2 incomplete or not provable, 3 bad usage or unreadable',
    failure: EXIT_CODES.unreadable,
  },
  run: async (input) => {
    const files = input.rest('FILE…');
    const trust = readTrust(input);
    const checked: Checked[] = [];
    for (const file of files) checked.push(await checkFile(file, trust, input));
    const bundles = checked.flatMap(({ verdict }) => bundlesOf(verdict));
    const strays = findStrays(trust.held, bundles);
    const [first] = checked;
    if (first !== undefined && checked.length === 1) {
      const only = { ...first, verdict: lessen(first.verdict, strays) };
      if (input.has('json')) printJson({ file: only.file, ...only.verdict });
      else printLine(describe(only));
      return EXIT_CODES[only.verdict.outcome];
    }
    const installations = readTogether(bundles);
    if (input.has('json')) {
      printJson({ files: checked.map(({ file, verdict }) => ({ file, ...verdict })), installations, reasons: strays });
    } else printLine([...checked.map(describe), describeSeveral(installations, strays)].join('\n\n'));
    const isContradicted = installations.some(({ contradiction }) => contradiction !== null);
    const { outcome } = lessen(
      { outcome: worstOf(checked.map(({ verdict }) => verdict.outcome)), reasons: [] },
      strays,
    );
    return EXIT_CODES[isContradicted ? 'tampered' : outcome];
  },
};

/** A bundle or a report, and what is said of it. */
interface Checked {
  file: string;
  verdict: BundleVerdict | ReportVerdict;
}

/** Of a report: what is said of those that are embedded in it. */
function bundlesOf(verdict: BundleVerdict | ReportVerdict): BundleVerdict[] {
  return 'ledgers' in verdict ? verdict.ledgers.map((each) => each.verdict) : [verdict];
}

function describe({ file, verdict }: Checked): string {
  return 'ledgers' in verdict ? describeReport(file, verdict) : describeVerdict(file, verdict);
}

/** The verdict where more should have been shown than was. */
function lessen<T extends Pick<BundleVerdict, 'outcome' | 'reasons'>>(verdict: T, missing: readonly string[]): T {
  const { outcome, reasons } = verdict;
  if (missing.length === 0 || (outcome !== 'intact' && outcome !== 'incomplete')) return verdict;
  return { ...verdict, outcome: 'incomplete', reasons: [...reasons, ...missing] };
}

/** What is wrong weighs more than what is missing, and what was not read at all more than that. */
const WORST_FIRST: readonly Outcome[] = ['tampered', 'unreadable', 'incomplete', 'intact'];

function worstOf(outcomes: readonly Outcome[]): Outcome {
  return WORST_FIRST.find((outcome) => outcomes.includes(outcome)) ?? 'unreadable';
}

async function checkFile(file: string, trust: Trust, input: CommandInput): Promise<Checked> {
  if (isPdf(file)) return { file, verdict: await verifyPdf(file, trust, input) };
  return { file, verdict: await verifyFile(file, trust, await readVouch(input)) };
}

const PDF_START = '%PDF-';

function isPdf(file: string): boolean {
  const start = Buffer.alloc(PDF_START.length);
  try {
    const descriptor = openSync(file, 'r');
    readSync(descriptor, start, 0, start.length, 0);
    closeSync(descriptor);
  } catch {
    // Whoever reads it next says what is wrong with it.
    return false;
  }
  return start.toString('latin1') === PDF_START;
}

/** A report is checked by what is embedded in it, and made again; what that takes is removed. */
async function verifyPdf(file: string, trust: Trust, input: CommandInput): Promise<ReportVerdict> {
  // What makes pages, and what reads certificates, takes longer to load than most bundles to check.
  const { verifyReport } = await import('../report/verify/verify-report.js');
  const { readRootsFile } = await import('../timestamp/roots.js');
  const readRoots = (option: string) => {
    const roots = input.value(option);
    return roots === undefined ? null : readRootsFile(roots, `--${option}`);
  };
  const signatures = { signers: readRoots('signature-roots'), authorities: readRoots('timestamp-roots') };
  const directory = mkdtempSync(path.join(tmpdir(), 'midwatch-verify-'));
  try {
    return await verifyReport(file, { trust, signatures, directory });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** What reads certificates takes longer to load than most bundles to check. */
async function readVouch(input: CommandInput): Promise<Vouch | null> {
  const file = input.value('timestamp-roots');
  if (file === undefined) return null;
  const { readRootsFile } = await import('../timestamp/roots.js');
  const { vouchBy } = await import('../timestamp/vouch.js');
  return vouchBy(readRootsFile(file, '--timestamp-roots'));
}

async function verifyFile(file: string, trust: Trust, vouch: Vouch | null): Promise<BundleVerdict> {
  try {
    return await verifyBundle(createReadStream(file), trust, vouch);
  } catch (cause) {
    if (!isFileError(cause)) throw cause;
    throw new AppError('VALIDATION_FAILED', `${file} cannot be read: ${cause.message}`, { cause });
  }
}

function readTrust(input: CommandInput): Trust {
  const key = input.value('public-key');
  const policy = input.value('policy');
  return {
    key: key === undefined ? null : readKey(key),
    policy: policy === undefined ? null : readPolicyFile(policy, '--policy'),
    held: input.values('checkpoint').map(readHeld),
  };
}

function readKey(text: string): PinnedKey {
  const key = parsePinnedKey(text) ?? (existsSync(text) ? parsePinnedKey(readText(text, '--public-key')) : null);
  if (key !== null) return key;
  throw new AppError(
    'VALIDATION_FAILED',
    `--public-key: ${text} is neither an Ed25519 key nor a file with one: give a C2SP verifier key, a PEM, or 32 bytes in hex or base64`,
  );
}

function readHeld(file: string): string {
  const note = readText(file, '--checkpoint');
  if (parseHeld(note) !== null) return note;
  throw new AppError('VALIDATION_FAILED', `--checkpoint: ${file} is no signed checkpoint`);
}

function readText(file: string, option: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    if (!isFileError(cause)) throw cause;
    throw new AppError('VALIDATION_FAILED', `${option}: ${file} cannot be read: ${cause.message}`, { cause });
  }
}

function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}
