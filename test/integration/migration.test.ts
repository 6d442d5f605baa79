import { readFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { migrate, withEngine } from '../../src/db/migrate.js';
import { createPool } from '../../src/db/pool.js';
import { createLog } from '../../src/log.js';
import { createDatabase, createEmptyDatabase, type TestDatabase } from '../support/postgres.js';

const SCHEMA_FILE = path.resolve(import.meta.dirname, '../../prisma/schema.prisma');

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}

/** The statements with which Prisma itself would make its schema from nothing. */
async function renderSchema(url: string, session: pg.Client): Promise<string> {
  const { stdout } = await withEngine({ url, session }, (engine) =>
    engine.diff({
      from: { tag: 'empty' },
      to: { tag: 'schemaDatamodel', files: [{ path: SCHEMA_FILE, content: readFileSync(SCHEMA_FILE, 'utf8') }] },
      script: true,
      exitCode: null,
      filters: { externalTables: [], externalEnums: [] },
    }),
  );
  return stdout ?? '';
}

const COLUMNS = `
  SELECT attrelid::regclass::text AS table, attname AS column, format_type(atttypid, atttypmod) AS type, attnotnull AS required,
    pg_get_expr(adbin, adrelid) AS value
  FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
  WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace = 'public'::regnamespace AND attnum > 0 AND NOT attisdropped
    AND relname <> '_prisma_migrations'
  ORDER BY 1, 2`;

/** Partial indexes are the migration's own: Prisma cannot say them. */
const INDEXES = `
  SELECT replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON ') AS definition, indisprimary AS is_primary
  FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
  WHERE NOT relispartition AND relnamespace = 'public'::regnamespace AND indpred IS NULL AND relname <> '_prisma_migrations'
  ORDER BY 1`;

/** CHECKs are the migration's own, too. */
const CONSTRAINTS = `
  SELECT conrelid::regclass::text AS table, conname AS name, pg_get_constraintdef(oid) AS definition
  FROM pg_constraint
  WHERE conrelid NOT IN (SELECT oid FROM pg_class WHERE relispartition) AND connamespace = 'public'::regnamespace AND contype NOT IN ('c', 'n') AND conrelid <> 0
    AND conrelid IS DISTINCT FROM to_regclass('_prisma_migrations')
  ORDER BY 1, 2`;

async function catalogue(client: pg.Client): Promise<Record<string, unknown[]>> {
  return {
    columns: (await client.query(COLUMNS)).rows,
    indexes: (await client.query(INDEXES)).rows,
    constraints: (await client.query(CONSTRAINTS)).rows,
  };
}

describe('migrate', () => {
  let empty: Awaited<ReturnType<typeof createEmptyDatabase>>;
  let owner: pg.Client;

  beforeEach(async () => {
    empty = await createEmptyDatabase(inject('postgresUrl'));
    owner = await connect(empty.url);
  });
  afterEach(async () => {
    await owner.end();
    await empty.drop();
  });

  it('makes exactly what the Prisma schema says', async () => {
    const modelled = await createEmptyDatabase(inject('postgresUrl'));
    const session = await connect(modelled.url);
    try {
      await session.query(await renderSchema(modelled.url, session));
      await migrate(empty.url);
      const expected = await catalogue(session);
      expect(expected.columns).not.toHaveLength(0);
      expect(await catalogue(owner)).toEqual(expected);
    } finally {
      await session.end();
      await modelled.drop();
    }
  });

  it('does nothing the second time', async () => {
    expect(await migrate(empty.url)).not.toHaveLength(0);
    const before = await owner.query('SELECT * FROM _prisma_migrations');
    expect(await migrate(empty.url)).toEqual([]);
    expect((await owner.query('SELECT * FROM _prisma_migrations')).rows).toEqual(before.rows);
  });

  it('applies each migration once when ten servers start together', async () => {
    const applied = await Promise.all(Array.from({ length: 10 }, () => migrate(empty.url)));
    const { rows } = await owner.query('SELECT migration_name AS name FROM _prisma_migrations ORDER BY 1');
    const names = rows.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(applied.flat().sort()).toEqual(names);
  });

  it('refuses in words a database that a newer version migrated', async () => {
    await migrate(empty.url);
    await owner.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES ('later', 'x', '20991231000000_later', now(), now(), 1)`,
    );
    await expect(migrate(empty.url)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(/newer Midwatch.*20991231000000_later/),
    });
  });

  it('refuses in words a database in which a migration failed half-way', async () => {
    await migrate(empty.url);
    await owner.query('UPDATE _prisma_migrations SET finished_at = NULL');
    await expect(migrate(empty.url)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(/^the database could not be migrated: .*failed.*_init/),
    });
  });

  it('leaves a database that holds tables of somebody else as it was', async () => {
    await owner.query('CREATE TABLE decision (mine int)');
    await expect(migrate(empty.url)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    const { rows } = await owner.query(`SELECT relname FROM pg_class
      WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> '_prisma_migrations'`);
    expect(rows).toEqual([{ relname: 'decision' }]);
  });
});

const INSERT_ENTRY = `INSERT INTO ledger_entry (fleet_id, seq, kind, subject, recorded_at, canonical, previous_hash, hash)
  VALUES ('default', $1, 'DECISION', 'd', now(), $2, $3, sha256('\\x00'::bytea || convert_to($4, 'UTF8')))`;
const NO_HASH = Buffer.alloc(32);

describe('the ledger', () => {
  let migrated: TestDatabase;
  let owner: pg.Client;

  beforeEach(async () => {
    migrated = await createDatabase();
    owner = await connect(migrated.url);
    await owner.query(INSERT_ENTRY, [0, '{}', NO_HASH, '{}']);
  });
  afterEach(async () => {
    await owner.end();
    await migrated.drop();
  });

  it.each([
    'UPDATE ledger_entry SET subject = subject',
    'DELETE FROM ledger_entry',
    'DELETE FROM ledger_entry WHERE false',
    'TRUNCATE ledger_entry',
    'TRUNCATE ledger_entry CASCADE',
  ])('refuses the server and the owner: %s', async (statement) => {
    const server = createPool({ url: migrated.url, log: createLog('silent'), role: 'midwatch_server' });
    try {
      await expect(server.query(statement)).rejects.toMatchObject({ code: '42501' });
    } finally {
      await server.end();
    }
    await expect(owner.query(statement)).rejects.toMatchObject({ code: '42501', message: /append-only/ });
    await owner.query("SET session_replication_role = 'replica'");
    await expect(owner.query(statement)).rejects.toMatchObject({ code: '42501', message: /append-only/ });
    expect((await owner.query('SELECT count(*)::int AS entries FROM ledger_entry')).rows).toEqual([{ entries: 1 }]);
  });

  it('refuses the server to get rid of what protects it', async () => {
    const server = createPool({ url: migrated.url, log: createLog('silent'), role: 'midwatch_server' });
    try {
      for (const statement of [
        'ALTER TABLE ledger_entry DISABLE TRIGGER ALL',
        'DROP TRIGGER ledger_entry_append_only ON ledger_entry',
        'ALTER TABLE ledger_entry DROP CONSTRAINT ledger_entry_hash_check',
        'DROP TABLE ledger_entry',
        "SET session_replication_role = 'replica'",
      ]) {
        await expect(server.query(statement), statement).rejects.toMatchObject({ code: '42501' });
      }
    } finally {
      await server.end();
    }
  });

  it('refuses an entry whose hash is not that of its bytes', async () => {
    await expect(owner.query(INSERT_ENTRY, [1, '{"a":1}', NO_HASH, '{"a":2}'])).rejects.toMatchObject({
      constraint: 'ledger_entry_hash_check',
    });
  });

  it.each([
    ['a negative seq', -1, NO_HASH],
    ['a first entry that follows something', 0, Buffer.alloc(32, 1)],
    ['a previous hash that is not one', 1, Buffer.alloc(31)],
  ])('refuses %s', async (_what, seq, previousHash) => {
    const canonical = '{"other":true}';
    await expect(owner.query(INSERT_ENTRY, [seq, canonical, previousHash, canonical])).rejects.toMatchObject({
      constraint: 'ledger_entry_chain_check',
    });
  });

  it('refuses a second entry after the same one', async () => {
    const canonical = '{"other":true}';
    await expect(owner.query(INSERT_ENTRY, [1, canonical, NO_HASH, canonical])).rejects.toMatchObject({
      constraint: 'ledger_entry_fleet_id_previous_hash_key',
    });
  });
});
