import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { readConfig } from '../../src/config.js';
import { type Database, openDatabase } from '../../src/db/database.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/db/embedded.js';
import { createLog } from '../../src/log.js';
import { createEmptyDatabase } from '../support/postgres.js';
import { startProxy } from '../support/proxy.js';

const log = createLog('silent');

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

  beforeEach(() => {
    opened = [];
  });
  afterEach(async () => {
    for (const database of opened) await database.close();
    const { rows } = await owner.query("SELECT datname FROM pg_database WHERE datname LIKE 'of_%'");
    for (const { datname } of rows) await owner.query(`DROP DATABASE ${datname} WITH (FORCE)`);
    await owner.query('DROP ROLE IF EXISTS midwatch_server');
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

  async function openAs(url: string): Promise<{ role: string | null; user: string }> {
    const database = await open(url);
    opened.push(database);
    await database.pool.query(`SELECT FROM fleet`);
    const { rows } = await database.pool.query('SELECT current_user AS user');
    return { role: database.role, user: rows[0].user };
  }

  const AS_SERVER = { role: 'midwatch_server', user: 'midwatch_server' };

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

  it('is the login where that may not create roles', async () => {
    expect(await openAs(await addLogin('plain'))).toEqual({ role: null, user: 'login_plain' });
  });

  it('is the login where that is a member that may not take the role on', async () => {
    const url = await addLogin('member');
    await owner.query('CREATE ROLE midwatch_server NOLOGIN');
    await owner.query('GRANT midwatch_server TO login_member WITH INHERIT TRUE, SET FALSE');
    expect(await openAs(url)).toEqual({ role: null, user: 'login_member' });
  });

  it('is the login where the role is another login’s', async () => {
    expect(await openAs(await addLogin('first', 'CREATEROLE'))).toEqual(AS_SERVER);
    expect(await openAs(await addLogin('second', 'CREATEROLE'))).toEqual({ role: null, user: 'login_second' });
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
