import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { freemem, tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { startEmbeddedPostgres } from '../../src/db/embedded.js';
import { migrate } from '../../src/db/migrate.js';
import { createPool, type Pool } from '../../src/db/pool.js';
import { arrangeRoles } from '../../src/db/role/arrange.js';
import { ROLE } from '../../src/db/role/rights.js';
import { createLog } from '../../src/log.js';

declare module 'vitest' {
  export interface ProvidedContext {
    postgresUrl: string;
  }
}

const TEMPLATE = 'midwatch_template';

/** For a cluster that goes away with the run: it outlives no power cut, and serves many servers at once. */
const PASSING = ['fsync=off', 'full_page_writes=off', 'max_connections=300'];
const MEMORY_FOLDER = '/dev/shm';
/** Ten times what the databases of a run take at most. */
const MEMORY_BYTES_MIN = 2 * 2 ** 30;

interface SharedPostgres {
  started: ReturnType<typeof startPostgres>;
  users: number;
}

/** Each project loads its own copy of this file, and all of them share one process: what they share hangs on it. */
const holder = globalThis as { midwatchTestPostgres?: SharedPostgres };

/** Vitest's global setup: one PostgreSQL and one migrated template for all projects of a run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  holder.midwatchTestPostgres ??= { started: startPostgres(passingFolder(), PASSING), users: 0 };
  const shared = holder.midwatchTestPostgres;
  shared.users += 1;
  const { url, stop } = await shared.started;
  project.provide('postgresUrl', url);
  return async () => {
    shared.users -= 1;
    if (shared.users === 0) await stop();
  };
}

/**
 * A throw-away PostgreSQL in `folder` with the template in it; `TEST_DATABASE_URL` names one that runs already. `settings`
 * are PostgreSQL's own, each as `name=value`.
 */
export async function startPostgres(
  folder = tmpdir(),
  settings: readonly string[] = [],
): Promise<{ url: string; stop: () => Promise<void> }> {
  const external = process.env.TEST_DATABASE_URL;
  if (external) {
    await makeTemplate(external);
    return { url: external, stop: async () => undefined };
  }
  const dir = mkdtempSync(path.join(folder, 'midwatch-test-'));
  chmodSync(dir, 0o755);
  const embedded = await startEmbeddedPostgres(dir, createLog('silent'), settings);
  await makeTemplate(embedded.url);
  return {
    url: embedded.url,
    stop: async () => {
      await embedded.release();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** A clone is a thousand new files: 20 ms in memory, up to a second on a disk whose file system is slow to make them. */
function passingFolder(): string {
  if (!existsSync(MEMORY_FOLDER)) return tmpdir();
  const { bavail, bsize } = statfsSync(MEMORY_FOLDER);
  return Math.min(bavail * bsize, freemem()) < MEMORY_BYTES_MIN ? tmpdir() : MEMORY_FOLDER;
}

async function makeTemplate(url: string): Promise<void> {
  await administer(url, `DROP DATABASE IF EXISTS ${TEMPLATE}`);
  await administer(url, `CREATE DATABASE ${TEMPLATE}`);
  const template = databaseUrl(url, TEMPLATE);
  await migrate(template);
  await arrangeRoles(template, createLog('silent'));
}

export interface TestDatabase {
  url: string;
  /** Works as the server does. */
  pool: Pool;
  /** Works as the recorder does. */
  recorderPool: Pool;
  /** Runs a statement as the login, a superuser. */
  asSuperuser(statement: string): Promise<void>;
  drop(): Promise<void>;
}

/** A migrated database of one's own, cloned from the template in 20 ms where clones are made in memory. */
export async function createDatabase(postgresUrl?: string): Promise<TestDatabase> {
  const base = postgresUrl ?? (await import('vitest')).inject('postgresUrl');
  const name = `test_${randomBytes(6).toString('hex')}`;
  // Files are copied faster than they are written to the log page by page, the default.
  await administer(base, `CREATE DATABASE ${name} TEMPLATE ${TEMPLATE} STRATEGY file_copy`);
  const url = databaseUrl(base, name);
  const log = createLog('silent');
  const pool = createPool({ url, log, role: ROLE.server });
  const recorderPool = createPool({ url, log, role: ROLE.recorder });
  return {
    url,
    pool,
    recorderPool,
    asSuperuser: (statement) => runOnce(url, statement),
    drop: async () => {
      await Promise.all([pool.end(), recorderPool.end()]);
      await administer(base, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

/** A copy of a database as it is now, as a backup of it would be; whoever is still connected to it is cut off. */
export async function copyDatabase(url: string): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `copy_${randomBytes(6).toString('hex')}`;
  const original = new URL(url).pathname.slice(1);
  const base = databaseUrl(url, 'postgres');
  await administer(base, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${original}'`);
  await administer(base, `CREATE DATABASE ${name} TEMPLATE ${original} STRATEGY file_copy`);
  return { url: databaseUrl(url, name), drop: () => administer(base, `DROP DATABASE ${name} WITH (FORCE)`) };
}

/** An empty database without any migration. */
export async function createEmptyDatabase(postgresUrl: string): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `empty_${randomBytes(6).toString('hex')}`;
  await administer(postgresUrl, `CREATE DATABASE ${name}`);
  return {
    url: databaseUrl(postgresUrl, name),
    drop: () => administer(postgresUrl, `DROP DATABASE ${name} WITH (FORCE)`),
  };
}

function databaseUrl(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

/** CREATE DATABASE … TEMPLATE fails while another clone is being made, so clones take turns. */
function administer(url: string, statement: string): Promise<void> {
  return runOnce(url, 'SELECT pg_advisory_lock(7)', statement);
}

async function runOnce(url: string, ...statements: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}
