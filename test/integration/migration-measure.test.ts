import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createPool } from '../../src/db/pool.js';
import { countUncounted } from '../../src/decision/record/recount.js';
import { createLog } from '../../src/log.js';
import { SliceBook } from '../../src/metric/write.js';
import { DEFAULT_SETTINGS } from '../../src/settings/settings.js';
import { createEmptyDatabase } from '../support/postgres.js';

const MIGRATIONS = path.resolve(import.meta.dirname, '../../prisma/migrations');
const MEASURE = '20261124000000_measure';

let empty: Awaited<ReturnType<typeof createEmptyDatabase>>;
let client: pg.Client;
beforeAll(async () => {
  empty = await createEmptyDatabase(inject('postgresUrl'));
  client = new pg.Client({ connectionString: empty.url });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await empty.drop();
});

const apply = (name: string) => client.query(readFileSync(path.join(MIGRATIONS, name, 'migration.sql'), 'utf8'));

/** Fills whatever a table demands and the row does not say with a value of its type. */
async function insert(table: string, row: Record<string, unknown>): Promise<void> {
  const { rows } = await client.query<{ name: string; type: string }>(
    `SELECT column_name AS name, data_type AS type FROM information_schema.columns
     WHERE table_schema = 'public' AND table_name = $1 AND is_nullable = 'NO' AND column_default IS NULL`,
    [table],
  );
  const filled: Record<string, unknown> = {};
  for (const { name, type } of rows) filled[name] = FILLING[type] ?? '';
  const all = Object.entries({ ...filled, ...row });
  await client.query(
    `INSERT INTO ${table} (${all.map(([name]) => `"${name}"`).join(', ')}) VALUES (${all.map((_, n) => `$${n + 1}`).join(', ')})`,
    all.map(([, value]) => value),
  );
}

const FILLING: Record<string, unknown> = {
  bigint: 0,
  integer: 0,
  boolean: true,
  'double precision': 1,
  'timestamp with time zone': '2026-11-20T12:00:00Z',
  bytea: Buffer.alloc(32),
  ARRAY: [],
};

const DECISION = { fleet_id: 'default', risk_class: 'ROUTINE', outcome: 'SUCCESS' };
const STEP = { fleet_id: 'default', outcome: 'SUCCESS' };
const TOKENS = {
  input_tokens: 100,
  output_tokens: 5,
  cache_read_tokens: 1,
  cache_write_tokens: 2,
  reasoning_tokens: 3,
};

describe('the migration to measures', () => {
  it('keeps what was recorded, with calls that can be priced again and costs that users stated', async () => {
    const earlier = readdirSync(MIGRATIONS).filter((name) => /^\d/.test(name) && name < MEASURE);
    for (const name of earlier.sort()) await apply(name);
    const ids = ['priced', 'stated', 'unpriced'];
    for (const [seq, id] of ids.entries()) {
      const canonical = `{"n":${seq}}`;
      const { rows } = await client.query(
        `SELECT coalesce((SELECT hash FROM ledger_entry ORDER BY seq DESC LIMIT 1), decode(repeat('00', 32), 'hex')) AS previous,
           sha256('\\x00'::bytea || convert_to($1, 'UTF8')) AS hash`,
        [canonical],
      );
      const { previous, hash } = rows[0];
      const entry = { seq, kind: 'DECISION', subject: id, canonical, previous_hash: previous, hash };
      await insert('ledger_entry', { fleet_id: 'default', recorded_at: '2026-11-20T12:00:00Z', ...entry });
    }
    await insert('decision', { ...DECISION, id: 'priced', seq: 0, cost_usd: '0.03', ...TOKENS });
    await insert('decision', { ...DECISION, id: 'stated', seq: 1, cost_usd: '7', ...TOKENS });
    await insert('decision', { ...DECISION, id: 'unpriced', seq: 2, ...TOKENS });
    const step = { ...STEP, kind: 'MODEL_CALL', model: 'm', provider: 'p', duration_ms: 40, ...TOKENS };
    await insert('step', { ...step, decision_id: 'priced', index: 0, cost_usd: '0.01' });
    await insert('step', { ...STEP, decision_id: 'priced', index: 1, kind: 'TOOL_CALL', duration_ms: 9 });
    await insert('step', { ...STEP, decision_id: 'priced', index: 2, kind: 'TOOL_CALL', cost_usd: '0.02' });
    await insert('step', { ...step, decision_id: 'stated', index: 0, cost_usd: '0.01' });
    await insert('step', { ...step, decision_id: 'unpriced', index: 0 });

    await apply(MEASURE);

    const { rows } = await client.query(
      `SELECT id, sealed_on::text, cost_usd::text, cost_source, calls, step_count FROM decision ORDER BY id`,
    );
    const call = {
      provider: 'p',
      model: 'm',
      requestModel: null,
      startedAtMs: Date.parse('2026-11-20T12:00:00Z'),
      durationMs: 40,
      tokens: { input: 100, output: 5, cacheRead: 1, cacheWrite: 2, reasoning: 3 },
      costUsd: '0.01',
      costSource: 'REPORTED',
      reportedUsd: '0.01',
    };
    const cost = { costUsd: '0.02', reportedUsd: '0.02' };
    const unpriced = { costUsd: null, costSource: null, reportedUsd: null };
    expect(rows).toEqual([
      {
        id: 'priced',
        sealed_on: '2026-11-20',
        cost_usd: '0.03',
        cost_source: null,
        calls: [call, { ...call, ...cost, provider: null, model: null, durationMs: null, tokens: null }],
        step_count: 3,
      },
      { id: 'stated', sealed_on: '2026-11-20', cost_usd: '7', cost_source: 'OWN', calls: [call], step_count: 1 },
      {
        id: 'unpriced',
        sealed_on: '2026-11-20',
        cost_usd: null,
        cost_source: null,
        calls: [{ ...call, ...unpriced }],
        step_count: 1,
      },
    ]);
    expect((await client.query('SELECT count(*)::int AS steps FROM step')).rows).toEqual([{ steps: 5 }]);
  });

  it('has them counted at the next start, once', async () => {
    const pool = createPool({ url: empty.url, log: createLog('silent'), role: 'midwatch_server' });
    try {
      await client.query(`UPDATE decision SET parent_id = 'stated', agent = id WHERE id = 'priced'`);
      const count = () => countUncounted(pool, new SliceBook(DEFAULT_SETTINGS.cardinality));
      expect(await count()).toBe(3);
      expect(await count()).toBe(0);
      const { rows } = await client.query(
        `SELECT source, sum(decisions)::int AS decisions, sum(cost_usd)::text AS cost, sum(unpriced)::int AS unpriced
         FROM rollup_delta JOIN metric_slice ON metric_slice.id = slice_id GROUP BY source ORDER BY source`,
      );
      expect(rows).toEqual([
        { source: 'CALLS', decisions: 1, cost: '0.03', unpriced: 0 },
        { source: 'DECISIONS', decisions: 3, cost: '7.03', unpriced: 1 },
        { source: 'OVERVIEW', decisions: 3, cost: '7.03', unpriced: 1 },
      ]);
    } finally {
      await pool.end();
    }
  });
});
