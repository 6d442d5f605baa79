import { afterAll, beforeAll, expect, it } from 'vitest';
import { decisionInput, type GraphQLFixture, record, startGraphQL } from '../support/graphql.js';

let api: GraphQLFixture;

beforeAll(async () => {
  api = await startGraphQL();
  await record(api, [
    decisionInput('caller', { agent: 'a' }),
    decisionInput('first', { agent: 'b', parentId: 'caller', minute: 1 }),
    decisionInput('last', { agent: 'b', parentId: 'caller', minute: 10 }),
  ]);
});
afterAll(() => api.close());

/** Calls between agents, which are known by the minute, from half past the first one's minute on. */
function askCalls(stepMs: number) {
  return api.ask(
    `query ($stepMs: Int) { metrics(query: { metric: DECISIONS, statistic: SUM, source: CALLS, stepMs: $stepMs,
      from: "2026-11-22T08:01:30Z", to: "2026-11-22T08:10:30Z" }) { value points { at value } } }`,
    { stepMs },
  );
}

it('points of what is known by the minute are those of whole minutes, and leave none out', async () => {
  const { data } = await askCalls(60_000);
  const [{ value, points }] = data.metrics;
  expect(value).toBe(2);
  expect(points).toHaveLength(10);
  expect(points.filter((point: { value: number }) => point.value > 0)).toEqual([
    { at: '2026-11-22T08:01:00.000Z', value: 1 },
    { at: '2026-11-22T08:10:00.000Z', value: 1 },
  ]);
});

it('parts of a minute are refused for what is known by the minute', async () => {
  const { errors } = await askCalls(90_000);
  expect(errors).toMatchObject([
    { message: expect.stringMatching(/whole minutes/), extensions: { code: 'VALIDATION_FAILED' } },
  ]);
});
