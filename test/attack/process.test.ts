import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { systemClock } from '../../src/clock.js';
import { startEmbeddedPostgres } from '../../src/db/embedded.js';
import { migrate } from '../../src/db/migrate.js';
import { createPool, type Pool } from '../../src/db/pool.js';
import { Recorder } from '../../src/decision/record/recorder.js';
import { createLog } from '../../src/log.js';
import { SliceBook } from '../../src/metric/write.js';
import { DEFAULT_SETTINGS } from '../../src/settings/settings.js';
import { makeDecision } from '../support/decision.js';
import { audit, pinKey } from '../support/export.js';
import { decisionInput } from '../support/graphql.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { Scene } from '../support/scene.js';
import { newDataDir, startServer, type TestServer } from '../support/server.js';
import { until } from '../support/wait.js';

const silent = createLog('silent');

let scene: Scene | undefined;
let database: TestDatabase | undefined;
let server: TestServer | undefined;
afterEach(async () => {
  await server?.stop('SIGKILL');
  await scene?.close();
  await database?.drop();
  [scene, database, server] = [undefined, undefined, undefined];
});

describe('racing recorders', () => {
  it('make one chain without a gap or a fork', async () => {
    scene = await Scene.open();
    const { api } = scene;
    const announced: number[] = [];
    const recorders = Array.from({ length: 4 }, () => {
      const writer = new SliceBook(DEFAULT_SETTINGS.cardinality);
      const announce = (_fleet: string, { headSeq }: { headSeq: number | null }) => void announced.push(headSeq ?? -1);
      return new Recorder({
        pool: api.database.recorderPool,
        writer,
        announce,
        observe: () => undefined,
        clock: systemClock,
      });
    });
    const nowMs = Date.now();
    const submissions = recorders.flatMap((recorder, which) =>
      Array.from({ length: 15 }, (_, at) => {
        const decision = makeDecision({ id: `r-${which}-${at}`, startedAtMs: nowMs - 2_000, endedAtMs: nowMs - 1_000 });
        const item = { decision, spanIds: [], journalIds: [], mode: 'seal' as const, sampled: true, hasKin: false };
        return recorder.submit({
          fleet: 'default',
          items: [item],
          links: [],
          superseded: [],
          sightings: [],
          doneJournalIds: [],
        });
      }),
    );
    await Promise.all(submissions);
    await Promise.all(recorders.map((recorder) => recorder.idle()));
    await scene.publish();
    await scene.pin();
    expect(await scene.audit()).toMatchObject({
      outcome: 'intact',
      entries: { checked: 60, firstSeq: 0, lastSeq: 59 },
    });
  });
});

/** Where PostgreSQL keeps a table, if that is on this machine. */
async function fileOf(client: pg.Client, table: string): Promise<string | null> {
  const { rows } = await client.query(
    `SELECT current_setting('data_directory') AS directory, pg_relation_filepath($1) AS file`,
    [table],
  );
  const file = path.join(rows[0].directory, rows[0].file);
  const handle = await open(file, 'r+').catch(() => null);
  await handle?.close();
  return handle === null ? null : file;
}

describe('a bit that rots on the disk', () => {
  it('is found by the database’s checksums, and by the verifier when nobody looks at those', async ({ skip }) => {
    scene = await Scene.open();
    await scene.seal(5);
    await scene.pin();
    const { api } = scene;
    const client = new pg.Client({ connectionString: api.database.url });
    await client.connect();
    const file = await fileOf(client, 'ledger_entry');
    if (file === null) skip('the database’s files are not on this machine');
    await client.query('CHECKPOINT');
    const handle = await open(file as string, 'r+');
    const bytes = await handle.readFile();
    const at = bytes.indexOf('"subject":"d-3"') + '"subject":"d-'.length;
    expect(at).toBeGreaterThan(100);
    await handle.write(Buffer.of((bytes[at] ?? 0) ^ 4), 0, 1, at);
    await handle.sync();
    await handle.close();
    await client.end();
    // A copy of the files is read from the disk, not from memory.
    const name = `${new URL(api.database.url).pathname.slice(1)}_copy`;
    const home = new pg.Client({ connectionString: inject('postgresUrl') });
    await home.connect();
    await scene.detach();
    await home.query(`CREATE DATABASE ${name} TEMPLATE ${name.slice(0, -5)} STRATEGY file_copy`);
    const url = api.database.url.replace(name.slice(0, -5), name);
    try {
      const pool = createPool({ url, log: silent });
      const { rows } = await home.query('SHOW data_checksums');
      if (rows[0].data_checksums === 'on') await expect(audit(pool, scene.trust)).rejects.toThrow(/invalid page/);
      await pool.end();
      await home.query(`ALTER DATABASE ${name} SET ignore_checksum_failure = on`);
      const blind = createPool({ url, log: silent });
      expect(await audit(blind, scene.trust)).toMatchObject({
        outcome: 'tampered',
        fault: { seq: 3, problem: 'its hash is not that of its bytes' },
      });
      await blind.end();
    } finally {
      await home.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await home.end();
    }
  });
});

const RECORD =
  'mutation ($input: RecordDecisionsInput!) { recordDecisions(input: $input) { __typename ... on RecordDecisionsSuccess { decisions { id } } } }';

/** Sends decisions until the server is gone, and notes which were acknowledged. */
async function sendTo(current: TestServer, round: string, acknowledged: Set<string>): Promise<void> {
  const send = async (sender: number) => {
    for (let at = 0; ; at += 1) {
      const ids = [0, 1, 2].map((index) => `${round}-${sender}-${at}-${index}`);
      try {
        const answer = await current.graphql<{ recordDecisions: { decisions?: { id: string }[] } }>(RECORD, {
          input: { decisions: ids.map((id) => decisionInput(id)) },
        });
        if (answer.data?.recordDecisions.decisions?.length === 3) for (const id of ids) acknowledged.add(id);
      } catch {
        return;
      }
    }
  };
  await Promise.all([0, 1, 2, 3].map(send));
}

/** Which of the acknowledged decisions have no entry, and which have two. */
async function amiss(pool: Pool, acknowledged: ReadonlySet<string>) {
  const { rows } = await pool.query(
    `SELECT subject FROM ledger_entry WHERE fleet_id = 'default' AND kind = 'DECISION'`,
  );
  const sealed = rows.map(({ subject }) => subject);
  return {
    lost: [...acknowledged].filter((id) => !sealed.includes(id)),
    doubled: sealed.filter((id, at) => sealed.indexOf(id) !== at),
  };
}

async function isPublished(pool: Pool): Promise<boolean> {
  const { rows } = await pool.query(
    `SELECT h.size = t.size AS is_published FROM ledger_head h JOIN ledger_tree t USING (fleet_id) WHERE fleet_id = 'default'`,
  );
  return rows[0]?.is_published === true;
}

describe('kill -9 while entries are sealed and signed', () => {
  it('loses nothing that was acknowledged, and forks nothing', async () => {
    database = await createDatabase();
    const dataDir = newDataDir();
    const acknowledged = new Set<string>();
    let kept = '';
    for (let round = 0; round < 5; round += 1) {
      server = await startServer({ databaseUrl: database.url, dataDir });
      const current = server;
      const before = acknowledged.size;
      const senders = sendTo(current, `k-${round}`, acknowledged);
      // The moment moves through sealing, growing the tree and signing from round to round.
      await until(() => acknowledged.size >= before + 30 + round * 21, 60_000);
      await current.stop('SIGKILL');
      await senders;
      server = undefined;
      const { rows } = await database.pool.query(
        `SELECT note FROM ledger_checkpoint WHERE fleet_id = 'default' ORDER BY size DESC LIMIT 1`,
      );
      kept ||= rows[0]?.note ?? '';
    }
    server = await startServer({ databaseUrl: database.url, dataDir });
    const { pool } = database;
    await until(() => isPublished(pool), 60_000);
    const trust = { ...(await pinKey(pool)), held: [kept] };
    const verdict = await audit(pool, trust);
    expect(verdict).toMatchObject({ outcome: 'intact', fault: null, published: { unpublished: 0 } });
    expect(kept).not.toBe('');
    expect(await amiss(pool, acknowledged)).toEqual({ lost: [], doubled: [] });
  }, 240_000);

  it('loses nothing when all of PostgreSQL is killed, too', async () => {
    const directory = newDataDir();
    chmodSync(directory, 0o755);
    const acknowledged = new Set<string>();
    const dataDir = newDataDir();
    let postgres = await startEmbeddedPostgres(directory, silent);
    try {
      await migrate(postgres.url);
      const killed = await startServer({ databaseUrl: postgres.url, dataDir });
      server = killed;
      const senders = sendTo(killed, 'p', acknowledged);
      await until(() => acknowledged.size >= 60, 60_000);
      killAll(path.join(directory, 'postgres'));
      await killed.stop('SIGKILL');
      await senders;
      await postgres.release();
      postgres = await startEmbeddedPostgres(directory, silent);
      server = await startServer({ databaseUrl: postgres.url, dataDir });
      const pool = createPool({ url: postgres.url, log: silent });
      try {
        await until(() => isPublished(pool), 60_000);
        expect(await audit(pool, await pinKey(pool))).toMatchObject({ outcome: 'intact', fault: null });
        expect(await amiss(pool, acknowledged)).toEqual({ lost: [], doubled: [] });
      } finally {
        await pool.end();
      }
    } finally {
      await server?.stop();
      server = undefined;
      await postgres.release();
      rmSync(directory, { recursive: true });
    }
  }, 240_000);
});

/** Kills the PostgreSQL that works on a directory: the first of its processes, and those that it started. */
function killAll(cluster: string): void {
  const postmaster = readFileSync(path.join(cluster, 'postmaster.pid'), 'utf8').split('\n')[0] ?? '';
  const { stdout } = spawnSync('ps', ['-o', 'pid=', '--ppid', postmaster], { encoding: 'utf8' });
  for (const pid of [postmaster, ...stdout.split('\n')]) {
    if (Number(pid) > 0) process.kill(Number(pid), 'SIGKILL');
  }
}
