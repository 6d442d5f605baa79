import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pgCopy from 'pg-copy-streams';
import { systemClock } from '../src/clock.js';
import { createPool, inTransaction, type Pool } from '../src/db/pool.js';
import { commitDecision } from '../src/decision/record/payload.js';
import { appendDrafts, lockFleet } from '../src/ledger/append.js';
import { canonicalize } from '../src/ledger/canonical.js';
import type { EntryDraft } from '../src/ledger/chain.js';
import { Publisher } from '../src/ledger/publish/publisher.js';
import { openSigningKeys } from '../src/ledger/publish/signing-keys.js';
import { createLog } from '../src/log.js';
import { makeDecision, makeStep } from '../test/support/decision.js';
import { createDatabase, startPostgres } from '../test/support/postgres.js';
import { until } from '../test/support/wait.js';
import { median, spread } from './rounds.js';

const BATCH = 500;
const BATCHES = 40;
const ROUNDS = 7;
const GOAL = 0.7;

/**
 * Appending entries to a ledger in batches of 500, hashed, chained and committed one after another while tree, tiles and
 * checkpoints are kept, until all of it is published, against COPY of the same rows in the same batches into a table with
 * the same indexes.
 */
export async function run(): Promise<void> {
  const postgres = await startPostgres();
  const database = await createDatabase(postgres.url);
  const log = createLog('silent');
  const pool = createPool({ url: database.url, log, role: 'midwatch_server' });
  const keys = openSigningKeys({ dataDir: '', ledgerKey: Buffer.alloc(32, 7) });
  const faulty = (_fleet: string, fault: { message: string }) => {
    throw new Error(fault.message);
  };
  const publisher = new Publisher({ pool, keys, published: () => undefined, faulty, clock: systemClock, log });
  const owner = createPool({ url: database.url, log, role: null });
  try {
    await owner.query('CREATE TABLE copied (LIKE ledger_entry INCLUDING DEFAULTS INCLUDING INDEXES)');
    publisher.start();
    const times = { append: [] as number[], copy: [] as number[] };
    for (let round = 0; round <= ROUNDS; round += 1) {
      const from = subjects;
      const appendMs = await timed(() => append(pool, publisher));
      const batches = await readBatches(owner, from);
      const copyMs = await timed(() => copyBatches(owner, batches));
      // The first round warms up.
      if (round === 0) continue;
      times.append.push(appendMs);
      times.copy.push(copyMs);
    }
    const entries = BATCH * BATCHES;
    const perS = (ms: readonly number[]) => Math.round(entries / (median(ms) / 1_000));
    console.log(`ledger: ${entries} entries in batches of ${BATCH}, ${ROUNDS} rounds`);
    console.log(`  appended and published: ${perS(times.append)} entries/s`);
    console.log(`  COPY of the same rows:  ${perS(times.copy)} entries/s`);
    console.log(`  ratio ${spread(times.copy, times.append)} (goal: at least ${GOAL})`);
  } finally {
    await publisher.stop();
    await owner.end();
    await pool.end();
    await database.drop();
    await postgres.stop();
  }
}

const steps = Array.from({ length: 4 }, (_, at) => makeStep({ name: `step ${at}`, arguments: 'a', result: 'b' }));
const committed = commitDecision(makeDecision({ input: 'a question', output: 'an answer', steps }), {
  spanIds: [],
  sampled: true,
});
const payload = canonicalize(committed.payload);
let subjects = 0;

async function append(pool: Pool, publisher: Publisher): Promise<void> {
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const drafts = Array.from({ length: BATCH }, (): EntryDraft => {
      subjects += 1;
      return { kind: 'DECISION', subject: `decision-${subjects}`, payload };
    });
    await inTransaction(pool, async (client) => {
      await lockFleet(client, 'default');
      await appendDrafts(client, 'default', { drafts, nowMs: Date.now() });
    });
  }
  await publisher.publish('default');
  await until(async () => {
    const { rows } = await pool.query(`SELECT size FROM ledger_tree WHERE fleet_id = 'default'`);
    return rows[0]?.size === subjects;
  });
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

/** What COPY takes for the entries from one on, batch by batch. */
async function readBatches(owner: Pool, from: number): Promise<Buffer[]> {
  return inTransaction(owner, async (client) => {
    const batches: Buffer[] = [];
    for (let first = from; first < from + BATCH * BATCHES; first += BATCH) {
      const rows = `SELECT * FROM ledger_entry WHERE fleet_id = 'default' AND seq >= ${first} AND seq < ${first + BATCH}`;
      const chunks: Buffer[] = [];
      for await (const chunk of client.query(pgCopy.to(`COPY (${rows}) TO STDOUT`))) chunks.push(chunk);
      batches.push(Buffer.concat(chunks));
    }
    return batches;
  });
}

async function copyBatches(owner: Pool, batches: readonly Buffer[]): Promise<void> {
  for (const batch of batches) {
    await inTransaction(owner, (client) =>
      pipeline(Readable.from([batch]), client.query(pgCopy.from('COPY copied FROM STDIN'))),
    );
  }
}
