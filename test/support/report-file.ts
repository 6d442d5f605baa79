import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { REPORT_GENERATOR } from '../../src/report/generator.js';
import type { LedgerInput, ReportInput } from '../../src/report/request.js';
import type { SignatureTrust } from '../../src/report/verify/signer.js';
import { type ReportVerdict, verifyReport } from '../../src/report/verify/verify-report.js';
import type { ReportBundle } from './report-bundle.js';

interface ReportChanges {
  request?: Partial<ReportInput['request']>;
  ledger?: Partial<LedgerInput>;
  settings?: Partial<ReportInput['settings']>;
}

/** What a report of October over one bundle is made from; for an auditor, without dossiers, unless it is changed. */
export function reportInput({ file, sha256 }: ReportBundle, changes: ReportChanges = {}): ReportInput {
  return {
    format: 'midwatch-report/1',
    generator: REPORT_GENERATOR,
    id: '0123456789abcdef',
    request: {
      preset: 'AUDITOR',
      fleets: ['prod'],
      fromMs: Date.UTC(2026, 9, 1),
      toMs: Date.UTC(2026, 10, 1),
      agents: null,
      riskClasses: null,
      decisionId: null,
      conversationId: null,
      subject: null,
      timeZone: 'UTC',
      ...changes.request,
    },
    ledgers: [
      {
        fleet: 'prod',
        bundle: path.basename(file),
        bundleSha256: sha256,
        decisionIds: null,
        dossierIds: [],
        stored: { humanReviews: 0, guardrails: 0, failedGuardrails: 0, anomalies: {} },
        ...changes.ledger,
      },
    ],
    settings: {
      retentionMs: { HIGH_RISK: null, ROUTINE: null, ADMIN: null },
      sampling: { HIGH_RISK: '1', ROUTINE: '1', ADMIN: '1' },
      alertRules: 0,
      ...changes.settings,
    },
  };
}

const NOBODY: SignatureTrust = { signers: null, authorities: null };

/** What `midwatch verify` says of a report that has these bytes; files lie below `root` for as long as it takes. */
export async function verifyBytes(
  bytes: Buffer,
  { root, bundle, signatures = NOBODY }: { root: string; bundle: ReportBundle; signatures?: SignatureTrust },
): Promise<ReportVerdict> {
  const folder = mkdtempSync(path.join(root, 'verify-'));
  const file = path.join(folder, 'checked.pdf');
  writeFileSync(file, bytes);
  const directory = mkdtempSync(path.join(root, 'work-'));
  const trust = { key: bundle.key, policy: null, held: [] };
  const verdict = await verifyReport(file, { trust, signatures, directory });
  rmSync(folder, { recursive: true });
  rmSync(directory, { recursive: true });
  return verdict;
}

const VERIFIER = path.resolve(import.meta.dirname, '../../verifier/midwatch_verify.py');

/** Where there is none, the second verifier is not tested. */
export const hasPython = spawnSync('python3', ['--version']).status === 0;
if (!hasPython) process.stderr.write('python3 is not installed: the second verifier is not tested\n');

/** The same of the second verifier. */
export function verifyInPython(
  bytes: Buffer,
  { root, bundle, options = [] }: { root: string; bundle: ReportBundle; options?: readonly string[] },
) {
  const file = path.join(mkdtempSync(path.join(root, 'python-')), 'report.pdf');
  writeFileSync(file, bytes);
  const args = ['-B', VERIFIER, file, '--public-key', bundle.vkey, '--json', ...options];
  const { status, stdout, stderr } = spawnSync('python3', args, { encoding: 'utf8' });
  return { status, stderr, verdict: stdout === '' ? null : JSON.parse(stdout) };
}
