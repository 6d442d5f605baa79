import type { KeyAssignments } from '../cost/provider/key-scope.js';
import { originOf } from '../cost/provider/pull.js';
import { type Reconciliation, reconcile } from '../cost/provider/reconcile.js';
import { readProviderUsage } from '../cost/provider/store.js';
import type { DayRange, SeenUsage } from '../cost/provider/usage.js';
import { AppError } from '../errors.js';
import type { ProviderSetting } from '../settings/settings.js';
import { DAY_MS, dayOf, shiftDay, startOfDay } from '../time.js';
import { type FigureGroup, type FigureRecords, readFigures } from './figures/read.js';
import { checkOrder } from './window.js';

/** A quarter: agents, models and days multiply. */
const DAYS_MAX = 92;

export interface CostReconciliation extends Reconciliation {
  range: DayRange;
}

interface ReconciliationRequest {
  fleet: string;
  /** Milliseconds since the epoch, `toMs` excluded; widened to whole days in UTC. */
  fromMs: number;
  toMs: number;
  providers: readonly ProviderSetting[];
}

/** The providers' figures of the fleet beside ours. Throws VALIDATION_FAILED for a range that is empty or too long. */
export async function readCostReconciliation(
  records: FigureRecords,
  { fleet, fromMs, toMs, providers }: ReconciliationRequest,
): Promise<CostReconciliation> {
  checkOrder({ fromMs, toMs });
  const range = { from: dayOf(fromMs), until: shiftDay(dayOf(toMs - 1), 1) };
  const days = (startOfDay(range.until) - startOfDay(range.from)) / DAY_MS;
  if (days > DAYS_MAX) {
    throw new AppError('VALIDATION_FAILED', `${days} days are too many: ask for at most ${DAYS_MAX}`, { path: ['to'] });
  }
  const [billed, seen] = await Promise.all([
    readProviderUsage(records.pool, fleet, range),
    readSeen(records, fleet, range),
  ]);
  return { range, ...reconcile({ billed, seen, assignments: assignmentsOf(providers, fleet) }) };
}

async function readSeen(records: FigureRecords, fleet: string, { from, until }: DayRange): Promise<SeenUsage[]> {
  const groups = await readFigures(records, {
    fleet,
    source: 'DECISIONS',
    fromMs: startOfDay(from),
    toMs: startOfDay(until),
    stepMs: DAY_MS,
    groupBy: ['PROVIDER', 'MODEL', 'AGENT'],
    filter: {},
    measures: ['inference_latency'],
  });
  return groups.filter(hasUsage).map((group) => seenUsage(group, from));
}

/** Decisions that called no model are nothing a provider could bill. */
function hasUsage({ figures: { counts, costPicodollars, summaries } }: FigureGroup): boolean {
  const tokens = counts.input_tokens + counts.output_tokens;
  return tokens > 0 || costPicodollars > 0n || (summaries.inference_latency?.count ?? 0) > 0;
}

function seenUsage(
  { labels, step, figures: { counts, costPicodollars, summaries } }: FigureGroup,
  from: string,
): SeenUsage {
  const [provider = '', model = '', agent = ''] = labels;
  return {
    day: shiftDay(from, step),
    provider,
    model,
    agent,
    figures: {
      // One latency is measured of each model call.
      requests: summaries.inference_latency?.count ?? 0,
      inputTokens: counts.input_tokens,
      outputTokens: counts.output_tokens,
      cacheReadTokens: counts.cache_read_tokens,
      cacheWriteTokens: counts.cache_write_tokens,
      costPicodollars,
    },
    unpricedDecisions: counts.unpriced,
  };
}

function assignmentsOf(providers: readonly ProviderSetting[], fleet: string): Map<string, KeyAssignments> {
  const assignments = new Map<string, KeyAssignments>();
  for (const setting of providers.filter((candidate) => candidate.fleet === fleet)) {
    const { provider } = originOf(setting);
    assignments.set(provider, { ...assignments.get(provider), ...setting.keys });
  }
  return assignments;
}
