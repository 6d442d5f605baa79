import { once } from 'node:events';
import http from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readProviderCsv } from '../../../src/cost/provider/csv.js';
import { Billing } from '../../../src/demo/billing.js';
import { type UnmonitoredUse, writeBills } from '../../../src/demo/provider-bill.js';
import { Tally } from '../../../src/demo/tally.js';
import { generateTraffic } from '../../../src/demo/traffic/traffic.js';

const END_MS = Date.parse('2026-11-24T00:10:00.000Z');
const SHADOW = 'key-shadow-batch';

function tallyOf(count: number): Tally {
  const tally = new Tally();
  let left = count;
  for (const { plan, elapsedS } of generateTraffic({ seed: 3, decisionsPerS: 1, mood: 'faulty' })) {
    if (left === 0) break;
    tally.add(plan, END_MS - count * 1_000 + elapsedS * 1_000);
    left -= 1;
  }
  return tally;
}

describe('the bills', () => {
  const tally = tallyOf(2_000);
  const bills = writeBills(tally.modelUses(), 35);

  it('are of OpenAI and Anthropic, exactly what the fleet used and a batch beside it', () => {
    expect(bills.map(({ provider }) => provider)).toEqual(['openai', 'anthropic']);
    for (const { provider, csv } of bills) {
      const uses = tally.modelUses().filter(({ model }) => model.provider === provider);
      const rows = readProviderCsv(csv).filter(({ apiKey }) => apiKey !== SHADOW);
      expect(rows.map(({ apiKey }) => apiKey)).toEqual(uses.map(({ role }) => `key-${role}-z`));
      const billed = rows.reduce((sum, { costPicodollars }) => sum + Number(costPicodollars), 0) / 1e12;
      expect(billed).toBeCloseTo(
        uses.reduce((sum, { costUsd }) => sum + (costUsd ?? 0), 0),
        9,
      );
      const sum = (figures: (number | null)[]) => figures.reduce((total: number, figure) => total + (figure ?? 0), 0);
      expect(sum(rows.map(({ inputTokens }) => inputTokens))).toBe(sum(uses.map(({ inputTokens }) => inputTokens)));
      expect(sum(rows.map(({ requests }) => requests))).toBe(sum(uses.map(({ requests }) => requests)));
    }
  });

  it('say the same of the batch every day, and tell what it cost', () => {
    const [openai, anthropic] = bills;
    const rows = readProviderCsv(openai?.csv ?? '').filter(({ apiKey }) => apiKey === SHADOW);
    expect(rows.map(({ day }) => day)).toEqual(['2026-11-23', '2026-11-24']);
    expect(rows.map(({ costPicodollars }) => Number(costPicodollars) / 1e12)).toEqual(
      openai?.unmonitored.map(({ usd }) => usd),
    );
    expect(openai?.unmonitored[0]?.usd).toBeCloseTo(22.8, 9);
    expect(anthropic?.unmonitored).toEqual([]);
  });

  it('are none as long as nothing was used', () => {
    expect(writeBills([], 35)).toEqual([]);
  });
});

describe('billing', () => {
  const received: { headers: http.IncomingHttpHeaders; input: { provider: string; csv: string } }[] = [];
  let answer: { status: number; body: unknown };
  const server = http.createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    received.push({ headers: request.headers, ...JSON.parse(Buffer.concat(chunks).toString()).variables });
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body));
  });
  let url = '';
  beforeAll(async () => {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const address = server.address();
    url = typeof address === 'object' ? `http://127.0.0.1:${address?.port}` : '';
  });
  afterAll(() => void server.close());
  const TAKEN = { data: { importProviderUsage: { __typename: 'ImportProviderUsageSuccess' } } };
  beforeEach(() => {
    received.length = 0;
    answer = { status: 200, body: TAKEN };
  });

  function start(address = url) {
    const tally = tallyOf(300);
    const unmonitored: UnmonitoredUse[] = [];
    const refusals: string[] = [];
    const billing = new Billing({
      destination: { url: address, headers: { authorization: 'Bearer key', 'x-fleet-id': 'north' } },
      bills: () => writeBills(tally.modelUses(), 1),
      onUnmonitored: (use) => unmonitored.push(use),
      onRefused: (reason) => refusals.push(reason),
    });
    return { billing, unmonitored, refusals };
  }

  it('imports each provider’s bill in the fleet’s name, every time, and tells of the batch once', async () => {
    const { billing, unmonitored, refusals } = start();
    await Promise.all([billing.importBills(), billing.importBills()]);
    expect(received.map(({ input }) => input.provider)).toEqual(['openai', 'anthropic', 'openai', 'anthropic']);
    expect(received[0]?.headers).toMatchObject({ authorization: 'Bearer key', 'x-fleet-id': 'north' });
    expect(received[0]?.input.csv).toContain(SHADOW);
    expect(unmonitored.map(({ apiKey }) => apiKey)).toEqual([SHADOW]);
    expect(refusals).toEqual([]);
  });

  it.each([
    ['in the payload', 200, { data: { importProviderUsage: { message: 'you may not' } } }],
    ['as an error', 200, { data: null, errors: [{ message: 'you may not' }] }],
    ['before GraphQL', 401, { code: 16, message: 'you may not' }],
  ])('takes a refusal %s for final, and says so once', async (_where, status, body) => {
    answer = { status, body };
    const { billing, unmonitored, refusals } = start();
    await billing.importBills();
    await billing.importBills();
    expect(received).toHaveLength(1);
    expect(refusals).toEqual(['you may not']);
    expect(unmonitored).toEqual([]);
  });

  it('tries again where the server could not take them', async () => {
    answer = { status: 503, body: { message: 'not now' } };
    const { billing, unmonitored, refusals } = start();
    await billing.importBills();
    expect(unmonitored).toEqual([]);
    answer = { status: 200, body: TAKEN };
    await billing.importBills();
    expect(unmonitored).toHaveLength(1);
    expect(refusals).toEqual([]);
  });

  it('does not mind that there is no server', async () => {
    const { billing, refusals } = start('http://127.0.0.1:1');
    await billing.importBills();
    expect(refusals).toEqual([]);
  });
});
