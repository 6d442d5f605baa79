import { randomBytes } from 'node:crypto';
import { inTransaction, type Pool } from '../db/pool.js';
import { appendDrafts, appendOrOwe, lockFleet } from '../ledger/append.js';
import { canonicalize } from '../ledger/canonical.js';
import { LedgerStopped } from '../ledger/head.js';
import type { ExportPlan, ExportScope } from './plan.js';

export interface SealedExport {
  /** What the entry is about, `Bundle:<id>`. */
  subject: string;
  /** Whether the ledger stands still and owes it. */
  isOwed: boolean;
}

/**
 * Seals that a bundle is given out, before its first byte is: without the entry there is no bundle. The entry follows the range
 * that is exported. A bundle that is streamed has no digest yet; its plan stands for it, since the same plan gives the same
 * bytes. While the ledger stands still it owes the entry of a bundle without content: entries can be read then as before, and
 * whoever has to find out what happened needs them. With content it throws LEDGER_INTEGRITY.
 */
export async function sealExport(
  pool: Pool,
  { plan, scope }: { plan: ExportPlan; scope: ExportScope },
  { actor, nowMs }: { actor: string; nowMs: number },
): Promise<SealedExport> {
  const { fleet, entries, content, size } = plan;
  const [from, to] = 'from' in entries ? [entries.from, entries.to] : [entries.seqs[0] ?? 0, lastOf(entries.seqs) + 1];
  const subject = `Bundle:${randomBytes(8).toString('hex')}`;
  const payload = canonicalize({
    actor,
    change: 'EXPORTED',
    checkpointSize: size,
    content: content === 'disclosed' ? 'DISCLOSED' : 'WITHHELD',
    conversationId: scope.kind === 'conversation' ? scope.id : null,
    decisionIds: scope.kind === 'decisions' ? [...scope.ids] : [],
    entries: 'from' in entries ? to - from : entries.seqs.length,
    from,
    scope: scope.kind.toUpperCase(),
    to,
  });
  const append = content === 'withheld' ? appendOrOwe : appendDrafts;
  const stopped = await inTransaction(pool, async (client) => {
    await lockFleet(client, fleet);
    return append(client, fleet, { drafts: [{ kind: 'EXPORT', subject, payload }], nowMs });
  });
  return { subject, isOwed: stopped instanceof LedgerStopped };
}

function lastOf(seqs: readonly number[]): number {
  return seqs.at(-1) ?? -1;
}
