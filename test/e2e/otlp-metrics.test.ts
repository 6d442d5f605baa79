import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type CaptureFolder, hasCaptures, readCaptures } from '../support/otlp-captures.js';
import { CUMULATIVE, DELTA, metricsRequest, pointAt, type TestMetric } from '../support/otlp-metrics.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { newDataDir, startServer, type TestServer } from '../support/server.js';
import { until } from '../support/wait.js';

const MINUTE = 60_000;
const NOW = Math.floor(Date.now() / MINUTE) * MINUTE - 10 * MINUTE;
const METRICS = 'query ($query: MetricQuery!) { metrics(query: $query) { labels { value } value } }';

let database: TestDatabase;
let server: TestServer;
const dataDir = newDataDir();

beforeAll(async () => {
  database = await createDatabase(inject('postgresUrl'));
  server = await startServer({ databaseUrl: database.url, dataDir });
});
afterAll(async () => {
  await server?.stop();
  await database?.drop();
});

async function newFleet(): Promise<string> {
  const id = `fleet-${randomBytes(4).toString('hex')}`;
  await server.graphql('mutation ($id: String!) { createFleet(input: { id: $id }) { __typename } }', { id });
  return id;
}

interface Series {
  labels: { value: string }[];
  value: number | null;
}

/** Over all time, once everything that was sent has been worked off; by the labels, joined. */
async function metric(fleet: string, query: object): Promise<Record<string, number | null>> {
  await until(async () => (await pending(fleet)) === 0);
  const range = { from: '2020-01-01T00:00:00Z', to: new Date(Date.now() + MINUTE).toISOString() };
  const variables = { query: { ...range, ...query } };
  const { data, errors } = await server.graphql<{ metrics: Series[] }>(METRICS, variables, { 'x-fleet-id': fleet });
  expect(errors).toBeUndefined();
  const named = ({ labels, value }: Series) => [labels.map((label) => label.value).join(' '), value] as const;
  return Object.fromEntries((data?.metrics ?? []).map(named));
}

const tokens = async (fleet: string) => {
  const { '': sum } = await metric(fleet, { metric: 'TOKEN_USAGE', statistic: 'SUM', source: 'CLIENT_METRICS' });
  return sum;
};

async function pending(fleet: string): Promise<number> {
  const { rows } = await database.pool.query(
    'SELECT count(*)::int AS requests FROM journal WHERE done_at IS NULL AND fleet_id = $1',
    [fleet],
  );
  return rows[0].requests;
}

const send = async (fleet: string, metrics: readonly TestMetric[]) => {
  const response = await server.send(metricsRequest(metrics), {
    path: '/v1/metrics',
    headers: { 'x-fleet-id': fleet },
  });
  expect(response.status).toBe(200);
  return response.json();
};

const counter = (
  name: string,
  value: number,
  at: number,
  { start = at - MINUTE, temporality = DELTA } = {},
): TestMetric => ({
  name,
  unit: '{token}',
  sum: {
    dataPoints: [{ ...pointAt(at, { model_name: 'llama' }, start), asInt: String(value) }],
    aggregationTemporality: temporality,
    isMonotonic: true,
  },
});

describe('metrics sent over OTLP', () => {
  it('answer through `metrics`, by who measured', async () => {
    const fleet = await newFleet();
    await send(fleet, [
      counter('vllm:prompt_tokens_total', 1_000, NOW, { temporality: CUMULATIVE, start: NOW - MINUTE }),
    ]);
    await send(fleet, [
      counter('vllm:prompt_tokens_total', 1_600, NOW + MINUTE, { temporality: CUMULATIVE, start: NOW - MINUTE }),
    ]);
    await send(fleet, [counter('gen_ai.client.inference.usage.output_tokens', 30, NOW)]);
    const durations = {
      name: 'gen_ai.client.operation.duration',
      unit: 's',
      exponentialHistogram: {
        dataPoints: [
          {
            ...pointAt(NOW),
            count: '3',
            sum: 3.9,
            min: 0.9,
            max: 2,
            scale: 2,
            positive: { offset: -1, bucketCounts: ['2', '0', '0', '0', '1'] },
          },
        ],
        aggregationTemporality: DELTA,
      },
    };
    await send(fleet, [durations]);
    expect(
      await metric(fleet, { metric: 'TOKEN_USAGE', statistic: 'SUM', source: 'SERVER_METRICS', groupBy: ['MODEL'] }),
    ).toEqual({ llama: 1_600 });
    expect(await metric(fleet, { metric: 'TOKEN_USAGE', statistic: 'SUM', source: 'CLIENT_METRICS' })).toEqual({
      '': 30,
    });
    expect(await metric(fleet, { metric: 'TOKEN_USAGE', statistic: 'SUM' })).toEqual({ '': 0 });
    const inference = { metric: 'INFERENCE_LATENCY', source: 'CLIENT_METRICS' };
    expect(await metric(fleet, { ...inference, statistic: 'COUNT' })).toEqual({ '': 3 });
    expect(await metric(fleet, { ...inference, statistic: 'AVG' })).toEqual({ '': expect.closeTo(1_300, 6) });
    expect(await metric(fleet, { ...inference, statistic: 'MAX' })).toEqual({ '': expect.closeTo(2_000, -2) });
  });

  it('are kept but for the points that are wrong, and the sender is told which', async () => {
    const fleet = await newFleet();
    const wrong = counter('gen_ai.client.inference.usage.input_tokens', 5, NOW, { temporality: 0 });
    const answer = await send(fleet, [wrong, counter('gen_ai.client.inference.usage.input_tokens', 7, NOW)]);
    expect(answer).toEqual({
      partialSuccess: {
        rejectedDataPoints: '1',
        errorMessage: expect.stringContaining('aggregation_temporality is neither'),
      },
    });
    expect(await tokens(fleet)).toBe(7);
  });

  it('that lay in the journal from before are taken up at the start, one that cannot be read holds up no other', async () => {
    const fleet = await newFleet();
    await server.stop();
    const insert = (body: string) =>
      database.pool.query(
        `INSERT INTO journal (fleet_id, signal, encoding, is_gzip, body, body_hash) VALUES ($1, 'metrics', 'json', false, $2, $3)`,
        [fleet, Buffer.from(body), createHash('sha256').update(body).digest()],
      );
    await insert('no metrics');
    await insert(metricsRequest([counter('gen_ai.client.inference.usage.input_tokens', 11, NOW)]));
    server = await startServer({ databaseUrl: database.url, dataDir });
    await until(async () => (await pending(fleet)) === 1);
    await database.pool.query('DELETE FROM journal WHERE done_at IS NULL AND fleet_id = $1', [fleet]);
    expect(await tokens(fleet)).toBe(11);
  });

  it('count once each, whatever was answered 200 before a kill', async () => {
    const fleet = await newFleet();
    let acknowledged = 0;
    let time = NOW;
    for (let round = 0; round < 3; round += 1) {
      const current = server;
      const senders = Array.from({ length: 6 }, async (_, instance) => {
        // Exporters of their own: of one series no more is remembered than its last 64 points, and what is replayed comes late.
        const resource = { 'service.name': 'app', 'service.instance.id': String(instance) };
        for (;;) {
          time += 1;
          const body = metricsRequest([counter('gen_ai.client.inference.usage.input_tokens', 1, time)], resource);
          try {
            const headers = { 'x-fleet-id': fleet };
            const response = await current.send(body, { path: '/v1/metrics', headers });
            if (response.status === 200) acknowledged += 1;
          } catch {
            return;
          }
        }
      });
      const before = acknowledged;
      await until(() => acknowledged >= before + 15 + round * 41);
      await current.stop('SIGKILL');
      await Promise.all(senders);
      server = await startServer({ databaseUrl: database.url, dataDir });
    }
    await until(async () => (await pending(fleet)) === 0);
    const counted = await tokens(fleet);
    const { rows } = await database.pool.query('SELECT count(*)::int AS requests FROM journal WHERE fleet_id = $1', [
      fleet,
    ]);
    // A request may have been journaled without its answer reaching the sender: never the other way round.
    expect(counted).toBe(rows[0].requests);
    expect(counted).toBeGreaterThanOrEqual(acknowledged);
  });
});

/** Tokens by the model asked for, as the capture's notes have them. */
function expectedTokens({ requests }: CaptureFolder): Record<string, number> {
  const totals: Record<string, number> = {};
  for (const { name, series = [] } of requests.flatMap(({ metrics }) => metrics)) {
    if (!name.endsWith('token.usage')) continue;
    for (const { model, sum, value } of series) totals[model] = (totals[model] ?? 0) + (sum ?? value ?? 0);
  }
  return totals;
}

const SNAPSHOT_DATE = /-\d{4}-?\d{2}-?\d{2}$/;

describe.skipIf(!hasCaptures)('metrics of real clients (skipped: ../shared/data/otlp is absent)', () => {
  const folders = readCaptures().filter(({ requests }) => requests.some(({ signal }) => signal === 'metrics'));

  it('are there', () => expect(folders.map(({ name }) => name)).not.toEqual([]));

  it.each(folders)('$name: tokens by model as it counted them, sent once or twice', async (folder) => {
    const fleet = await newFleet();
    const requests = folder.requests.filter(({ signal }) => signal === 'metrics');
    for (const { encoding, body } of [...requests, ...requests]) {
      const type = encoding === 'json' ? 'application/json' : 'application/x-protobuf';
      const headers = { 'x-fleet-id': fleet, 'content-type': type };
      const response = await server.send(new Uint8Array(body), { path: '/v1/metrics', headers });
      expect([response.status, await response.text()]).toEqual([200, encoding === 'json' ? '{}' : '']);
    }
    const used = { metric: 'TOKEN_USAGE', statistic: 'SUM', source: 'CLIENT_METRICS', groupBy: ['MODEL'] };
    const { '': without, ...byModel } = await metric(fleet, used);
    const asked = Object.entries(byModel).map(([model, sum]) => [model.replace(SNAPSHOT_DATE, ''), sum]);
    expect(Object.fromEntries(asked)).toEqual(expectedTokens(folder));
    expect(without ?? 0).toBe(0);
    const calls = { metric: 'INFERENCE_LATENCY', statistic: 'COUNT', source: 'CLIENT_METRICS' };
    const { '': latencies } = await metric(fleet, calls);
    const names = requests.flatMap(({ metrics }) => metrics.map(({ name }) => name));
    expect((latencies ?? 0) > 0).toBe(names.some((name) => name.endsWith('operation.duration')));
  });
});
