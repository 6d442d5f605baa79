import pg from 'pg';
import { expect, it } from 'vitest';
import { dayOf } from '../../src/time.js';
import { DAY_MS, partitionDays } from '../support/days.js';
import { recordIds } from '../support/live.js';
import { createDatabase } from '../support/postgres.js';
import { startServer } from '../support/server.js';

it('seals from its start on after a pause that outlasted every partition', async () => {
  const database = await createDatabase();
  const owner = new pg.Client({ connectionString: database.url });
  await owner.connect();
  for (const riskClass of ['HIGH_RISK', 'ROUTINE', 'ADMIN']) {
    for (const day of (await partitionDays(database.pool))[riskClass.toLowerCase() as 'routine']) {
      await owner.query('SELECT drop_day_partition($1, $2::date)', [riskClass, day]);
    }
  }
  await owner.end();
  expect(await partitionDays(database.pool)).toEqual({ high_risk: [], routine: [], admin: [] });
  const server = await startServer({ databaseUrl: database.url });
  try {
    await recordIds(server, ['after-the-pause']);
    const { data } = await server.graphql('{ decisions { nodes { id } } }');
    expect(data).toEqual({ decisions: { nodes: [{ id: 'after-the-pause' }] } });
    const { routine } = await partitionDays(database.pool);
    expect(routine).toContain(dayOf(Date.now() + 7 * DAY_MS));
  } finally {
    await server.stop();
    await database.drop();
  }
});
