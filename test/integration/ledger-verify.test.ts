import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decisionInput, type GraphQLFixture, record, startGraphQL } from '../support/graphql.js';

let api: GraphQLFixture;
/** Someone with the database's own password, whom no trigger stops. */
let intruder: pg.Client;

beforeEach(async () => {
  api = await startGraphQL({ fleets: ['other'] });
  await record(
    api,
    ['a', 'b', 'c', 'd'].map((id) => decisionInput(id)),
  );
  await record(api, [decisionInput('first'), decisionInput('elsewhere')], { fleet: 'other' });
  intruder = new pg.Client({ connectionString: api.database.url });
  await intruder.connect();
  await intruder.query(`ALTER TABLE ledger_entry DISABLE TRIGGER ALL;
    ALTER TABLE ledger_entry DROP CONSTRAINT ledger_entry_hash_check`);
});
afterEach(async () => {
  await intruder.end();
  await api.close();
});

const REHASH = `hash = sha256('\\x00'::bytea || convert_to(replace(canonical, '"b"', '"x"'), 'UTF8'))`;

describe('Ledger.verify', () => {
  it.each([
    [
      'changed text',
      `UPDATE ledger_entry SET canonical = replace(canonical, '"b"', '"x"') WHERE subject = 'b'`,
      1,
      'hash',
    ],
    [
      'changed text with a new hash',
      `UPDATE ledger_entry SET canonical = replace(canonical, '"b"', '"x"'), subject = 'x', ${REHASH} WHERE subject = 'b'`,
      2,
      'previousHash',
    ],
    ['a changed column', `UPDATE ledger_entry SET subject = 'x' WHERE subject = 'b'`, 1, 'subject'],
    [
      'a changed time',
      `UPDATE ledger_entry SET recorded_at = recorded_at + interval '1 ms' WHERE subject = 'c'`,
      2,
      'recordedAt',
    ],
    ['an entry taken out', `DELETE FROM ledger_entry WHERE subject = 'c'`, 2, 'missing'],
    ['the first entry taken out', `DELETE FROM ledger_entry WHERE subject = 'a'`, 0, 'missing'],
    [
      'an entry of another fleet',
      `UPDATE ledger_entry SET fleet_id = 'default', seq = 4 WHERE subject = 'elsewhere'`,
      4,
      'previousHash',
    ],
  ])('finds %s and names the first bad entry', async (_what, change, faultSeq, fault) => {
    await intruder.query(change);
    const { data } = await api.ask('{ ledger { verify { intact checked faultSeq fault headHash } } }');
    const { verify } = data.ledger;
    expect(verify).toMatchObject({ intact: false, checked: faultSeq, faultSeq });
    expect(verify.fault).toContain(fault);
  });

  it('walks more than one page', async () => {
    for (let batch = 0; batch < 3; batch += 1) {
      await record(
        api,
        Array.from({ length: 900 }, (_, index) => decisionInput(`x-${batch}-${index}`)),
      );
    }
    const { data } = await api.ask('{ ledger { size verify { intact checked } } }');
    expect(data.ledger).toEqual({ size: 2_704, verify: { intact: true, checked: 2_704 } });
  });
});
