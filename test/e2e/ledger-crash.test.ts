import pg from 'pg';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { findConsistencyFault } from '../../src/ledger/tree/verify.js';
import { disarm } from '../support/disarm.js';
import { decisionInput } from '../support/graphql.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { newDataDir, startServer, type TestServer } from '../support/server.js';
import { until } from '../support/wait.js';

const RECORD = `mutation Record($input: RecordDecisionsInput!) {
  recordDecisions(input: $input) { ... on RecordDecisionsSuccess { decisions { id } } }
}`;
const KILLS = 3;

let database: TestDatabase;
let dataDir: string;
let server: TestServer;

beforeEach(async () => {
  database = await createDatabase(inject('postgresUrl'));
  dataDir = newDataDir();
  server = await start();
});
afterEach(async () => {
  await server.stop();
  await database.drop();
});

const start = () => startServer({ databaseUrl: database.url, dataDir });

interface Ledger {
  size: number;
  checkpoint: { size: number; rootHash: string } | null;
  verify: { intact: boolean; fault: string | null; checked: number; published: number };
  consistencyProof: { fromRootHash: string; toRootHash: string; toSize: number; hashes: string[] };
}

async function readLedger(fields: string): Promise<Ledger> {
  const { data, errors } = await server.graphql<{ ledger: Ledger }>(`{ ledger { ${fields} } }`);
  expect(errors).toBeUndefined();
  return data.ledger;
}

const record = (name: string, count: number) =>
  server.graphql(RECORD, {
    input: { decisions: Array.from({ length: count }, (_, index) => decisionInput(`${name}-${index}`)) },
  });

describe('a ledger whose server is killed', () => {
  it('goes on from what was published, with nothing of it lost or changed', async () => {
    let before = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      const recording = Promise.allSettled(Array.from({ length: 6 }, (_, batch) => record(`k${kill}-${batch}`, 100)));
      const held = await until(async () => {
        const { checkpoint } = await readLedger('checkpoint { size rootHash }');
        return checkpoint !== null && checkpoint.size > before && checkpoint;
      }, 60_000);
      before = held.size;
      await server.stop('SIGKILL');
      await recording;
      server = await start();
      const ledger = await until(async () => {
        const read = await readLedger('size checkpoint { size rootHash }');
        return read.checkpoint?.size === read.size && read;
      }, 60_000);
      const { consistencyProof: proof } = await readLedger(
        `consistencyProof(fromSize: ${held.size}) { fromRootHash toRootHash toSize hashes }`,
      );
      const bytes = (hex: string) => Buffer.from(hex, 'hex');
      const fault = findConsistencyFault({
        fromSize: BigInt(held.size),
        toSize: BigInt(proof.toSize),
        fromRoot: bytes(held.rootHash),
        toRoot: bytes(proof.toRootHash),
        proof: proof.hashes.map(bytes),
      });
      expect(fault).toBeNull();
      expect(proof.toRootHash).toBe(ledger.checkpoint?.rootHash);
    }
    const { verify, size } = await readLedger('size verify { intact fault checked published }');
    expect(verify).toEqual({ intact: true, fault: null, checked: size, published: size });
  }, 240_000);
});

describe('a ledger that was changed where it lies', () => {
  it('raises a critical anomaly, once', async () => {
    await record('d', 5);
    await until(async () => (await readLedger('checkpoint { size }')).checkpoint?.size === 5);
    await server.stop();
    const intruder = new pg.Client({ connectionString: database.url });
    await intruder.connect();
    await disarm(intruder);
    await intruder.query(`UPDATE ledger_entry SET subject = 'x' WHERE seq = 2`);
    await intruder.end();
    const anomalies = async () => {
      const { data } = await server.graphql<{ anomalies: { nodes: object[] } }>(
        '{ anomalies(first: 10, filter: { kinds: [LEDGER_FAULT] }) { nodes { kind severity summary observed evidence } } }',
      );
      return data.anomalies.nodes;
    };
    const expected = [
      {
        kind: 'LEDGER_FAULT',
        severity: 'CRITICAL',
        summary: expect.stringContaining('the stored subject'),
        observed: 2,
        evidence: { seq: 2, fault: expect.stringContaining('the stored subject') },
      },
    ];
    for (let restart = 0; restart < 2; restart += 1) {
      server = await start();
      await until(() => server.stderr().includes('not as it was sealed'), 30_000);
      await until(async () => (await anomalies()).length > 0, 30_000);
      expect(await anomalies()).toEqual(expected);
      if (restart === 0) await server.stop();
    }
  }, 120_000);
});
