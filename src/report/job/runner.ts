import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Clock } from '../../clock.js';
import { inTransaction, type Pool } from '../../db/pool.js';
import type { DecisionCalendar } from '../../decision/calendar.js';
import { AppError } from '../../errors.js';
import { exportBundle } from '../../export/export-bundle.js';
import type { ExportPlan } from '../../export/plan.js';
import { appendDrafts, lockFleet } from '../../ledger/append.js';
import { canonicalize } from '../../ledger/canonical.js';
import { awaitRooted } from '../../ledger/publish/root-wish.js';
import type { Log } from '../../log.js';
import { awaitStamped } from '../../timestamp/stamp-wish.js';
import { REPORT_GENERATOR } from '../generator.js';
import type { MadeReport } from '../make.js';
import type { InstallationFacts, LedgerInput, ReportInput } from '../request.js';
import type { ReportSigner } from '../signature/sign-report.js';
import type { ReportFiles } from './files.js';
import { makeInThread } from './maker.js';
import { type LedgerPlan, planLedger } from './plan.js';
import { PDF_NAME, type ReportFile, type ReportRow } from './report.js';
import { completeReport, isErasedSince } from './store.js';

export interface MakeTools {
  pool: Pool;
  calendar: DecisionCalendar;
  files: ReportFiles;
  /** Publishes a fleet's ledger as far as it is committed now. */
  publish: (fleet: string) => Promise<void>;
  settings: InstallationFacts;
  /** The witness policy as it stands in bundles; null where none is set. */
  policyText: string | null;
  /** Null: reports are not signed. */
  signer: ReportSigner | null;
  clock: Clock;
  log: Log;
}

/** How the work divides: reading entries, and making the document of them. */
const EXPORTED_SHARE = 0.4;
const MADE_SHARE = 0.98;

/**
 * Makes a report from its row to its files and its hash in the ledger. What it reads is published first. Rejects with what
 * keeps it from being made; on abort too, and then nothing is left but a draft.
 */
export async function runReport(
  tools: MakeTools,
  report: ReportRow,
  { onProgress, signal }: { onProgress: (share: number) => void; signal: AbortSignal },
): Promise<void> {
  const { pool, files, publish, settings } = tools;
  const { id, request, cuts } = report;
  const begunAt = new Date(tools.clock.now());
  for (const fleet of request.fleets) await publish(fleet);
  const hasWitnesses = tools.policyText !== null;
  for (const { fleet, size } of cuts) await awaitRooted(pool, { fleet, size, hasWitnesses });
  const plans = [];
  for (const cut of cuts) plans.push(await planLedger(tools, cut, request));
  for (const plan of plans) await awaitStamped(pool, { fleet: plan.fleet, size: endOf(plan) }, tools.clock.now());
  const directory = await files.begin(id);
  const total = Math.max(
    1,
    plans.map(entryCount).reduce((sum, count) => sum + count, 0),
  );
  let read = 0;
  const ledgers: LedgerInput[] = [];
  for (const plan of plans) {
    signal.throwIfAborted();
    ledgers.push(
      await exportLedger(pool, plan, {
        directory,
        policy: tools.policyText,
        name: plans.length === 1 ? 'bundle.jsonl' : `bundle-${plan.fleet}.jsonl`,
        onEntries: (count) => {
          read += count;
          onProgress((EXPORTED_SHARE * read) / total);
          signal.throwIfAborted();
        },
      }),
    );
  }
  const input: ReportInput = {
    format: 'midwatch-report/1',
    generator: REPORT_GENERATOR,
    id,
    request,
    ledgers,
    settings,
  };
  const made = await makeInThread(
    { input, directory, pdfFile: path.join(directory, PDF_NAME) },
    { onProgress: (share) => onProgress(EXPORTED_SHARE + (MADE_SHARE - EXPORTED_SHARE) * share), signal },
  );
  const unsignedSha256 = (await tools.signer?.sign(path.join(directory, PDF_NAME))) ?? null;
  const kept = await files.keep(id, [PDF_NAME, ...ledgers.map(({ bundle }) => bundle)]);
  await complete(tools, report, { made, kept, ledgers, begunAt, unsignedSha256 });
}

function entryCount({ entries }: LedgerPlan): number {
  return entries.scope === 'range' ? entries.to - entries.from : entries.seqs.length;
}

/** The seq after the last entry of the bundle: what its checkpoint has to cover. */
function endOf({ entries }: Pick<LedgerPlan, 'entries'>): number {
  return entries.scope === 'range' ? entries.to : (entries.seqs.at(-1) ?? -1) + 1;
}

async function exportLedger(
  pool: Pool,
  { fleet, entries, decisionIds, dossierIds, stored }: LedgerPlan,
  {
    directory,
    name,
    policy,
    onEntries,
  }: { directory: string; name: string; policy: string | null; onEntries: (count: number) => void },
): Promise<LedgerInput> {
  const exported: ExportPlan = {
    fleet,
    entries: entries.scope === 'range' ? { from: entries.from, to: entries.to } : { seqs: entries.seqs },
    about: entries.scope === 'range' ? [] : ['decisions that were asked for'],
    content: 'disclosed',
    contentOf: dossierIds,
    size: endOf({ entries }),
  };
  const digest = createHash('sha256');
  await pipeline(
    Readable.from(exportBundle({ pool, plan: exported, generator: REPORT_GENERATOR, policy, progressed: onEntries })),
    async function* (chunks: AsyncIterable<string>) {
      for await (const chunk of chunks) {
        digest.update(chunk);
        yield chunk;
      }
    },
    createWriteStream(path.join(directory, name), { flags: 'wx', mode: 0o600 }),
  );
  return { fleet, bundle: name, bundleSha256: digest.digest('hex'), decisionIds, dossierIds, stored };
}

interface Made {
  made: MadeReport;
  kept: readonly ReportFile[];
  ledgers: readonly LedgerInput[];
  begunAt: Date;
  /** Of the file before it was signed; null where it was not. */
  unsignedSha256: string | null;
}

/** Seals the report's hash in the ledger of every fleet it is about, in the transaction that says it is done. */
async function complete(
  { pool, clock }: MakeTools,
  report: ReportRow,
  { made, kept, ledgers, begunAt, unsignedSha256 }: Made,
): Promise<void> {
  const { fleet, id, request, requestedBy, schedule } = report;
  const pdf = kept.find(({ name }) => name === PDF_NAME);
  if (pdf === undefined) throw new AppError('INTERNAL', 'the report has no file');
  const nowMs = clock.now();
  const payload = canonicalize({
    actor: requestedBy,
    bundles: ledgers.map(({ fleet: of, bundleSha256 }) => ({ fleet: of, sha256: bundleSha256 })),
    bytes: pdf.bytes,
    change: 'REPORTED',
    decisions: made.decisions,
    fleets: [...request.fleets],
    from: new Date(request.fromMs).toISOString(),
    preset: request.preset,
    schedule,
    scope: scopeName(request),
    sha256: pdf.sha256,
    to: new Date(request.toMs).toISOString(),
    ...(unsignedSha256 === null ? {} : { unsignedSha256 }),
  });
  await inTransaction(pool, async (client) => {
    const fleets = [...new Set([fleet, ...request.fleets])].sort();
    for (const each of fleets) await lockFleet(client, each);
    for (const { fleet: of, dossierIds } of ledgers) {
      if (await isErasedSince(client, of, { decisionIds: dossierIds, since: begunAt })) {
        throw new AppError('UNAVAILABLE', 'content in it was erased while it was made: it is made anew');
      }
    }
    for (const each of fleets) {
      await appendDrafts(client, each, { drafts: [{ kind: 'EXPORT', subject: `Report:${id}`, payload }], nowMs });
    }
    const { rows } = await client.query<{ seq: number }>(
      'SELECT max(seq) AS seq FROM ledger_entry WHERE fleet_id = $1',
      [fleet],
    );
    await completeReport(client, report, {
      ...made,
      files: kept,
      sha256: pdf.sha256,
      disclosed: ledgers.flatMap(({ dossierIds }) => dossierIds),
      entrySeq: rows[0]?.seq ?? 0,
      finishedAt: new Date(nowMs),
    });
  });
}

/** The ledger never says whom a report is about. */
function scopeName({ decisionId, conversationId, subject }: ReportRow['request']): string {
  if (subject !== null) return 'SUBJECT';
  if (conversationId !== null) return 'CONVERSATION';
  return decisionId === null ? 'PERIOD' : 'DECISION';
}
