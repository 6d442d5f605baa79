import { mayEnter } from '../../access/viewer.js';
import { PDF_NAME, REPORT_STATES, type ReportRow } from '../../report/job/report.js';
import { findReport, listReports } from '../../report/job/store.js';
import { PRESETS } from '../../report/request.js';
import { builder } from '../builder.js';
import { connectionType, pageArguments, pageComplexity, readPageRequest, toConnection } from '../connection.js';
import type { GraphQLContext } from '../context.js';
import { REPORT_CURSOR } from '../cursor.js';
import { describedEnum, RiskClassEnum } from '../enums.js';
import { formatGlobalId, parseGlobalId } from '../global-id.js';
import { clampInt } from '../int.js';
import { LedgerEntryRef, NodeRef, ReportRef } from '../refs.js';

export const ReportPresetEnum = describedEnum('ReportPreset', {
  description: 'For whom a report is.',
  values: PRESETS,
  descriptions: {
    AUTHORITY: 'Everything, with the dossiers of the decisions that somebody would ask about first.',
    AUDITOR: 'The record, its integrity, what people did, changes, access, and the controls it gives evidence for.',
    INDIVIDUAL: 'The decisions about one person in plain words, with nothing of other people.',
  },
});

const ReportStateEnum = describedEnum('ReportState', {
  description: 'What became of a report.',
  values: REPORT_STATES,
  descriptions: {
    QUEUED: 'It waits to be made.',
    RUNNING: 'It is being made.',
    DONE: 'It can be downloaded, and its hash is sealed in the ledger.',
    FAILED: 'It could not be made: `error` says why. Asking for it again makes it anew.',
    EXPIRED: 'Its files were let go. Its hash stays in the ledger; asking for it again makes it anew.',
  },
});

ReportRef.implement({
  description: 'A compliance report that was asked for, how far it is, and what came of it.',
  interfaces: [NodeRef],
  fields: (t) => ({
    id: t.id({ description: '`Report:<16 hex digits>`.', resolve: ({ id }) => formatGlobalId('Report', id) }),
    state: t.expose('state', { type: ReportStateEnum, description: 'Whether it waits, is made, or is done.' }),
    progress: t.exposeFloat('progress', { description: 'The share that is done, 0 to 1: entries read, pages drawn.' }),
    schedule: t.exposeString('schedule', { nullable: true, description: 'The schedule that asked for it.' }),
    requestedBy: t.exposeString('requestedBy', { description: 'Who asked for it.' }),
    requestedAt: t.expose('requestedAt', { type: 'DateTime', description: 'When.' }),
    finishedAt: t.expose('finishedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was done, or given up.',
    }),
    error: t.exposeString('error', { nullable: true, description: 'Why it, or its last attempt, failed.' }),
    pages: t.exposeInt('pages', { nullable: true, description: 'How many pages it has.' }),
    decisions: t.int({
      nullable: true,
      description: 'How many decisions it is about.',
      resolve: ({ decisions }) => (decisions === null ? null : clampInt(decisions)),
    }),
    sizeBytes: t.float({
      nullable: true,
      description: 'Of the PDF.',
      resolve: ({ files }) => files.find(({ name }) => name === PDF_NAME)?.bytes ?? null,
    }),
    sha256: t.exposeString('sha256', { nullable: true, description: 'Of the PDF, in hex: what the ledger sealed.' }),
    pdfUrl: t.string({
      nullable: true,
      description: 'The path of the PDF; needs the same credential.',
      resolve: (report) => pathOf(report, 'pdf'),
    }),
    bundleUrl: t.string({
      nullable: true,
      description: 'The path of the ledger bundle that the PDF has embedded; with several fleets, add `?fleet=`.',
      resolve: (report) => pathOf(report, 'jsonl'),
    }),
    ledgerEntry: t.field({
      type: LedgerEntryRef,
      nullable: true,
      description: 'What seals its hash; null until it is done.',
      operations: ['ledger.read'],
      resolve: ({ entrySeq }, _args, { loaders }) => (entrySeq === null ? null : loaders.entry.load(entrySeq)),
    }),
  }),
});

/** What it is about. */
builder.objectFields(ReportRef, (t) => ({
  preset: t.field({
    type: ReportPresetEnum,
    description: 'For whom it is.',
    resolve: ({ request }) => request.preset,
  }),
  fleets: t.stringList({
    description: 'The fleets that it is about.',
    resolve: ({ request }) => [...request.fleets],
  }),
  from: t.field({
    type: 'DateTime',
    description: 'From when on decisions started, and everything else was sealed.',
    resolve: ({ request }) => new Date(request.fromMs),
  }),
  to: t.field({
    type: 'DateTime',
    description: 'Until before this.',
    resolve: ({ request }) => new Date(request.toMs),
  }),
  agents: t.stringList({
    nullable: true,
    description: 'Only these agents; null: all.',
    resolve: ({ request }) => request.agents && [...request.agents],
  }),
  riskClasses: t.field({
    type: [RiskClassEnum],
    nullable: true,
    description: 'Only these classes; null: all.',
    resolve: ({ request }) => request.riskClasses && [...request.riskClasses],
  }),
  decisionId: t.id({
    nullable: true,
    description: 'The decision that it is about.',
    resolve: ({ request }) => request.decisionId,
  }),
  conversationId: t.string({
    nullable: true,
    description: 'The conversation that it is about.',
    resolve: ({ request }) => request.conversationId,
  }),
  subject: t.string({
    nullable: true,
    description: 'The person that it is about, by the id that telemetry gave; the ledger never has it.',
    resolve: ({ request }) => request.subject,
  }),
  timeZone: t.string({ description: 'Whose days and hours it tells.', resolve: ({ request }) => request.timeZone }),
}));

function pathOf({ id, state }: ReportRow, extension: string): string | null {
  return state === 'DONE' ? `/reports/${id}.${extension}` : null;
}

/** A report of the viewer's fleet, if the viewer may read every fleet it is about. */
export async function findOwnReport(
  { viewer, fleet, services: { pool } }: Pick<GraphQLContext, 'viewer' | 'fleet' | 'services'>,
  key: string,
): Promise<ReportRow | null> {
  const report = await findReport(pool, fleet, key);
  return report?.request.fleets.every((each) => mayEnter(viewer, each)) ? report : null;
}

/** The key that an id names a report by; the bare digits, as they stand in its paths, name it too. */
export function reportKeyOf(id: string): string {
  const { type, key } = parseGlobalId(id);
  return type === 'Report' || type === 'Decision' ? key : '';
}

const ReportConnection = connectionType(ReportRef);
const REPORT_LIST = { kind: REPORT_CURSOR, keyOf: ({ place }: ReportRow) => place };

builder.queryFields((t) => ({
  report: t.field({
    type: ReportRef,
    nullable: true,
    description: 'A report by its id. Example: `report(id: "Report:3f2a91c04be7d518") { state progress pdfUrl }`.',
    operations: ['reports.use'],
    args: { id: t.arg.id({ required: true, description: '`Report:<16 hex digits>`.' }) },
    resolve: (_root, { id }, context) => findOwnReport(context, reportKeyOf(id)),
  }),
  reports: t.field({
    type: ReportConnection,
    description:
      'Reports that were asked for in this fleet, the newest first. Example: `reports(first: 10) { nodes { id state pdfUrl } }`.',
    operations: ['reports.use'],
    complexity: pageComplexity,
    args: { ...pageArguments },
    resolve: async (_root, args, { viewer, fleet, services: { pool } }) => {
      const page = readPageRequest(args, REPORT_CURSOR, fleet);
      const reports = await listReports({ pool, fleet, page });
      const rows = reports.rows.filter(({ request }) => request.fleets.every((each) => mayEnter(viewer, each)));
      return toConnection({ ...reports, rows }, fleet, REPORT_LIST);
    },
  }),
}));
