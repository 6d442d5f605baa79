import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { createPool, type Pool } from '../../src/db/pool.js';
import { Journal } from '../../src/ingest/journal.js';
import { createLog } from '../../src/log.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { startProxy } from '../support/proxy.js';
import { until } from '../support/wait.js';

const NOW = new Date('2026-11-22T12:00:00Z');
const EARLIER = new Date('2026-11-22T10:00:00Z');

let database: TestDatabase;
let journal: Journal;

beforeEach(async () => {
  database = await createDatabase(inject('postgresUrl'));
  journal = new Journal(database.pool);
});
afterEach(() => database.drop());

async function fill(signal: string, count: number, doneAt: Date | null): Promise<void> {
  await database.pool.query(
    `INSERT INTO journal (fleet_id, signal, encoding, is_gzip, body, body_hash, done_at)
     SELECT 'default', $1, 'json', false, '{}', sha256(convert_to(concat($1::text, $3::text, n), 'UTF8')), $3::text::timestamptz
     FROM generate_series(1, $2::int) AS n`,
    [signal, count, doneAt?.toISOString() ?? null],
  );
}

/** How many entries of an index were read, once any were. */
const entriesRead = (index: string): Promise<number> =>
  until(async () => {
    const { rows } = await database.pool.query(
      'SELECT idx_scan, idx_tup_read FROM pg_stat_user_indexes WHERE indexrelname = $1',
      [index],
    );
    return rows[0].idx_scan > 0 && rows[0].idx_tup_read;
  });

async function readPending(): Promise<string[]> {
  const signals: string[] = [];
  for await (const { signal } of journal.pending()) signals.push(signal);
  return signals;
}

describe('the journal', () => {
  it('replays what is not done of every signal, in order, and finds it without reading what is', async () => {
    await fill('metrics', 5_000, EARLIER);
    await fill('traces', 500, EARLIER);
    await fill('traces', 12, null);
    await fill('metrics', 3, null);
    await fill('logs', 2, null);
    expect(await readPending()).toEqual([
      ...Array(12).fill('traces'),
      ...Array(3).fill('metrics'),
      ...Array(2).fill('logs'),
    ]);
    expect(await entriesRead('journal_pending_idx')).toBeLessThan(100);
  });

  it('replays across an outage, each request once', async () => {
    await fill('traces', 25, null);
    const link = await startProxy(database.url);
    const pool = createPool({ url: link.url, log: createLog('silent'), role: 'midwatch_server' });
    const ids: number[] = [];
    for await (const { id } of new Journal(pool).pending()) {
      ids.push(id);
      if (ids.length !== 5) continue;
      await link.set('refused');
      setTimeout(() => void link.set('open'), 200);
    }
    expect(ids).toHaveLength(25);
    expect(new Set(ids).size).toBe(25);
    await pool.end();
    await link.close();
  });

  it('sweeps what was done before the cutoff alone, and finds it by when that was', async () => {
    await fill('metrics', 5_000, null);
    await fill('traces', 5_000, NOW);
    await fill('traces', 20, EARLIER);
    await fill('metrics', 7, EARLIER);
    await fill('traces', 3, null);
    expect(await journal.removeDone(new Date('2026-11-22T11:00:00Z'))).toBe(27);
    expect(await journal.removeDone(new Date('2026-11-22T11:00:00Z'))).toBe(0);
    const { rows } = await database.pool.query('SELECT count(*)::int AS requests FROM journal');
    expect(rows).toEqual([{ requests: 10_003 }]);
    expect(await entriesRead('journal_done_idx')).toBeLessThan(100);
  });

  it('hands on what an earlier try committed whose answer was lost, once it is sent again, once', async () => {
    let losesAnswers = true;
    const query = async (...sent: Parameters<Pool['query']>) => {
      const answer = await database.pool.query(...sent);
      if (losesAnswers) throw new Error('Query read timeout');
      return answer;
    };
    const doubting = new Journal({ query } as unknown as Pool);
    const record = { fleet: 'default', signal: 'traces', encoding: 'json', isGzip: false } as const;
    const append = (body: string) => doubting.append({ ...record, body: Buffer.from(body) });
    await expect(append('lost')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    losesAnswers = false;
    const { rows } = await database.pool.query('SELECT id FROM journal');
    expect(rows).toHaveLength(1);
    expect(await Promise.all([append('lost'), append('new'), append('lost')])).toEqual([
      rows[0].id,
      expect.any(Number),
      null,
    ]);
    expect(await append('lost')).toBeNull();
    expect(await readPending()).toEqual(['traces', 'traces']);
  });
});
