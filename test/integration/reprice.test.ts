import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.js';
import { versionOfPrices } from '../../src/cost/price-list.js';
import { createPriceBook } from '../../src/cost/prices.js';
import { DecisionCalendar } from '../../src/decision/calendar.js';
import { type RepriceRequest, repriceFleet } from '../../src/decision/reprice/reprice.js';
import { verifyLedger } from '../../src/ledger/check/verify.js';
import { compactRollups } from '../../src/metric/compact.js';
import { SliceBook } from '../../src/metric/write.js';
import { DEFAULT_SETTINGS, type OwnPrice } from '../../src/settings/settings.js';
import { decisionInput, type GraphQLFixture, record, startGraphQL } from '../support/graphql.js';

const FLEET = 'priced';
const FROM_MS = Date.parse('2026-11-22T00:00:00Z');
const RANGE = { fromMs: FROM_MS, toMs: FROM_MS + 86_400_000 };

const own = (model: string, input: string, validFromMs = Number.NEGATIVE_INFINITY): OwnPrice => ({
  model,
  provider: null,
  validFromMs,
  input,
  output: '10',
  cacheRead: null,
  cacheWrite: null,
  reasoning: null,
});
/** What the server knew when it recorded. */
const OLD_PRICES = [own('acme-known', '1')];
/** Since 09:00 of that day the known model is dearer, and the new one has a price at all. */
const NEW_PRICES = [own('acme-known', '1'), own('acme-known', '3', FROM_MS + 9 * 3_600_000), own('acme-new', '0.5')];

let api: GraphQLFixture;

beforeAll(async () => {
  api = await startGraphQL({ fleets: [FLEET, 'other'], priceOf: createPriceBook(OLD_PRICES) });
});
afterAll(() => api.close());

function tools(prices: readonly OwnPrice[] = NEW_PRICES, model: string | null = null) {
  return {
    pool: api.pool,
    calendar: new DecisionCalendar({ pool: api.pool, clock: systemClock }),
    writer: new SliceBook(DEFAULT_SETTINGS.cardinality),
    pricing: { priceOf: createPriceBook(prices), model },
    version: versionOfPrices(prices),
    clock: systemClock,
  };
}

function request(changed: Partial<RepriceRequest> = {}): RepriceRequest {
  return { fleet: FLEET, range: RANGE, isDryRun: false, ...changed };
}

const used = (model: string, input: number) => ({ model, provider: 'acme', tokens: { input, output: 10 } });

/** Two hundred before 09:00 and as many after, of four kinds; each `child` was invoked by its `caller`. */
function inputs(prefix: string): unknown[] {
  return Array.from({ length: 100 }, (_, n) => {
    const minute = n < 50 ? n : 60 + n;
    const parentId = `${prefix}-caller-${n}`;
    return [
      decisionInput(parentId, {
        minute,
        agent: 'orchestrator',
        traceId: `${prefix}-${n}`,
        ...used('acme-known', 1_000 + n),
      }),
      decisionInput(`${prefix}-child-${n}`, {
        minute,
        agent: 'worker',
        parentId,
        traceId: `${prefix}-${n}`,
        ...used('acme-new', 2_000 + n),
      }),
      decisionInput(`${prefix}-own-${n}`, { minute, agent: 'worker', costUsd: 0.125, ...used('acme-known', 500) }),
      decisionInput(`${prefix}-mixed-${n}`, {
        minute,
        agent: 'mixer',
        provider: 'acme',
        steps: ['acme-known', 'acme-new', 'nobody-knows'].slice(0, n % 2 === 0 ? 2 : 3).map((model) => ({
          kind: 'MODEL_CALL',
          name: 'chat',
          model,
          startedAt: new Date(FROM_MS + 8 * 3_600_000 + minute * 60_000).toISOString(),
          durationMs: 5,
          tokens: { input: 100 + n, output: 7 },
        })),
      }),
    ];
  }).flat();
}

/** Every figure of money, by what the metrics say and by what SQL says of the decisions. */
async function money() {
  const query = `query ($metric: MetricName!, $statistic: Statistic!, $source: MetricSource!) {
    metrics(query: { metric: $metric, statistic: $statistic, source: $source, groupBy: [AGENT, MODEL],
      from: "2026-11-22T00:00:00Z", to: "2026-11-23T00:00:00Z" }) { labels { value } value }
  }`;
  const metric = async (statistic: string, source: string) => {
    const { data, errors } = await api.ask(query, { metric: 'COST', statistic, source }, { fleet: FLEET });
    expect(errors).toBeUndefined();
    const series: { labels: { value: string }[]; value: number | null }[] = data.metrics;
    return Object.fromEntries(
      series
        .filter(({ value }) => value !== null && value !== 0)
        .map(({ labels, value }) => [labels.map((label) => label.value).join('|'), value]),
    );
  };
  const { data } = await api.ask(
    '{ unpricedModels(from: "2026-11-22T00:00:00Z", to: "2026-11-23T00:00:00Z") { provider model decisions tokens } }',
    {},
    { fleet: FLEET },
  );
  return {
    sums: await metric('SUM', 'DECISIONS'),
    counts: await metric('COUNT', 'DECISIONS'),
    calls: await metric('SUM', 'CALLS'),
    unpriced: data.unpricedModels,
  };
}

async function moneyBySql(): Promise<Awaited<ReturnType<typeof money>>> {
  const select = async (labels: string, value: string, rest = '') => {
    const { rows } = await api.pool.query(
      `SELECT ${labels} AS labels, ${value} AS value FROM decision d ${rest} WHERE d.fleet_id = $1 AND d.cost_usd IS NOT NULL GROUP BY 1`,
      [FLEET],
    );
    return Object.fromEntries(rows.map(({ labels, value }) => [labels, value]));
  };
  const unpriced = await api.pool.query(
    `SELECT call ->> 'provider' AS provider, call ->> 'model' AS model, count(DISTINCT id)::int AS decisions,
       sum((call #>> '{tokens,input}')::int + (call #>> '{tokens,output}')::int)::int AS tokens
     FROM decision, jsonb_array_elements(calls) AS call
     WHERE fleet_id = $1 AND cost_usd IS NULL AND call ->> 'costUsd' IS NULL
     GROUP BY 1, 2 ORDER BY tokens DESC`,
    [FLEET],
  );
  return {
    // What the user stated of a decision as a whole is the answering model's, everything else its calls'.
    sums: await select(
      `d.agent || '|' || CASE WHEN d.cost_source = 'OWN' THEN d.model ELSE call ->> 'model' END`,
      `sum(CASE WHEN d.cost_source = 'OWN' THEN d.cost_usd ELSE (call ->> 'costUsd')::numeric END)::float8`,
      'CROSS JOIN LATERAL jsonb_array_elements(d.calls) AS call',
    ),
    counts: await select(`d.agent || '|' || coalesce(d.model, '')`, 'count(*)::int'),
    calls: await select(
      `d.agent || '|'`,
      'sum(d.cost_usd)::float8',
      'JOIN decision p ON p.fleet_id = d.fleet_id AND p.id = d.parent_id',
    ),
    unpriced: unpriced.rows,
  };
}

async function entries(kind: string): Promise<{ canonical: string; seq: number }[]> {
  const { rows } = await api.pool.query(
    'SELECT canonical, seq FROM ledger_entry WHERE fleet_id = $1 AND kind = $2 ORDER BY seq',
    [FLEET, kind],
  );
  return rows;
}

async function costs(pattern: string): Promise<(string | null)[]> {
  const { rows } = await api.pool.query(
    'SELECT cost_usd::text AS cost FROM decision WHERE fleet_id = $1 AND id LIKE $2 ORDER BY id',
    [FLEET, pattern],
  );
  return rows.map(({ cost }) => cost);
}

describe('re-pricing', () => {
  beforeAll(async () => {
    await record(api, inputs('a'), { fleet: FLEET });
    await compactRollups(api.database.recorderPool);
    await record(api, inputs('b'), { fleet: FLEET });
  });

  it('says what it would change, and changes nothing, when it is tried dry', async () => {
    const before = await money();
    const tally = await repriceFleet(tools(), request({ isDryRun: true }));
    expect(tally).toMatchObject({ decisions: 500, unpricedBefore: 400, unpricedAfter: 100 });
    expect(await money()).toEqual(before);
    expect(await entries('REPRICE')).toEqual([]);
  });

  it('leaves alone what has not started in the range, is of other models or of other fleets', async () => {
    const later = { fromMs: RANGE.toMs, toMs: RANGE.toMs + 1 };
    expect(await repriceFleet(tools(), request({ range: later }))).toMatchObject({ decisions: 0 });
    expect(await repriceFleet(tools(NEW_PRICES, 'gpt-*'), request())).toMatchObject({ decisions: 0 });
    expect(await repriceFleet(tools(), request({ fleet: 'other' }))).toMatchObject({ decisions: 0 });
    expect(await entries('REPRICE')).toEqual([]);
  });

  it('corrects decisions and figures together, and keeps what was recorded in the ledger', async () => {
    const recorded = await entries('DECISION');
    const before = await moneyBySql();
    expect(await money()).toEqual(before);

    const tally = await repriceFleet(tools(), request());

    const after = await moneyBySql();
    expect(after).not.toEqual(before);
    expectMoney(await money(), after);
    expect(after.unpriced).toMatchObject([{ model: 'nobody-knows', decisions: 100 }]);
    expect(await entries('DECISION')).toEqual(recorded);
    const total = await api.pool.query(`SELECT sum((change ->> 'costUsdAfter')::numeric)::text AS after,
        count(*)::int AS decisions FROM ledger_entry,
        jsonb_array_elements(canonical::jsonb -> 'payload' -> 'changes') AS change WHERE kind = 'REPRICE'`);
    expect(total.rows).toEqual([{ after: expect.anything(), decisions: tally.decisions }]);
    expect(Number(total.rows[0].after)).toBe(Number(tally.costUsdAfter));
    expect(await verifyLedger(api.pool, FLEET, AbortSignal.timeout(20_000))).toMatchObject({ intact: true });
  });

  it('takes the price of the time of each call, and never touches a cost the user stated', async () => {
    // 1,000 in and 10 out at 1 and 10 dollars per million; at noon 1,050 in at 3.
    expect((await costs('a-caller-0'))[0]).toBe('0.0011');
    expect((await costs('a-caller-50'))[0]).toBe('0.00325');
    expect((await costs('a-child-0'))[0]).toBe('0.0011');
    // 100 in of each, 7 out of each.
    expect(await costs('a-mixed-0')).toEqual(['0.00029']);
    expect(await costs('a-mixed-1')).toEqual([null]);
    expect(new Set(await costs('%-own-%'))).toEqual(new Set(['0.125']));
  });

  it('leaves the commitments to steps as they are', async () => {
    const { rows } = await api.pool.query(
      `SELECT DISTINCT cost_usd::text AS cost FROM step WHERE fleet_id = $1 AND model = 'acme-new'`,
      [FLEET],
    );
    expect(rows).toEqual([{ cost: null }]);
  });

  it('names in the ledger the prices, and each decision with its cost before and after', async () => {
    const [entry] = await entries('REPRICE');
    const { subject, payload } = JSON.parse(entry?.canonical ?? '');
    expect(subject).toBe('prices');
    expect(payload).toMatchObject({
      from: '2026-11-22T00:00:00.000Z',
      to: '2026-11-23T00:00:00.000Z',
      model: null,
      priceList: expect.stringMatching(/^@pydantic\/genai-prices \d+\.\d+\.\d+/),
      ownPrices: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
    expect(payload.changes).toContainEqual({ id: 'a-caller-50', costUsdBefore: '0.00115', costUsdAfter: '0.00325' });
    expect(payload.changes).toContainEqual({ id: 'a-child-0', costUsdBefore: null, costUsdAfter: '0.0011' });
    expect(payload.decisions).toBe(payload.changes.length);
  });

  it('says it in entries that monitors can be given', async () => {
    const texts = (await entries('REPRICE')).map(({ canonical }) => canonical);
    for (const text of texts) expect(Buffer.byteLength(text)).toBeLessThan(65_536);
  });

  it('changes nothing the second time, and says nothing in the ledger', async () => {
    const before = [await money(), (await entries('REPRICE')).length];
    expect(await repriceFleet(tools(), request())).toEqual({
      decisions: 0,
      costUsdBefore: '0',
      costUsdAfter: '0',
      unpricedBefore: 0,
      unpricedAfter: 0,
    });
    expect([await money(), (await entries('REPRICE')).length]).toEqual(before);
  });

  it('takes back what a price gave, to the same figures as before', async () => {
    const tally = await repriceFleet(tools(OLD_PRICES), request());
    expect(tally).toMatchObject({ unpricedBefore: 100, unpricedAfter: 400 });
    await compactRollups(api.database.recorderPool);
    const after = await moneyBySql();
    expectMoney(await money(), after);
    expect(await costs('a-caller-50')).toEqual(['0.00115']);
  });

  it('changes calls of the models that are meant and no others', async () => {
    const known = await repriceFleet(tools(NEW_PRICES, 'acme-kno*'), request());
    expect(known.unpricedAfter).toBe(known.unpricedBefore);
    expect(await costs('a-caller-50')).toEqual(['0.00325']);
    expect(await costs('a-child-0')).toEqual([null]);
    await repriceFleet(tools(NEW_PRICES, 'acme-new'), request());
    // 150 in at 3 and at 0.5, 7 out of each.
    expect(await costs('a-mixed-50')).toEqual(['0.000665']);
    expect(await repriceFleet(tools(), request())).toMatchObject({ decisions: 0 });
    expectMoney(await money(), await moneyBySql());
  });

  it('works beside a recorder: nothing is lost, counted twice or out of its place in the chain', async () => {
    const batches = Array.from({ length: 4 }, (_, n) => inputs(`c${n}`));
    const recording = (async () => {
      for (const batch of batches) await record(api, batch, { fleet: FLEET });
    })();
    const first = repriceFleet(tools(), request());
    await Promise.all([recording, first, repriceFleet(tools(), request())]);
    await repriceFleet(tools(), request());
    expectMoney(await money(), await moneyBySql());
    expect(await repriceFleet(tools(), request())).toMatchObject({ decisions: 0 });
    const changes = await api.pool.query(`SELECT change ->> 'id' AS id FROM ledger_entry,
      jsonb_array_elements(canonical::jsonb -> 'payload' -> 'changes') AS change
      WHERE kind = 'REPRICE' AND change ->> 'id' LIKE 'c%'`);
    const ids = changes.rows.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(await verifyLedger(api.pool, FLEET, AbortSignal.timeout(20_000))).toMatchObject({ intact: true });
  });
});

/** Summaries keep sums as floats; everything else is exact. */
function expectMoney(actual: Awaited<ReturnType<typeof money>>, expected: Awaited<ReturnType<typeof money>>): void {
  expect(actual.unpriced).toEqual(expected.unpriced);
  expect(actual.counts).toEqual(expected.counts);
  for (const name of ['sums', 'calls'] as const) {
    expect(Object.keys(actual[name]).sort()).toEqual(Object.keys(expected[name]).sort());
    for (const [key, value] of Object.entries(expected[name])) expect(actual[name][key]).toBe(value);
  }
}
