import { type Clock, systemClock } from '../../src/clock.js';
import type { Pool } from '../../src/db/pool.js';
import { DecisionCalendar } from '../../src/decision/calendar.js';
import { exportBundle } from '../../src/export/export-bundle.js';
import { type ExportPlan, type ExportScope, planExport } from '../../src/export/plan.js';
import type { Trust } from '../../src/ledger/bundle/pin.js';
import type { BundleVerdict } from '../../src/ledger/bundle/verdict.js';
import { verifierKey } from '../../src/ledger/note/key.js';
import { findCurrentKey } from '../../src/ledger/publish/keys.js';
import { originOf, readInstallation } from '../../src/ledger/publish/origin.js';
import { noteOf } from '../../src/ledger/publish/proofs.js';
import { findNewestCheckpoint } from '../../src/ledger/publish/store.js';
import { check } from './bundle.js';

const WHOLE: ExportScope = { kind: 'range', from: 0, to: null };

export interface ExportAsk {
  fleet?: string;
  scope?: ExportScope;
  content?: ExportPlan['content'];
  policy?: string | null;
  clock?: Clock;
  /** How much of the ledger was published when it was planned. */
  extent?: number | null;
}

/** The bundle that is handed out now. */
export async function exportText(pool: Pool, ask: ExportAsk = {}): Promise<string> {
  const {
    fleet = 'default',
    scope = WHOLE,
    content = 'disclosed',
    policy = null,
    clock = systemClock,
    extent = null,
  } = ask;
  const calendar = new DecisionCalendar({ pool, clock });
  const plan = await planExport({ pool, calendar }, { fleet, scope, content, extent });
  let text = '';
  const bundle = exportBundle({ pool, plan, generator: 'midwatch test', policy, progressed: () => undefined });
  for await (const chunk of bundle) text += chunk;
  return text;
}

/** What an auditor pins on the day all is well: the key that signs a fleet's ledger. */
export async function pinKey(pool: Pool, fleet = 'default'): Promise<Trust> {
  const key = await findCurrentKey(pool, fleet);
  const origin = originOf(await readInstallation(pool), fleet);
  return { key: key && verifierKey(origin, key.publicKey, 'note'), policy: null, held: [] };
}

/** The checkpoint an auditor keeps. */
export async function keepCheckpoint(pool: Pool, fleet = 'default'): Promise<string> {
  const newest = await findNewestCheckpoint(pool, fleet);
  return newest === null ? '' : noteOf(newest);
}

/** Exports and verifies. */
export async function audit(pool: Pool, trust: Trust, ask: ExportAsk = {}): Promise<BundleVerdict> {
  return check(await exportText(pool, ask), trust, { pieceBytes: 65_536 });
}
