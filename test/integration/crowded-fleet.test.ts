import { afterAll, beforeAll, expect, test } from 'vitest';
import { decisionInput, type GraphQLFixture, record, startGraphQL } from '../support/graphql.js';

/** More agents than figures are kept for apart: ten times the bound, which is one here. */
const AGENTS = Array.from({ length: 12 }, (_, n) => `agent-${String(n).padStart(2, '0')}`);
const DECISIONS_EACH = 3;
const STARTED_MS = Date.now() - 600_000;
const timeOf = (minute: number) => new Date(STARTED_MS + minute * 60_000).toISOString();

let api: GraphQLFixture;
beforeAll(async () => {
  api = await startGraphQL({
    cardinality: { valuesPerDimension: 1, slicesPerDay: 1_000 },
  });
  for (let n = 0; n < DECISIONS_EACH; n += 1) {
    const requestType = `type-${n}`;
    await record(
      api,
      AGENTS.map((agent) =>
        decisionInput(`${agent}-${n}`, {
          agent,
          requestType,
          agentVersion: '1.0',
          startedAt: timeOf(n),
          endedAt: timeOf(n + 1),
        }),
      ),
    );
  }
});
afterAll(() => api.close());

test('every agent has its own figures, and none is called other or idle', async () => {
  const { data, errors } = await api.ask(`{
    agents(first: 50) { nodes { name stats { decisions } } }
    fleet { load { decisions idle skew agents { name decisions } } versions { agents { agent } } }
  }`);
  expect(errors).toBeUndefined();
  const expected = AGENTS.map((name) => ({ name, decisions: DECISIONS_EACH }));
  expect(
    data.agents.nodes.map(({ name, stats }: { name: string; stats: { decisions: number } }) => ({ name, ...stats })),
  ).toEqual(expected);
  expect(data.fleet.load).toMatchObject({ decisions: AGENTS.length * DECISIONS_EACH, idle: [], agents: expected });
  expect(data.fleet.load.skew).toBeCloseTo(0);
  expect(data.fleet.versions.agents.map(({ agent }: { agent: string }) => agent).sort()).toEqual(AGENTS);
});

test('routes name the agent, and say where request types were folded', async () => {
  const { data } = await api.ask('{ fleet { routes { agent requestType isFolded stats { decisions } } } }');
  const ofOne = data.fleet.routes.filter(({ agent }: { agent: string }) => agent === AGENTS[11]);
  expect(
    ofOne.map(({ requestType, isFolded }: { requestType: string; isFolded: boolean }) => [requestType, isFolded]),
  ).toEqual(expect.arrayContaining([['type-0', false]]));
  expect(new Set(data.fleet.routes.map(({ agent }: { agent: string }) => agent)).size).toBe(AGENTS.length);
});

test('a fold that is shown says so', async () => {
  const { data } = await api.ask(`{ metrics(query: { metric: DECISIONS, statistic: SUM, groupBy: [AGENT],
    from: "${timeOf(-1)}", to: "${timeOf(10)}" }) { labels { value isFolded } value } }`);
  expect(data.metrics).toContainEqual({
    labels: [{ value: 'other', isFolded: true }],
    value: 2 * DECISIONS_EACH,
  });
});
