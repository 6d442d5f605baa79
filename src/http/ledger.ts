import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Access } from '../access/access.js';
import { parseFleetId } from '../access/fleet-id.js';
import { requireOperation, type Viewer } from '../access/viewer.js';
import { AppError } from '../errors.js';
import { ROOT_LOG } from '../ledger/publish/origin.js';
import { isOfEntries, type LedgerResource } from '../ledger/publish/resource.js';
import type { TimestampResource } from '../timestamp/resource.js';
import { authenticate } from './entrance.js';

export interface LedgerOptions {
  access: Access;
  /** Reads what lies under a path of a log, the empty fleet's being that of the installation. */
  readLedger: (fleet: string, path: string) => Promise<LedgerResource>;
  /** The same beside the log of the installation, for a path below `timestamp/`. */
  readTimestamp: (path: string) => Promise<TimestampResource>;
}

/** A path of C2SP tlog-tiles in a fleet's log, or in that of the installation. */
export interface LedgerPath {
  fleet: string;
  path: string;
}

const LEDGER_PATH = /^\/ledger\/(?:([^/]+)\/)?(checkpoint|tile\/.*|timestamp\/.*)$/;

/** What `/ledger/<fleet>/…` or `/ledger/…` names; null when it is neither. */
export function parseLedgerPath(path: string): LedgerPath | null {
  const [, fleet = ROOT_LOG, rest] = LEDGER_PATH.exec(path) ?? [];
  return rest === undefined ? null : { fleet, path: rest };
}

const compress = promisify(gzip);

/** Callers differ in what they may read, so that nobody between them and us may keep an answer. */
const KEPT = 'private, max-age=31536000, immutable';
const TYPES: Record<(LedgerResource | TimestampResource)['kind'], Record<string, string>> = {
  checkpoint: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-cache' },
  tile: { 'content-type': 'application/octet-stream', 'cache-control': KEPT },
  token: { 'content-type': 'application/vnd.etsi.timestamp-token', 'cache-control': KEPT },
  entries: { 'content-type': 'application/octet-stream', 'cache-control': KEPT, vary: 'accept-encoding' },
};

/** Answers as C2SP tlog-tiles says, and with time-stamps of the log of the installation, to whoever may read the ledger. */
export async function handleLedger(
  request: IncomingMessage,
  response: ServerResponse,
  { named: { fleet, path }, options }: { named: LedgerPath; options: LedgerOptions },
): Promise<void> {
  const { access, readLedger, readTimestamp } = options;
  const viewer = await authenticate(request, access);
  requireOperation(viewer, 'ledger.read');
  if (fleet !== ROOT_LOG) await access.enterFleet(viewer, parseFleetId(fleet, 'the path'));
  else if (isOfEntries(path)) requireEveryFleet(viewer);
  const isOfTime = fleet === ROOT_LOG && path.startsWith('timestamp/');
  const { kind, body } = await (isOfTime ? readTimestamp(path) : readLedger(fleet, path));
  const isGzip = kind === 'entries' && /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  const sent = isGzip ? await compress(body) : body;
  response.writeHead(200, {
    ...TYPES[kind],
    ...(isGzip ? { 'content-encoding': 'gzip' } : {}),
    'content-length': sent.length,
  });
  response.end(request.method === 'HEAD' ? undefined : sent);
}

/** Its leaves name every fleet, and say how much each of them does. */
function requireEveryFleet({ fleets }: Viewer): void {
  if (fleets === '*') return;
  throw new AppError(
    'FORBIDDEN',
    'the leaves of the log of the installation are for credentials that open every fleet',
  );
}
