import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createApiKey, revokeApiKey } from '../../src/access/store.js';
import { inTransaction } from '../../src/db/pool.js';
import { ROLE } from '../../src/db/role/rights.js';
import { appendDrafts, lockFleet } from '../../src/ledger/append.js';
import type { EntryDraft } from '../../src/ledger/chain.js';
import { endContradiction, keepContradiction } from '../../src/ledger/contradiction.js';
import { findDebt } from '../../src/ledger/owed.js';
import { Settler } from '../../src/ledger/settler.js';
import { createLog } from '../../src/log.js';
import { decisionInput, type GraphQLFixture, record, startGraphQL } from '../support/graphql.js';
import { checkLedger } from '../support/ledger.js';

let api: GraphQLFixture;
let clock: { nowMs: number; now(): number };

beforeEach(async () => {
  clock = { nowMs: Date.now(), now: () => clock.nowMs };
  api = await startGraphQL({ clock, fleets: ['other'] });
});
afterEach(() => api.close());

const told = { fleet: 'default', witness: 'w.example' };
const halt = () =>
  keepContradiction(api.pool, {
    ...told,
    kind: 'AHEAD',
    witnessSize: 99,
    ownSize: 3,
    evidence: null,
    at: new Date(clock.now()),
  });
const goOn = () => endContradiction(api.pool, { ...told, at: new Date(clock.now()) });

const by = () => ({ actor: 'ada', nowMs: clock.now() });

async function makeKeys(count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const { apiKey } = await createApiKey(api.pool, { fleetId: 'default', role: 'INGEST', name: '' }, by());
    ids.push(apiKey.id);
  }
  return ids;
}

async function revokeAll(ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    clock.nowMs += 1_000;
    await revokeApiKey(api.pool, 'default', id, by());
  }
}

const subjects = async () => (await checkLedger(api.pool, 'default')).map(({ subject }) => subject);
const SILENCE = `mutation { silence(input: { matchers: [{ label: "agent", pattern: "a" }], until: "2999-01-01T00:00:00Z", reason: "night" }) {
  __typename } }`;

describe('what a ledger owes', () => {
  it('is sealed in its order before what is recorded next, with both times', async () => {
    const ids = await makeKeys(3);
    await halt();
    await revokeAll(ids);
    await expect(record(api, [decisionInput('late')])).rejects.toThrow('LEDGER_INTEGRITY');
    const { data } = await api.ask('{ ledger { size owed { entries since } } }');
    const since = new Date(clock.nowMs - 2_000).toISOString();
    expect(data.ledger).toEqual({ size: 3, owed: { entries: 3, since } });

    clock.nowMs += 60_000;
    await goOn();
    await record(api, [decisionInput('late')]);
    expect((await subjects()).slice(3)).toEqual([...ids.map((id) => `ApiKey:${id}`), 'late']);
    const [first] = (await checkLedger(api.pool, 'default')).slice(3);
    expect(first?.recordedAt).toBe(new Date(clock.nowMs).toISOString());
    expect(JSON.parse(first?.canonical ?? '').payload).toMatchObject({ change: 'REVOKED', owedSince: since });
    expect((await api.ask('{ ledger { owed { entries } verify { intact } } }')).data.ledger).toEqual({
      owed: null,
      verify: { intact: true },
    });
  });

  it('is sealed where nobody writes, once the ledger goes on, and not before', async () => {
    const ids = await makeKeys(1);
    await halt();
    await revokeAll(ids);
    const settler = new Settler({ pool: api.pool, clock, log: createLog('silent') });
    await settler.round();
    expect([settler.owed, await findDebt(api.pool, 'default')]).toMatchObject([1, { entries: 1 }]);
    await goOn();
    await settler.round();
    expect([settler.owed, await findDebt(api.pool, 'default')]).toEqual([0, null]);
    expect((await subjects()).slice(1)).toEqual(ids.map((id) => `ApiKey:${id}`));
  });

  it('stays when the transaction that seals it does not come about', async () => {
    const ids = await makeKeys(1);
    await halt();
    await revokeAll(ids);
    await goOn();
    const draft: EntryDraft = { kind: 'SETTINGS', subject: 'midwatch.yaml', payload: '{}' };
    const cutOff = inTransaction(api.pool, async (client) => {
      await lockFleet(client, 'default');
      await appendDrafts(client, 'default', { drafts: [draft], nowMs: clock.now() });
      throw new Error('the power went');
    });
    await expect(cutOff).rejects.toThrow('the power went');
    expect(await subjects()).toHaveLength(1);
    expect(await findDebt(api.pool, 'default')).toMatchObject({ entries: 1 });
  });

  it('is not lost with a head that was damaged: that ledger stands still, too', async () => {
    const [id] = (await makeKeys(2)) as [string, string];
    await api.database.asSuperuser(
      `SET midwatch.migration = 'on'; ALTER TABLE ledger_head DISABLE TRIGGER ALL; DELETE FROM ledger_head`,
    );
    await revokeAll([id]);
    await expect(makeKeys(1)).rejects.toMatchObject({ code: 'LEDGER_INTEGRITY' });
    expect(await findDebt(api.pool, 'default')).toMatchObject({ entries: 1 });
  });

  it('is all that must not wait; what can is refused', async () => {
    await record(api, [decisionInput('a', { input: 'secret' })]);
    await halt();
    expect((await api.ask('{ decision(id: "a") { input } }')).data.decision.input).toBe('secret');
    expect((await api.ask(SILENCE)).data.silence.__typename).toBe('SilenceSuccess');
    const { rows } = await api.pool.query('SELECT kind FROM ledger_owed ORDER BY place');
    expect(rows.map(({ kind }) => kind)).toEqual(['READ', 'SILENCE']);
    for (const refused of [
      'mutation { placeHold(input: { decisionId: "a", reason: "r" }) { __typename } }',
      'mutation { eraseContent(input: { decisionId: "a", basis: REQUEST, reason: "r" }) { __typename } }',
      'mutation { createApiKey(input: { role: VIEWER, name: "n" }) { __typename } }',
    ]) {
      const { errors } = await api.ask(refused);
      expect(errors?.[0]?.extensions.code).toBe('LEDGER_INTEGRITY');
    }
    expect((await findDebt(api.pool, 'default'))?.entries).toBe(2);
    expect(await findDebt(api.pool, 'other')).toBeNull();
  });
});

describe('the table of what is owed', () => {
  async function attempt(statement: string, before: readonly string[] = []): Promise<void> {
    const superuser = new pg.Client({ connectionString: api.database.url });
    await superuser.connect();
    try {
      for (const each of ['BEGIN', ...before]) await superuser.query(each);
      await superuser.query(statement);
    } finally {
      await superuser.end();
    }
  }

  it.each([
    'DELETE FROM ledger_owed',
    'TRUNCATE ledger_owed',
    `UPDATE ledger_owed SET payload = '{}'`,
    'UPDATE ledger_owed SET owed_since = now()',
    'ALTER TABLE ledger_owed DISABLE TRIGGER ALL',
    'DROP TABLE ledger_owed',
    'DROP FUNCTION refuse_unsealed CASCADE',
  ])('keeps what the ledger does not have, whoever asks: %s', async (statement) => {
    const ids = await makeKeys(1);
    await halt();
    await revokeAll(ids);
    const refused = { code: '42501' };
    await expect(attempt(statement)).rejects.toMatchObject(refused);
    await expect(attempt(statement, [`SET LOCAL session_replication_role = 'replica'`])).rejects.toMatchObject(refused);
    // The seq of an entry that says something else does not help.
    await expect(attempt(statement, ['UPDATE ledger_owed SET sealed_seq = 0'])).rejects.toMatchObject(refused);
    if (!statement.startsWith('DROP') && !statement.startsWith('ALTER')) {
      await expect(attempt(statement, [`SET LOCAL ROLE ${ROLE.owner}`])).rejects.toMatchObject(refused);
    }
  });
});
