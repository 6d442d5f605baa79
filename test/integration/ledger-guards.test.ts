import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROLE } from '../../src/db/role/rights.js';
import { disarm } from '../support/disarm.js';
import { decisionInput, type GraphQLFixture, record, startGraphQL } from '../support/graphql.js';

const REFUSED = { code: '42501' };

let api: GraphQLFixture;
let superuser: pg.Client;

beforeAll(async () => {
  api = await startGraphQL();
  await record(api, [decisionInput('a'), decisionInput('b')]);
  await api.publisher.round();
  superuser = new pg.Client({ connectionString: api.database.url });
  await superuser.connect();
});
afterAll(async () => {
  await superuser.end();
  await api.close();
});

/** In a transaction that is given up, so that nothing lasts, also where it is not refused. */
async function attempt(statement: string, before: readonly string[] = []): Promise<void> {
  await superuser.query('BEGIN');
  try {
    for (const each of before) await superuser.query(each);
    await superuser.query(statement);
  } finally {
    await superuser.query('ROLLBACK');
  }
}

const STAYING = [
  'installation',
  'ledger_entry',
  'ledger_head',
  'ledger_tree',
  'ledger_tile',
  'ledger_timestamp',
  'ledger_key',
  'ledger_contradiction',
  'legal_hold',
  'erasure',
  'erased_decision',
];

describe('what only grows', () => {
  it.each([
    ...STAYING.flatMap((table) => [`DELETE FROM ${table}`, `TRUNCATE ${table} CASCADE`]),
    'TRUNCATE ledger_checkpoint',
    'TRUNCATE alert_change',
    `UPDATE installation SET id = '0123456789abcdef'`,
    'UPDATE ledger_tile SET root = root',
    'UPDATE ledger_checkpoint SET note = note',
    'UPDATE ledger_checkpoint SET root_hash = root_hash',
    'DELETE FROM ledger_checkpoint WHERE root_seq IS NOT NULL',
    'UPDATE ledger_timestamp SET token = token',
    'UPDATE ledger_key SET public_key = public_key',
    'UPDATE ledger_contradiction SET witness_size = 0',
    'UPDATE legal_hold SET scope = scope',
    'UPDATE erasure SET requested_by = requested_by',
    'UPDATE erased_decision SET erased_at = erased_at',
    'UPDATE alert_change SET actor = actor',
  ])('stays, whoever asks: %s', async (statement) => {
    await expect(attempt(statement)).rejects.toMatchObject(REFUSED);
    await expect(attempt(statement, [`SET LOCAL session_replication_role = 'replica'`])).rejects.toMatchObject(REFUSED);
    await expect(attempt(statement, [`SET LOCAL ROLE ${ROLE.owner}`])).rejects.toMatchObject(REFUSED);
  });

  it('lets go of a checkpoint that is no leaf of the log of the installation', async () => {
    await attempt('DELETE FROM ledger_checkpoint WHERE root_seq IS NULL');
  });
});

describe('the tables of the ledger', () => {
  it.each([
    'ALTER TABLE ledger_entry DISABLE TRIGGER ALL',
    'ALTER TABLE ledger_entry DISABLE TRIGGER ledger_entry_append_only',
    'ALTER TABLE ledger_entry DROP CONSTRAINT ledger_entry_hash_check',
    'ALTER TABLE ledger_entry DROP COLUMN previous_hash CASCADE',
    'ALTER TABLE ledger_entry RENAME TO ledger_former',
    'ALTER TABLE ledger_entry RENAME COLUMN hash TO former',
    'ALTER TABLE ledger_entry SET SCHEMA information_schema',
    'ALTER TABLE ledger_entry ENABLE ROW LEVEL SECURITY',
    'ALTER TABLE ledger_head OWNER TO midwatch_server',
    'ALTER TABLE erased_decision DISABLE TRIGGER ALL',
    'ALTER TABLE ledger_timestamp DISABLE TRIGGER ALL',
    'CREATE RULE silent AS ON INSERT TO ledger_entry DO INSTEAD NOTHING',
    'CREATE POLICY hidden ON ledger_entry USING (false)',
    'CREATE TRIGGER meddle BEFORE INSERT ON ledger_entry FOR EACH ROW EXECUTE FUNCTION refuse_change()',
    'ALTER TRIGGER ledger_entry_append_only ON ledger_entry RENAME TO former',
    `CREATE OR REPLACE FUNCTION refuse_ledger_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'`,
    'ALTER FUNCTION refuse_change() RENAME TO former',
    'ALTER SCHEMA public RENAME TO former',
    'DROP TRIGGER ledger_entry_append_only ON ledger_entry',
    'DROP INDEX ledger_entry_fleet_id_previous_hash_key',
    'DROP TABLE ledger_tile CASCADE',
    'DROP TABLE ledger_entry CASCADE',
    'DROP FUNCTION refuse_ledger_change CASCADE',
    `DROP OWNED BY ${ROLE.owner} CASCADE`,
  ])('are not changed by the way: %s', async (statement) => {
    await expect(attempt(statement)).rejects.toMatchObject({ ...REFUSED, message: /is part of the ledger/ });
    await expect(attempt(statement, [`SET LOCAL session_replication_role = 'replica'`])).rejects.toMatchObject(REFUSED);
  });

  it.each([
    'CREATE TABLE of_somebody_else (id int)',
    'CREATE TEMPORARY TABLE ledger_entry (id int)',
    'CREATE INDEX mine ON ledger_entry (recorded_at)',
    `COMMENT ON TABLE ledger_entry IS 'what happened'`,
    'GRANT SELECT ON ledger_entry TO midwatch_reader',
    'REINDEX TABLE ledger_entry',
    'ALTER TABLE agent ADD COLUMN more text',
    'DROP TABLE report CASCADE',
    `SELECT make_day_partitions('2031-01-01', 2), drop_day_partition('ROUTINE', '2031-01-01')`,
  ])('leave the rest alone: %s', async (statement) => {
    await attempt(statement);
  });

  it('are changed by a migration, and by an administrator who says that it is meant', async () => {
    await attempt('ALTER TABLE ledger_entry ADD COLUMN more text', [`SET LOCAL midwatch.migration = 'on'`]);
  });

  it('are at the mercy of a superuser, which is why there are proofs', async () => {
    await superuser.query('BEGIN');
    await disarm(superuser);
    const { rowCount } = await superuser.query('DELETE FROM ledger_entry');
    await superuser.query('ROLLBACK');
    expect(rowCount).toBe(2);
  });
});
