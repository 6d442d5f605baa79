import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.js';
import { acquireLease } from '../../src/db/lease.js';
import { createPool, inTransaction, type Pool, workUnderLease } from '../../src/db/pool.js';
import { appendDrafts, lockFleet } from '../../src/ledger/append.js';
import { createLog } from '../../src/log.js';
import { disarm } from '../support/disarm.js';
import { decisionInput, type GraphQLFixture, record, startGraphQL } from '../support/graphql.js';
import { leaseOf } from '../support/lease.js';

const log = createLog('silent');
let api: GraphQLFixture;
let pools: Pool[];

beforeEach(async () => {
  api = await startGraphQL({ fleets: ['other'] });
  pools = [];
});
afterEach(async () => {
  for (const pool of pools) await pool.end();
  await api.close();
});

/** Sessions as a server has them that holds the lease of this epoch. */
function poolOf(epoch: number): Pool {
  const pool = createPool({ url: api.database.url, log, role: 'midwatch_server' });
  workUnderLease(pool, epoch);
  pools.push(pool);
  return pool;
}

const append = (pool: Pool, fleet = 'default') =>
  inTransaction(pool, async (client) => {
    await lockFleet(client, fleet);
    const drafts = [{ kind: 'SETTINGS' as const, subject: 'midwatch.yaml', payload: '{}' }];
    await appendDrafts(client, fleet, { drafts, nowMs: systemClock.now() });
  });

async function readHead(fleet = 'default') {
  const { rows } = await api.pool.query(
    `SELECT h.size, h.epoch, h.hash = e.hash AS is_newest FROM ledger_head h
     JOIN ledger_entry e ON e.fleet_id = h.fleet_id AND e.seq = h.size - 1 WHERE h.fleet_id = $1`,
    [fleet],
  );
  return rows[0];
}

/** Someone with the database's own password, whom no trigger stops. */
async function intrude(statement: string): Promise<void> {
  const intruder = new pg.Client({ connectionString: api.database.url });
  await intruder.connect();
  await disarm(intruder);
  await intruder.query(statement);
  await intruder.end();
}

describe('the head of a ledger', () => {
  it('follows what is appended, whoever appends', async () => {
    await record(api, [decisionInput('a'), decisionInput('b')]);
    await append(api.pool);
    await record(api, [decisionInput('c')], { fleet: 'other' });
    expect(await readHead()).toEqual({ size: 3, epoch: 0, is_newest: true });
    expect(await readHead('other')).toEqual({ size: 1, epoch: 0, is_newest: true });
  });

  it('is not moved by whoever lost the lease, and by its holder is', async () => {
    const first = await acquireLease(leaseOf(api.database.url), log);
    const stale = poolOf(first.epoch);
    await append(stale);
    await first.release();
    const second = await acquireLease(leaseOf(api.database.url), log);
    try {
      await expect(append(stale)).rejects.toMatchObject({ code: 'CONFLICT', message: /another Midwatch/ });
      await expect(append(stale, 'other')).rejects.toMatchObject({ code: 'CONFLICT' });
      await append(poolOf(second.epoch));
      expect(await readHead()).toEqual({ size: 2, epoch: second.epoch, is_newest: true });
    } finally {
      await second.release();
    }
  });

  it.each([
    ['a ledger whose tail was cut', 'DELETE FROM ledger_entry WHERE seq = 1'],
    ['a ledger that was emptied', 'DELETE FROM ledger_entry'],
    ['a head that was taken away', 'DELETE FROM ledger_head'],
    ['a head that was put back', 'UPDATE ledger_head SET size = 1'],
  ])('lets nothing be appended to %s', async (_what, damage) => {
    await record(api, [decisionInput('a'), decisionInput('b')]);
    await intrude(damage);
    await expect(append(api.pool)).rejects.toMatchObject({ code: 'LEDGER_INTEGRITY' });
    await expect(record(api, [decisionInput('c')])).rejects.toThrow('LEDGER_INTEGRITY');
  });
});
