import pg from 'pg';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { acquireLease, type Lease } from '../../src/db/lease.js';
import { leaseOf } from '../support/lease.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { type DatabaseProxy, startProxy } from '../support/proxy.js';
import { until } from '../support/wait.js';

/** The lock of whoever seals, as any other session sees it. */
const WRITER_LOCK = 4_201_988_118;

const said: string[] = [];
const log = pino({ level: 'info' }, { write: (line) => said.push(line) });

let database: TestDatabase;
let link: DatabaseProxy;
let rival: pg.Client;
let leases: Lease[];

beforeEach(async () => {
  database = await createDatabase(inject('postgresUrl'));
  link = await startProxy(database.url);
  rival = new pg.Client({ connectionString: database.url });
  await rival.connect();
  leases = [];
});
afterEach(async () => {
  for (const lease of leases) await lease.release();
  await rival.end();
  await link.close();
  await database.drop();
});

async function acquire(url: string): Promise<Lease> {
  const lease = await acquireLease(leaseOf(url), log);
  leases.push(lease);
  return lease;
}

/** Whether somebody holds an advisory lock in the database. */
async function isHeld(): Promise<boolean> {
  const { rows } = await rival.query(
    `SELECT FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  );
  return rows.length > 0;
}

/** Sessions there were in the database, as far as they have reported themselves. */
async function sessionsSoFar(): Promise<number> {
  const { rows } = await rival.query('SELECT sessions FROM pg_stat_database WHERE datname = current_database()');
  return Number(rows[0].sessions);
}

const isLost = (lease: Lease) =>
  Promise.race([lease.lost.then(() => true), new Promise((resolve) => setImmediate(resolve, false))]);

describe('the lease', () => {
  it('is one process’s alone: the next gets it when it is released', async () => {
    const first = await acquire(database.url);
    const second = acquire(database.url);
    await until(() => said.some((line) => line.includes('waiting for it to stop')));
    await first.release();
    expect(await isLost(await second)).toBe(false);
    expect(await isHeld()).toBe(true);
  });

  it('is taken again when the link was lost and is back', async () => {
    const lease = await acquire(link.url);
    await link.set('refused');
    await until(async () => !(await isHeld()));
    await link.set('open');
    await until(isHeld);
    expect(await isLost(lease)).toBe(false);
  });

  it.each(['refused', 'frozen'] as const)('is not waited for any more when it is not wanted: %s', async (state) => {
    await link.set(state);
    const stop = new AbortController();
    const waiting = acquireLease(leaseOf(link.url), log, stop.signal);
    stop.abort();
    const startedMs = Date.now();
    await expect(waiting).rejects.toBeDefined();
    expect(Date.now() - startedMs).toBeLessThan(1_000);
    await link.set('open');
    await until(async () => !(await isHeld()));
    expect(await isLost(await acquire(database.url))).toBe(false);
  });

  it('is given back when it is won after it was released', async () => {
    const lease = await acquire(link.url);
    await link.set('refused');
    await until(async () => !(await isHeld()));
    await rival.query('SELECT pg_advisory_lock($1)', [WRITER_LOCK]);
    said.length = 0;
    await link.set('open');
    await until(() => said.some((line) => line.includes('waiting for it to stop')));
    const tries = await sessionsSoFar();
    await lease.release();
    await rival.query('SELECT pg_advisory_unlock($1)', [WRITER_LOCK]);
    await until(async () => (await sessionsSoFar()) > tries);
    await until(async () => !(await isHeld()), 5_000);
  });

  it('ends when it is released while the database is away', async () => {
    const lease = await acquire(link.url);
    await link.set('refused');
    await until(async () => !(await isHeld()));
    await lease.release();
    await link.set('open');
    const next = await acquire(database.url);
    expect(await isLost(next)).toBe(false);
    expect(await isLost(lease)).toBe(false);
  });

  it('is lost when another had it while the link was away', async () => {
    const lease = await acquire(link.url);
    await link.set('refused');
    await until(async () => !(await isHeld()));
    const other = await acquire(database.url);
    expect(other.epoch).toBeGreaterThan(lease.epoch);
    await other.release();
    await link.set('open');
    await expect(lease.lost).resolves.toContain('taken over');
  });
});
