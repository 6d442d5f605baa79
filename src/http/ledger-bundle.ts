import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Access } from '../access/access.js';
import { parseFleetId } from '../access/fleet-id.js';
import { requireOperation } from '../access/viewer.js';
import type { SealedExport } from '../export/export-entry.js';
import type { ExportScope } from '../export/plan.js';
import { authenticate } from './entrance.js';

export interface BundleOptions {
  access: Access;
  /**
   * Settles a bundle of the fleet's ledger without content. What it resolves to seals who gets it, or has the ledger owe that
   * while it stands still, and gives it in portions. Rejects with NOT_FOUND when there is nothing of what was chosen, and with
   * UNAVAILABLE while nothing is published.
   */
  openBundle: (fleet: string, scope: ExportScope) => Promise<(actor: string) => Promise<OpenedBundle>>;
}

export interface OpenedBundle extends SealedExport {
  portions: AsyncIterable<string>;
}

const PATH = /^\/ledger\/([^/]+)\/bundle\.jsonl$/;

/** The fleet of `/ledger/<fleet>/bundle.jsonl`; null when the path is another. */
export function parseBundlePath(path: string): string | null {
  return PATH.exec(path)?.[1] ?? null;
}

/**
 * Sends a bundle (docs/LEDGER.md) as it is read, in constant memory, to whoever may read the ledger: of the whole ledger, or
 * of the entries about `?decision=`. Prompts, answers, arguments and results are withheld: whoever needs them asks for a
 * report, which is sealed.
 */
export async function handleLedgerBundle(
  request: IncomingMessage,
  response: ServerResponse,
  { named, options: { access, openBundle } }: { named: string; options: BundleOptions },
): Promise<void> {
  const viewer = await authenticate(request, access);
  requireOperation(viewer, 'ledger.read');
  const fleet = await access.enterFleet(viewer, parseFleetId(named, 'the path'));
  const decision = new URL(request.url ?? '/', 'http://localhost').searchParams.get('decision');
  const scope: ExportScope =
    decision === null ? { kind: 'range', from: 0, to: null } : { kind: 'decisions', ids: [decision] };
  const begin = await openBundle(fleet, scope);
  const bundle = request.method === 'HEAD' ? null : await begin(viewer.subject);
  response.writeHead(200, {
    'content-type': 'application/x-ndjson',
    'content-disposition': `attachment; filename="midwatch-ledger-${fleet}.jsonl"`,
    'cache-control': 'private, no-store',
    'x-content-type-options': 'nosniff',
    ...(bundle === null ? {} : { 'x-midwatch-export': `${bundle.subject}; ${bundle.isOwed ? 'owed' : 'sealed'}` }),
  });
  if (bundle === null) {
    response.end();
    return;
  }
  // What was cut off lacks its last line, which the verifier asks for.
  await pipeline(Readable.from(bundle.portions), response).catch(() => response.destroy());
}
