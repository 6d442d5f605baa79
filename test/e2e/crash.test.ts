import { afterEach, expect, inject, test } from 'vitest';
import { checkLedger } from '../support/ledger.js';
import { agentTrace, traceRequest } from '../support/otlp.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { newDataDir, startServer, type TestServer } from '../support/server.js';
import { until } from '../support/wait.js';

let database: TestDatabase;
let server: TestServer | undefined;

afterEach(async () => {
  await server?.stop('SIGKILL');
  await database.drop();
});

async function sealedTraces(): Promise<string[]> {
  const { rows } = await database.pool.query('SELECT trace_id FROM decision');
  return rows.map((row) => row.trace_id);
}

test('whatever was answered 200 is sealed exactly once, however often the server is killed', async () => {
  database = await createDatabase(inject('postgresUrl'));
  const dataDir = newDataDir();
  const acknowledged: string[] = [];
  for (let round = 0; round < 6; round += 1) {
    server = await startServer({ databaseUrl: database.url, dataDir });
    const current = server;
    const senders = Array.from({ length: 8 }, async () => {
      for (;;) {
        const spans = agentTrace();
        try {
          const response = await current.send(traceRequest(spans));
          if (response.status === 200) acknowledged.push(spans[0]?.traceId as string);
        } catch {
          return;
        }
      }
    });
    // Killed at a moment that moves through receiving, journaling and sealing from round to round.
    const before = acknowledged.length;
    await until(() => acknowledged.length >= before + 20 + round * 37);
    await current.stop('SIGKILL');
    await Promise.all(senders);
  }
  server = await startServer({ databaseUrl: database.url, dataDir });
  const sealed = await until(async () => {
    const traces = await sealedTraces();
    const missing = acknowledged.filter((traceId) => !traces.includes(traceId));
    return missing.length === 0 ? traces : null;
  }, 60_000);
  expect(new Set(sealed).size).toBe(sealed.length);
  const kinds = (await checkLedger(database.pool, 'default')).map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === 'DECISION')).toHaveLength(sealed.length);
  // What the agent works with was new once, and never amended.
  expect(new Set(kinds)).toEqual(new Set(['DECISION', 'AGENT']));
  expect(kinds.filter((kind) => kind === 'AGENT')).toHaveLength(1);
  const { rows } = await database.pool.query('SELECT decision_id, count(*) AS steps FROM step GROUP BY decision_id');
  expect(rows.every(({ steps }) => steps === 2)).toBe(true);
  expect(await server.stop()).toBe(0);
}, 240_000);
