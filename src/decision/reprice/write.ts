import type { Clock } from '../../clock.js';
import type { PriceVersion } from '../../cost/price-list.js';
import { groupRows } from '../../db/group.js';
import { type Client, inTransaction, type Pool } from '../../db/pool.js';
import { appendAfter } from '../../ledger/append.js';
import { canonicalize } from '../../ledger/canonical.js';
import { entryPortions } from '../../ledger/portions.js';
import type { FigureWriter } from '../../metric/write.js';
import { daysAround, OWN_DAYS, TRACE_DAYS } from '../days.js';
import { timestamp } from '../record/payload.js';
import { lockStanding } from '../record/standing.js';
import {
  type CostChange,
  contributionsOfChanges,
  findChanges,
  NO_CHANGES,
  PRICED_SELECTION,
  type PricedRow,
  type Pricing,
  type RepriceTally,
  tallyOf,
} from './change.js';

/** What entries of re-pricings are about: no decision of its own. */
const SUBJECT = 'prices';

export interface RepriceTools {
  pool: Pool;
  writer: FigureWriter;
  pricing: Pricing;
  version: PriceVersion;
  clock: Clock;
}

export interface RepriceRange {
  fromMs: number;
  /** Excluded. */
  toMs: number;
}

/**
 * Prices some decisions of one day again, in one transaction that holds the fleet's row: the decisions, the figures and what
 * the ledger says of each, its cost before and after, in as few entries as hold them. Writes nothing when nothing changes.
 */
export async function repriceBatch(
  tools: RepriceTools,
  { fleet, day, range }: { fleet: string; day: string; range: RepriceRange },
  ids: readonly string[],
): Promise<RepriceTally> {
  const { pool, writer, pricing } = tools;
  try {
    return await inTransaction(pool, async (client) => {
      const { head } = await lockStanding(
        client,
        { fleet, days: { first: day, last: day }, nowMs: tools.clock.now() },
        [],
      );
      // Read again, under the lock: an amendment may have come between.
      const changes = findChanges(await readRows(client, { fleet, day }, ids), pricing);
      if (changes.length === 0) return NO_CHANGES;
      const tally = tallyOf(changes);
      await updateDecisions(client, fleet, changes);
      await writer.write(
        client,
        fleet,
        contributionsOfChanges(changes, await readCallers(client, { fleet, day }, changes)),
      );
      await appendAfter(client, fleet, head, {
        drafts: entryPortions(changes, changed).map((part) => ({
          kind: 'REPRICE',
          subject: SUBJECT,
          payload: payloadOf(part, { ...tools, range }),
        })),
        recordedAt: timestamp(Math.max(tools.clock.now(), head.recordedAtMs)),
      });
      return tally;
    });
  } catch (error) {
    writer.forget(fleet);
    throw error;
  }
}

function payloadOf(
  changes: readonly CostChange[],
  { pricing, version, range }: RepriceTools & { range: RepriceRange },
): string {
  return canonicalize({
    from: timestamp(range.fromMs),
    to: timestamp(range.toMs),
    model: pricing.model,
    priceList: version.list,
    ownPrices: version.own,
    ...tallyOf(changes),
    changes: changes.map(changed),
  });
}

function changed({ row, costUsd }: CostChange): { [key: string]: string | null } {
  return { id: row.id, costUsdBefore: row.cost_usd, costUsdAfter: costUsd };
}

interface Place {
  fleet: string;
  day: string;
}

async function readRows(client: Client, { fleet, day }: Place, ids: readonly string[]): Promise<PricedRow[]> {
  const { rows } = await client.query<PricedRow>(
    `SELECT ${PRICED_SELECTION} FROM decision d
     WHERE d.fleet_id = $1 AND d.sealed_on = ANY($2::date[]) AND d.id = ANY($3::text[]) AND d.cost_source IS NULL
     ORDER BY d.id`,
    [fleet, daysAround(day, OWN_DAYS), ids],
  );
  return rows;
}

/** The agents that invoked the decisions, by decision: what is counted as a call between agents. */
async function readCallers(
  client: Client,
  { fleet, day }: Place,
  changes: readonly CostChange[],
): Promise<Map<string, string>> {
  const { rows } = await client.query<{ id: string; caller: string }>(
    `SELECT child.id, parent.agent AS caller FROM decision child
     JOIN decision parent ON parent.fleet_id = child.fleet_id AND parent.id = child.parent_id
       AND parent.sealed_on = ANY($3::date[])
     WHERE child.fleet_id = $1 AND child.sealed_on = ANY($2::date[]) AND child.id = ANY($4::text[])`,
    [fleet, daysAround(day, OWN_DAYS), daysAround(day, TRACE_DAYS), changes.map(({ row }) => row.id)],
  );
  return new Map(rows.map(({ id, caller }) => [id, caller]));
}

/** Steps stay as they are: their digests in the ledger commit to what each cost when it was recorded. */
async function updateDecisions(client: Client, fleet: string, changes: readonly CostChange[]): Promise<void> {
  for (const [day, ofDay] of groupRows(changes, ({ row }) => row.sealed_on)) {
    await client.query(
      `UPDATE decision d SET cost_usd = priced.cost_usd, calls = priced.calls
       FROM unnest($3::text[], $4::numeric[], $5::jsonb[]) AS priced (id, cost_usd, calls)
       WHERE d.fleet_id = $1 AND d.sealed_on = $2::date AND d.id = priced.id`,
      [
        fleet,
        day,
        ofDay.map(({ row }) => row.id),
        ofDay.map(({ costUsd }) => costUsd),
        ofDay.map(({ calls }) => JSON.stringify(calls)),
      ],
    );
  }
}
