import { hash } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { readConfig } from '../../src/config.js';
import { type Database, openDatabase } from '../../src/db/database.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/db/embedded.js';
import { ROLE } from '../../src/db/role/rights.js';
import { createLog, type Log } from '../../src/log.js';
import { createEmptyDatabase } from '../support/postgres.js';
import { startProxy } from '../support/proxy.js';

const log = createLog('silent');

const MIGRATIONS = path.resolve(import.meta.dirname, '../../prisma/migrations');

/** What a version had done that knew the migrations before this one. */
async function migrateUntil(session: pg.Client, first: string): Promise<void> {
  await session.query(`CREATE TABLE _prisma_migrations (id TEXT PRIMARY KEY, checksum TEXT NOT NULL, finished_at TIMESTAMPTZ,
    migration_name TEXT NOT NULL, logs TEXT, rolled_back_at TIMESTAMPTZ, started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count INTEGER NOT NULL DEFAULT 0)`);
  for (const name of readdirSync(MIGRATIONS).sort()) {
    if (name >= first) continue;
    const script = readFileSync(path.join(MIGRATIONS, name, 'migration.sql'), 'utf8');
    await session.query(script);
    await session.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count) VALUES ($1, $2, $1, now(), 1)`,
      [name, hash('sha256', script)],
    );
  }
}

/** The statements that docs/OPERATIONS.md has an administrator run, with names that these tests clear away. */
function sqlOfDocumentation(): string[][] {
  const text = readFileSync(path.resolve(import.meta.dirname, '../../docs/OPERATIONS.md'), 'utf8');
  return [...text.matchAll(/^```sql\n(.*?)^```/gms)].map(([, block = '']) =>
    block
      .replaceAll('…', 'secret')
      .replaceAll('DATABASE midwatch ', 'DATABASE of_docs ')
      .replaceAll(/midwatch_(?=deploy|service)|acme_(?=bi)/g, 'login_')
      .trim()
      .split(';\n'),
  );
}

async function run(session: pg.Client, statements: readonly string[] = []): Promise<void> {
  for (const statement of statements) await session.query(statement);
}

const open = (url: string, stopped?: AbortSignal) => openDatabase(readConfig({ DATABASE_URL: url }), log, stopped);

describe('the role the server works as', () => {
  let dir: string;
  let cluster: EmbeddedPostgres;
  let owner: pg.Client;
  let opened: Database[];

  beforeAll(async () => {
    dir = mkdtempSync(path.join(tmpdir(), 'midwatch-role-'));
    chmodSync(dir, 0o755);
    cluster = await startEmbeddedPostgres(dir, log);
    owner = new pg.Client({ connectionString: cluster.url });
    await owner.connect();
  });
  afterAll(async () => {
    await owner.end();
    await cluster.release();
    rmSync(dir, { recursive: true });
  });

  describe('with DATABASE_URL', () => {
    beforeEach(() => {
      opened = [];
    });
    afterEach(async () => {
      for (const database of opened) await database.close();
      const { rows } = await owner.query("SELECT datname FROM pg_database WHERE datname LIKE 'of_%'");
      for (const { datname } of rows) await owner.query(`DROP DATABASE ${datname} WITH (FORCE)`);
      for (const role of Object.values(ROLE)) await owner.query(`DROP ROLE IF EXISTS ${role}`);
      const logins = await owner.query("SELECT rolname FROM pg_roles WHERE rolname LIKE 'login_%'");
      for (const { rolname } of logins.rows) await owner.query(`DROP OWNED BY ${rolname}; DROP ROLE ${rolname}`);
    });

    /** A login with a database of its own; the URL of that. */
    async function addLogin(name: string, attributes = ''): Promise<string> {
      await owner.query(`CREATE ROLE login_${name} LOGIN PASSWORD 'secret' ${attributes}`);
      await owner.query(`CREATE DATABASE of_${name} OWNER login_${name}`);
      const url = new URL(cluster.url);
      Object.assign(url, { username: `login_${name}`, password: 'secret', pathname: `/of_${name}` });
      return url.href;
    }

    async function openAs(url: string, told: Log = log) {
      const database = await openDatabase(readConfig({ DATABASE_URL: url }), told);
      opened.push(database);
      await database.pool.query(`SELECT FROM fleet`);
      const { rows } = await database.pool.query('SELECT current_user AS user');
      return { ...database.roles, user: rows[0].user };
    }

    const AS_SERVER = { server: ROLE.server, recorder: ROLE.recorder, user: ROLE.server };
    const asLogin = (user: string) => ({ server: null, recorder: null, user });

    it('is its own where a superuser migrates', async () => {
      await owner.query('CREATE DATABASE of_super');
      const url = new URL(cluster.url);
      url.pathname = '/of_super';
      expect(await openAs(url.href)).toEqual(AS_SERVER);
    });

    it('is its own where the login may create roles, the second time as the first', async () => {
      const url = await addLogin('maker', 'CREATEROLE');
      expect(await openAs(url)).toEqual(AS_SERVER);
      expect(await openAs(url)).toEqual(AS_SERVER);
    });

    it('is its own where the login made the role before and may only administer it', async () => {
      const url = await addLogin('keeper', 'CREATEROLE');
      const keeper = new pg.Client({ connectionString: url });
      await keeper.connect();
      await keeper.query('CREATE ROLE midwatch_server NOLOGIN');
      await keeper.end();
      expect(await openAs(url)).toEqual(AS_SERVER);
    });

    it('is the login where that may not create roles, which the log says', async () => {
      const lines: object[] = [];
      const told = pino({ level: 'warn' }, { write: (line: string) => lines.push(JSON.parse(line)) });
      expect(await openAs(await addLogin('plain'), told)).toEqual(asLogin('login_plain'));
      expect(lines).toMatchObject([{ roles: [ROLE.owner, ROLE.server, ROLE.recorder], msg: /may not take on/ }]);
    });

    it('is its own where the login is only a member and owns nothing, once the tables are there', async () => {
      const url = await addLogin('deploy', 'CREATEROLE');
      expect(await openAs(url)).toEqual(AS_SERVER);
      await owner.query(`CREATE ROLE login_service LOGIN PASSWORD 'secret'; GRANT ${ROLE.server} TO login_service`);
      const serviceUrl = url.replace('login_deploy', 'login_service');
      await expect(open(serviceUrl)).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        message: /login_service.*midwatch_recorder/,
      });
      await owner.query(`GRANT ${ROLE.recorder} TO login_service`);
      expect(await openAs(serviceUrl)).toEqual(AS_SERVER);
    });

    it('is its own where an administrator made the roles as the documentation says', async () => {
      const [roles, guards, reader] = sqlOfDocumentation();
      await run(owner, roles);
      const url = new URL(cluster.url);
      const at = (login: string) =>
        Object.assign(url, { username: login, password: 'secret', pathname: '/of_docs' }).href;
      expect(await openAs(at('login_deploy'))).toEqual(asLogin('login_deploy'));
      expect(await openAs(at('login_service'))).toEqual(AS_SERVER);
      const administrator = new pg.Client({ connectionString: cluster.url.replace(/\/postgres$/, '/of_docs') });
      await administrator.connect();
      await run(administrator, guards);
      await expect(administrator.query('ALTER TABLE ledger_entry DISABLE TRIGGER ALL')).rejects.toMatchObject({
        code: '42501',
      });
      await run(administrator, reader);
      await administrator.end();
      expect(readFileSync(path.join(dir, 'postgres.log'), 'utf8')).toMatch(
        /LOG: {2}midwatch: ALTER TABLE refused to midwatch: table/,
      );
      const bi = new pg.Client({ connectionString: at('login_bi') });
      await bi.connect();
      expect((await bi.query('SELECT count(*)::int FROM decision')).rows).toEqual([{ count: 0 }]);
      await bi.end();
      // What needs no superuser to migrate goes on without one.
      expect(await openAs(at('login_deploy'))).toEqual(asLogin('login_deploy'));
    });

    it('does the recorder’s work too where that role is missing and may not be made', async () => {
      await owner.query(`CREATE ROLE ${ROLE.server} NOLOGIN`);
      const url = await addLogin('alone');
      await owner.query(`GRANT ${ROLE.server} TO login_alone`);
      expect(await openAs(url)).toEqual({ server: ROLE.server, recorder: ROLE.server, user: ROLE.server });
      // Then an administrator makes what is missing.
      await owner.query(`CREATE ROLE ${ROLE.recorder} NOLOGIN; GRANT ${ROLE.recorder} TO login_alone`);
      expect(await openAs(url)).toEqual(AS_SERVER);
      const [, { pool } = {}] = opened;
      await expect(pool?.query('INSERT INTO decision DEFAULT VALUES')).rejects.toMatchObject({ code: '42501' });
    });

    it('is its own where a database of before the roles is upgraded, all of which the owner then has', async () => {
      const url = await addLogin('before', 'CREATEROLE');
      const login = new pg.Client({ connectionString: url });
      await login.connect();
      await migrateUntil(login, '20261202100000');
      expect(await openAs(url)).toEqual(AS_SERVER);
      const { rows } = await login.query(
        `SELECT DISTINCT relowner::regrole::text AS owner FROM pg_class
       WHERE relnamespace IN ('public'::regnamespace, 'reader'::regnamespace) AND relkind IN ('r', 'p', 'v', 'S')`,
      );
      await login.end();
      expect(rows).toEqual([{ owner: ROLE.owner }]);
      const [{ pool } = {}] = opened;
      await pool?.query(`SELECT make_day_partitions('2030-01-01', 1), drop_day_partition('ROUTINE', '2030-01-01')`);
    });

    it('is the login where that is a member that may not take the role on', async () => {
      const url = await addLogin('member');
      await owner.query('CREATE ROLE midwatch_server NOLOGIN');
      await owner.query('GRANT midwatch_server TO login_member WITH INHERIT TRUE, SET FALSE');
      expect(await openAs(url)).toEqual(asLogin('login_member'));
    });

    it('is the login where the role is another login’s', async () => {
      expect(await openAs(await addLogin('first', 'CREATEROLE'))).toEqual(AS_SERVER);
      expect(await openAs(await addLogin('second', 'CREATEROLE'))).toEqual(asLogin('login_second'));
    });
  });

  // The last: the roles of the cluster have what is in its own database then.
  it('is a login that cannot go back to the superuser where that is the embedded PostgreSQL’s', async () => {
    const config = readConfig({ MIDWATCH_DATA_DIR: dir });
    const database = await openDatabase(config, log);
    // As a command beside the server.
    const second = await openDatabase(config, log);
    try {
      expect(second.url).toBe(database.url);
      const { rows } = await second.pool.query(
        'SELECT current_user AS role, session_user AS login, rolsuper AS strong FROM pg_roles WHERE rolname = session_user',
      );
      expect(rows).toEqual([{ role: ROLE.server, login: 'midwatch_service', strong: false }]);
      for (const role of [ROLE.owner, 'midwatch']) {
        await expect(second.pool.query(`SET ROLE ${role}`)).rejects.toMatchObject({ code: '42501' });
      }
    } finally {
      await second.close();
      await database.close();
    }
  });
});

describe('openDatabase', () => {
  it('ends at once when it is not wanted any more, though the database says nothing', async () => {
    const empty = await createEmptyDatabase(inject('postgresUrl'));
    const link = await startProxy(empty.url);
    try {
      await link.set('frozen');
      const stop = new AbortController();
      const opening = open(link.url, stop.signal);
      stop.abort();
      const startedMs = Date.now();
      await expect(opening).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      expect(Date.now() - startedMs).toBeLessThan(1_000);
    } finally {
      await link.close();
      await empty.drop();
    }
  });
});
