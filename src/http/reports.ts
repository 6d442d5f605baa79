import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Access } from '../access/access.js';
import type { ReadAccount } from '../access/content-reads.js';
import { mayEnter, requireOperation, type Viewer } from '../access/viewer.js';
import type { Pool } from '../db/pool.js';
import { AppError } from '../errors.js';
import type { ReportFiles } from '../report/job/files.js';
import { PDF_NAME, type ReportFile, type ReportRow } from '../report/job/report.js';
import { findReport } from '../report/job/store.js';
import { authenticate } from './entrance.js';

export interface ReportDownloads {
  access: Access;
  pool: Pool;
  files: ReportFiles;
  reads: ReadAccount;
}

/** `Report:` as ids have it may stand before the digits. */
const PATH = /^\/reports\/(?:Report(?::|%3A))?([0-9a-f]{16})\.(pdf|jsonl)$/;

const MEDIA_TYPES = { pdf: 'application/pdf', jsonl: 'application/x-ndjson' } as const;

export function isReportPath(path: string): boolean {
  return path.startsWith('/reports/');
}

/**
 * Sends a report's PDF or bundle, whole or in part (RFC 9110 section 14), to whoever may read every fleet it is about. A
 * browser that cannot set headers names the fleet as `?fleet=`.
 */
export async function handleReport(
  request: IncomingMessage,
  response: ServerResponse,
  { path, downloads }: { path: string; downloads: ReportDownloads },
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    throw new AppError('METHOD_NOT_ALLOWED', `${path} answers GET`);
  }
  const viewer = await authenticate(request, downloads.access);
  const [, id, extension] = PATH.exec(path) ?? [];
  if (id === undefined || (extension !== 'pdf' && extension !== 'jsonl')) {
    throw new AppError('NOT_FOUND', 'there is no such report: its paths are /reports/<id>.pdf and /reports/<id>.jsonl');
  }
  const named = new URL(request.url ?? '/', 'http://localhost').searchParams.get('fleet') ?? undefined;
  const header = request.headers['x-fleet-id'];
  const fleet = await downloads.access.enterFleet(viewer, (Array.isArray(header) ? header[0] : header) ?? named);
  requireOperation(viewer, 'reports.use');
  const report = await findReport(downloads.pool, fleet, id);
  const { file, told } = requireFile(report, { viewer, extension, named: named ?? fleet });
  if (request.method === 'GET') await tellOfDownload(downloads.reads, { fleet, viewer, report: told });
  await send(request, response, { id, file, type: MEDIA_TYPES[extension], files: downloads.files });
}

/** Throws NOT_FOUND, with what to do, for what is not there to be had. */
function requireFile(
  report: ReportRow | null,
  { viewer, extension, named }: { viewer: Viewer; extension: 'pdf' | 'jsonl'; named: string },
): { file: ReportFile; told: ReportRow } {
  if (report === null || !report.request.fleets.every((each) => mayEnter(viewer, each))) {
    throw new AppError('NOT_FOUND', 'there is no such report');
  }
  if (report.state !== 'DONE') {
    const hint = report.state === 'EXPIRED' ? 'its files were let go: ask for it again' : `it is ${report.state}`;
    throw new AppError('NOT_FOUND', `the report cannot be downloaded: ${hint}`);
  }
  const bundles = report.files.filter(({ name }) => name !== PDF_NAME);
  const file =
    extension === 'pdf'
      ? report.files.find(({ name }) => name === PDF_NAME)
      : bundles.length === 1
        ? bundles[0]
        : bundles.find(({ name }) => name === `bundle-${named}.jsonl`);
  if (file !== undefined) return { file, told: report };
  throw new AppError('NOT_FOUND', `name one of the fleets with ?fleet=: ${report.request.fleets.join(', ')}`);
}

/** Each ledger that the report is about tells who gets it, where content is in it. Whose it is, they say only of a fleet's own. */
async function tellOfDownload(
  reads: ReadAccount,
  { fleet, viewer, report: { id, disclosed, request } }: { fleet: string; viewer: Viewer; report: ReportRow },
): Promise<void> {
  if (disclosed === null || disclosed.length === 0) return;
  const fleets = [...new Set([fleet, ...request.fleets])];
  const decisionIds = fleets.length === 1 ? disclosed : [];
  const read = { actor: viewer.subject, contents: 'REPORT' as const, decisionIds, of: { report: `Report:${id}` } };
  for (const each of fleets) await reads.tell({ ...read, fleet: each });
}

interface Sent {
  id: string;
  file: ReportFile;
  type: string;
  files: ReportFiles;
}

async function send(
  request: IncomingMessage,
  response: ServerResponse,
  { id, file, type, files }: Sent,
): Promise<void> {
  const tag = `"${file.sha256}"`;
  const name = file.name === PDF_NAME ? `midwatch-report-${id}.pdf` : `midwatch-report-${id}-${file.name}`;
  const headers = {
    etag: tag,
    'accept-ranges': 'bytes',
    'cache-control': 'private, no-cache',
    'content-type': type,
    'content-disposition': `attachment; filename="${name}"`,
    'x-content-type-options': 'nosniff',
    'repr-digest': `sha-256=:${Buffer.from(file.sha256, 'hex').toString('base64')}:`,
  };
  if (matches(request.headers['if-none-match'], tag)) {
    response.writeHead(304, { etag: tag }).end();
    return;
  }
  const range = rangeOf(request, { tag, bytes: file.bytes });
  if (range === 'unsatisfiable') {
    response.writeHead(416, { ...headers, 'content-range': `bytes */${file.bytes}`, 'content-length': 0 }).end();
    return;
  }
  const { start, end } = range ?? { start: 0, end: file.bytes - 1 };
  const status = range === null ? 200 : 206;
  const partial = range === null ? {} : { 'content-range': `bytes ${start}-${end}/${file.bytes}` };
  const handle = await files.open(id, file);
  response.writeHead(status, { ...headers, ...partial, 'content-length': end - start + 1 });
  if (request.method === 'HEAD') {
    await handle.close();
    response.end();
    return;
  }
  // A client that goes away in the middle is no failure: it comes back with a range.
  await pipeline(handle.createReadStream({ start, end }), response).catch(() => response.destroy());
}

function matches(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  return header.trim() === '*' || header.split(',').some((each) => each.trim().replace(/^W\//, '') === tag);
}

/** The one range that is asked for; null for all of it, also where several are, or where the file is another by now. */
function rangeOf(
  request: IncomingMessage,
  { tag, bytes }: { tag: string; bytes: number },
): { start: number; end: number } | 'unsatisfiable' | null {
  const header = request.headers.range;
  const condition = request.headers['if-range'];
  if (header === undefined || (typeof condition === 'string' && condition.trim() !== tag)) return null;
  const [, from = '', to = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header.trim()) ?? [];
  if (from === '' && to === '') return null;
  const start = from === '' ? Math.max(0, bytes - Number(to)) : Number(from);
  const end = from === '' || to === '' ? bytes - 1 : Math.min(Number(to), bytes - 1);
  if (start >= bytes || (from === '' && Number(to) === 0)) return 'unsatisfiable';
  return start > end ? null : { start, end };
}
