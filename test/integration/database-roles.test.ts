import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROLE } from '../../src/db/role/rights.js';
import { decisionInput, type GraphQLFixture, record, startGraphQL } from '../support/graphql.js';

const MATRIX = path.join(import.meta.dirname, 'database-rights.txt');
const SECRET = 'the-patient-is-called-Ada';
const REFUSED = { code: '42501' };

let api: GraphQLFixture;
let superuser: pg.Client;
let auditor: pg.Client;
const login = `auditor_${randomBytes(4).toString('hex')}`;

beforeAll(async () => {
  api = await startGraphQL({ fleets: ['other'] });
  const step = {
    kind: 'TOOL_CALL',
    name: 'look up',
    toolName: 'look_up',
    startedAt: '2026-11-22T08:00:00.100Z',
    durationMs: 5,
    arguments: SECRET,
    result: SECRET,
    outcome: 'ERROR',
    errorMessage: SECRET,
  };
  const content = {
    input: SECRET,
    output: SECRET,
    userId: SECRET,
    errorMessage: SECRET,
    outcome: 'ERROR',
    steps: [step],
  };
  for (const fleet of ['default', 'other']) await record(api, [decisionInput(`of-${fleet}`, content)], { fleet });
  superuser = await connect(api.database.url);
  await superuser.query(`CREATE ROLE ${login} LOGIN PASSWORD 'secret' IN ROLE ${ROLE.reader}`);
  const url = new URL(api.database.url);
  Object.assign(url, { username: login, password: 'secret' });
  auditor = await connect(url.href);
});
afterAll(async () => {
  await auditor.end();
  await superuser.query(`DROP ROLE ${login}`);
  await superuser.end();
  await api.close();
});

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}

async function give(fleets: readonly string[]): Promise<void> {
  await superuser.query('DELETE FROM reader_fleet');
  await superuser.query('INSERT INTO reader_fleet SELECT $1, unnest($2::text[])', [login, fleets]);
}

async function readerViews(): Promise<string[]> {
  const { rows } = await superuser.query(
    `SELECT 'reader.' || relname AS name FROM pg_class WHERE relnamespace = 'reader'::regnamespace AND relkind = 'v'`,
  );
  return rows.map(({ name }) => name);
}

/** What each role may do with everything there is, partitions left out: they are reached through their tables. */
async function readRights(): Promise<string> {
  const roles = [ROLE.server, ROLE.recorder, ROLE.reader];
  const { rows } = await superuser.query<{ name: string; rights: string[] }>(
    `SELECT c.oid::regclass::text AS name, array_agg(r.rights ORDER BY r.place) AS rights
     FROM pg_class c, LATERAL (
       SELECT role.place, coalesce(nullif(string_agg(p.letter, '' ORDER BY p.place) FILTER (
         WHERE has_table_privilege(role.name, c.oid, p.name)), ''), '-') AS rights
       FROM unnest($1::text[]) WITH ORDINALITY AS role (name, place),
         (VALUES (1, 'S', 'SELECT'), (2, 'I', 'INSERT'), (3, 'U', 'UPDATE'), (4, 'D', 'DELETE'), (5, 't', 'TRUNCATE'),
           (6, 'x', 'REFERENCES'), (7, 'r', 'TRIGGER')) AS p (place, letter, name)
       GROUP BY role.place) r
     WHERE relnamespace IN ('public'::regnamespace, 'reader'::regnamespace) AND relkind IN ('r', 'p', 'v') AND NOT relispartition
     GROUP BY 1 ORDER BY 1`,
    [roles],
  );
  const lines = rows.map(({ name, rights }) =>
    [name.padEnd(28), ...rights.map((each) => each.padEnd(10))].join('').trimEnd(),
  );
  const head = ['table or view'.padEnd(28), ...['server', 'recorder', 'reader'].map((each) => each.padEnd(10))];
  return `${[head.join('').trimEnd(), ...lines].join('\n')}\n`;
}

describe('the roles of the database', () => {
  it('may do what the table says, each of them', async () => {
    expect(await readRights()).toBe(readFileSync(MATRIX, 'utf8'));
  });

  it('own nothing but the owner, who owns everything, and cannot log in', async () => {
    const { rows } = await superuser.query(
      `SELECT relowner::regrole::text AS owner FROM pg_class
       WHERE relnamespace IN ('public'::regnamespace, 'reader'::regnamespace)
       UNION SELECT proowner::regrole::text FROM pg_proc
         WHERE pronamespace = 'public'::regnamespace AND prorettype <> 'event_trigger'::regtype
       UNION SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 'reader'`,
    );
    expect(rows).toEqual([{ owner: ROLE.owner }]);
    const roles = await superuser.query(
      `SELECT bool_or(rolcanlogin OR rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls OR rolreplication) AS strong
       FROM pg_roles WHERE rolname = ANY($1)`,
      [Object.values(ROLE)],
    );
    expect(roles.rows).toEqual([{ strong: false }]);
  });

  it.each([
    [ROLE.server, 'INSERT INTO decision SELECT * FROM decision'],
    [ROLE.server, 'INSERT INTO step SELECT * FROM step'],
    [ROLE.server, 'UPDATE installation SET epoch = epoch + 1'],
    [ROLE.server, 'UPDATE ledger_entry SET subject = subject'],
    [ROLE.server, 'TRUNCATE decision'],
    [ROLE.server, 'DROP TABLE decision'],
    [ROLE.server, 'CREATE TABLE mine (id int)'],
    [ROLE.server, `SET ROLE ${ROLE.owner}; SELECT 1`],
    [ROLE.recorder, 'SELECT FROM api_key'],
    [ROLE.recorder, 'SELECT FROM data_subject'],
    [ROLE.recorder, 'INSERT INTO legal_hold DEFAULT VALUES'],
    [ROLE.recorder, 'DELETE FROM ledger_entry'],
    [ROLE.recorder, 'UPDATE ledger_checkpoint SET note = note'],
    [ROLE.recorder, `SELECT drop_day_partition('ROUTINE', '2020-01-01')`],
    [ROLE.reader, 'SELECT FROM public.decision'],
    [ROLE.reader, 'SELECT FROM public.journal'],
    [ROLE.reader, `INSERT INTO reader_fleet VALUES ('me', '*')`],
    [ROLE.reader, `UPDATE reader.decision SET agent = 'another'`],
    [ROLE.reader, 'DELETE FROM reader.ledger_entry'],
    [ROLE.reader, `SELECT make_day_partitions('2030-01-01', 1)`],
  ])('refuses %s: %s', async (role, statement) => {
    // A superuser may always become somebody else: what a role may is asked in a session of its own.
    const session = await connect(api.database.url);
    try {
      await session.query(`SET SESSION AUTHORIZATION ${role}`);
      await expect(session.query(statement)).rejects.toMatchObject(REFUSED);
    } finally {
      await session.end();
    }
  });
});

describe('a reader', () => {
  it('sees nothing until it is given fleets', async () => {
    await give([]);
    for (const view of await readerViews()) {
      expect((await auditor.query(`SELECT FROM ${view}`)).rowCount, view).toBe(0);
    }
  });

  it('sees the rows of its fleets and no others, and gets no others by what it sets', async () => {
    await give(['other']);
    await auditor.query(`SET midwatch.fleets = '*'; SET row_security = off`);
    const views = await readerViews();
    expect(views).toContain('reader.decision');
    for (const view of views.filter((each) => each !== 'reader.fleet')) {
      const { rows } = await auditor.query(`SELECT DISTINCT fleet_id FROM ${view}`);
      expect([[], [{ fleet_id: 'other' }]], view).toContainEqual(rows);
    }
    expect((await auditor.query('SELECT id FROM reader.decision')).rows).toEqual([{ id: 'of-other' }]);
    expect((await auditor.query('SELECT id FROM reader.fleet')).rows).toEqual([{ id: 'other' }]);
  });

  it('sees every fleet where it is given all', async () => {
    await give(['*']);
    const { rows } = await auditor.query('SELECT fleet_id, seq FROM reader.ledger_entry ORDER BY 1');
    expect(rows.map(({ fleet_id }) => fleet_id)).toEqual(['default', 'other']);
  });

  it('reads no content, and can have no function of its own see rows before they are filtered', async () => {
    await give(['other']);
    await auditor.query(`CREATE FUNCTION pg_temp.spy(text) RETURNS boolean COST 0.000001 LANGUAGE plpgsql AS
      $$ BEGIN RAISE NOTICE '%', $1; RETURN true; END $$`);
    const told: (string | undefined)[] = [];
    auditor.on('notice', ({ message }) => told.push(message));
    await auditor.query('SELECT FROM reader.decision WHERE pg_temp.spy(id)');
    expect(told).toEqual(['of-other']);
    await give(['*']);
    for (const view of await readerViews()) {
      const { rows } = await auditor.query(`SELECT to_jsonb(v)::text AS text FROM ${view} v`);
      expect(rows.map(({ text }) => text).join('\n'), view).not.toContain(SECRET);
    }
    const salts = await superuser.query(`SELECT encode(salt, 'hex') AS salt FROM step`);
    const steps = await auditor.query('SELECT to_jsonb(v)::text AS text FROM reader.step v');
    for (const { salt } of salts.rows) expect(steps.rows[0].text).not.toContain(salt);
  });
});
