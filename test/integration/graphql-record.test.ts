import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPriceBook } from '../../src/cost/prices.js';
import type { Watcher } from '../../src/decision/watcher.js';
import { decisionInput, type GraphQLFixture, startGraphQL } from '../support/graphql.js';
import { checkLedger } from '../support/ledger.js';
import { NO_WATCH } from '../support/watcher.js';

let api: GraphQLFixture;
beforeAll(async () => {
  api = await startGraphQL({ priceOf: createPriceBook([]) });
});
afterAll(() => api.close());

const RECORD = `mutation ($input: RecordDecisionsInput!) { recordDecisions(input: $input) {
  __typename
  ... on RecordDecisionsSuccess { duplicates decisions { id outcome riskClass costUsd tokens { total } ledgerEntry { seq hash } } }
  ... on UserError { message path code }
} }`;

async function recordAll(decisions: unknown[], role: 'ADMIN' | 'INGEST' | 'VIEWER' = 'ADMIN') {
  const { data, errors } = await api.ask(RECORD, { input: { decisions } }, { role });
  expect(errors).toBeUndefined();
  return data.recordDecisions;
}

describe('recordDecisions', () => {
  it('has what comes again judged once', async () => {
    const judged: string[] = [];
    const watcher: Watcher = {
      ...NO_WATCH,
      judge: (unit) => {
        judged.push(...unit.fresh.map(({ id }) => id));
        return NO_WATCH.judge(unit);
      },
    };
    const watched = await startGraphQL({ watcher });
    const send = (...ids: string[]) =>
      watched.ask(RECORD, { input: { decisions: ids.map((id) => decisionInput(id)) } }).then(({ data }) => data);
    await send('a', 'b');
    const again = await send('c', 'b', 'a');
    await watched.close();
    expect(again.recordDecisions.duplicates).toEqual(['b', 'a']);
    expect(again.recordDecisions.decisions).toMatchObject([{ id: 'c' }, { id: 'b' }, { id: 'a' }]);
    expect(judged).toEqual(['a', 'b', 'c']);
  });

  it('seals decisions in the order given and answers with their entries, also to INGEST', async () => {
    const result = await recordAll([decisionInput('one', { outcome: 'ERROR' }), decisionInput('two')], 'INGEST');
    expect(result).toMatchObject({
      __typename: 'RecordDecisionsSuccess',
      duplicates: [],
      decisions: [
        { id: 'one', outcome: 'ERROR', riskClass: 'ROUTINE', ledgerEntry: { seq: 0 } },
        { id: 'two', outcome: 'SUCCESS', ledgerEntry: { seq: 1 } },
      ],
    });
    const entries = await checkLedger(api.pool, 'default');
    expect(entries.map(({ hash }) => hash)).toEqual(
      result.decisions.map((decision: { ledgerEntry: { hash: string } }) => decision.ledgerEntry.hash),
    );
  });

  it('answers a repeated id as it stands and changes nothing', async () => {
    await recordAll([decisionInput('again')]);
    const result = await recordAll([decisionInput('again', { outcome: 'ERROR' }), decisionInput('fresh')]);
    expect(result.duplicates).toEqual(['again']);
    expect(result.decisions).toMatchObject([
      { id: 'again', outcome: 'SUCCESS' },
      { id: 'fresh', outcome: 'SUCCESS' },
    ]);
  });

  it('takes the stated cost, else computes it from the steps or from the whole', async () => {
    const million = { input: 1_000_000, output: 0 };
    const step = {
      kind: 'MODEL_CALL',
      name: 'chat',
      startedAt: '2026-11-22T08:00:00Z',
      durationMs: 1,
      model: 'gpt-4o',
    };
    const result = await recordAll([
      decisionInput('stated', { provider: 'openai', model: 'gpt-4o', tokens: million, costUsd: 0.125 }),
      decisionInput('whole', { provider: 'openai', model: 'gpt-4o', tokens: million }),
      decisionInput('by-steps', {
        provider: 'openai',
        steps: [
          { ...step, tokens: million },
          { ...step, tokens: million },
        ],
      }),
      decisionInput('by-its-model', {
        provider: 'openai',
        model: 'gpt-4o',
        steps: [{ ...step, model: null, tokens: million }],
      }),
      decisionInput('unknown', { model: 'nobody-knows-it', tokens: million }),
    ]);
    const [stated, whole, bySteps, byItsModel, unknown] = result.decisions;
    expect(stated.costUsd).toBe(0.125);
    expect(whole.costUsd).toBeGreaterThan(0);
    expect(bySteps).toMatchObject({ costUsd: whole.costUsd * 2, tokens: { total: 2_000_000 } });
    expect(byItsModel.costUsd).toBe(whole.costUsd);
    expect(unknown.costUsd).toBeNull();
  });

  const step = { kind: 'OTHER', name: 'x', startedAt: '2026-11-22T08:00:00Z', durationMs: 1 };
  it.each([
    ['an end before the start', { endedAt: '2026-11-22T07:00:00Z' }, ['endedAt']],
    ['a negative count', { tokens: { input: -1 } }, ['tokens', 'input']],
    ['a negative wait', { queueMs: -0.5 }, ['queueMs']],
    ['a score above 1', { hallucinationScore: 1.01 }, ['hallucinationScore']],
    ['NUL in an answer', { output: 'a\0b' }, ['output']],
    ['half a surrogate pair', { steps: [step, { ...step, arguments: '\ud800' }] }, ['steps', '1', 'arguments']],
    ['an empty id', { id: '' }, ['id']],
    ['a long id', { id: 'x'.repeat(201) }, ['id']],
    ['a reserved id', { id: 'Agent:x' }, ['id']],
    ['an empty agent', { agent: '' }, ['agent']],
    ['a repeated id', { id: 'good' }, ['id']],
    ['a negative duration', { steps: [{ ...step, durationMs: -1 }] }, ['steps', '0', 'durationMs']],
    ['a text over 1 MiB', { input: 'é'.repeat(524_289) }, ['input']],
    ['an id of telemetry', { id: '0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7' }, ['id']],
    ['a cost beyond measure', { costUsd: 1.1e9 }, ['costUsd']],
    ['a wait beyond measure', { queueMs: 1.1e12 }, ['queueMs']],
    ['a first token beyond measure', { timeToFirstTokenMs: 1.1e12 }, ['timeToFirstTokenMs']],
    ['a step beyond measure', { steps: [{ ...step, durationMs: 1.1e12 }] }, ['steps', '0', 'durationMs']],
    ['a latency beyond measure', { startedAt: '1990-01-01T00:00:00Z' }, ['endedAt']],
    ['a long model', { model: 'x'.repeat(301) }, ['model']],
    ['a long agent', { agent: 'x'.repeat(301) }, ['agent']],
    [
      'steps of more tokens than an Int holds',
      { steps: [1, 2].map(() => ({ ...step, tokens: { output: 2_000_000_000 } })) },
      ['steps'],
    ],
    ['too many steps', { steps: Array.from({ length: 1_001 }, () => step) }, ['steps']],
  ])('refuses the whole batch for %s, naming index and field', async (_what, change, path) => {
    const before = await checkLedger(api.pool, 'default');
    const result = await recordAll([decisionInput('good'), decisionInput('bad', change)]);
    expect(result).toMatchObject({
      __typename: 'ValidationError',
      code: 'VALIDATION_FAILED',
      path: ['decisions', '1', ...path],
    });
    expect(result.message).toContain(`decisions.1.${path.join('.')}`);
    expect(await checkLedger(api.pool, 'default')).toEqual(before);
  });

  it('refuses a count that is no Int, naming where it stands', async () => {
    const decisions = [decisionInput('x', { tokens: { input: 2_147_483_648 } })];
    const { data, errors } = await api.ask(RECORD, { input: { decisions } });
    expect(data).toBeUndefined();
    expect(errors?.[0]?.message).toContain('input.decisions[0].tokens.input');
  });

  it('answers sums beyond the largest Int as that', async () => {
    const startedAt = new Date(Date.now() - 60_000).toISOString();
    const most = { input: 2_147_483_647, output: 2_147_483_647 };
    const large = { agent: 'large', traceId: 'large', startedAt, endedAt: startedAt, tokens: most };
    await recordAll([decisionInput('large-1', large), decisionInput('large-2', large)]);
    const { data, errors } = await api.ask(`{
      agent(name: "large") { stats { tokens { input total } } decisions { nodes { tokens { output total } } } }
      trace(traceId: "large") { tokens { input output total } }
    }`);
    expect(errors).toBeUndefined();
    const whole = { output: 2_147_483_647, total: 2_147_483_647 };
    expect(data).toEqual({
      agent: {
        stats: { tokens: { input: 2_147_483_647, total: 2_147_483_647 } },
        decisions: { nodes: [{ tokens: whole }, { tokens: whole }] },
      },
      trace: { tokens: { input: 2_147_483_647, ...whole } },
    });
  });

  it('refuses more than 1,000 decisions', async () => {
    const result = await recordAll(Array.from({ length: 1_001 }, (_, index) => decisionInput(`many-${index}`)));
    expect(result).toMatchObject({ __typename: 'ValidationError', path: ['decisions'] });
  });

  it('seals 1,000 decisions in one request', async () => {
    const result = await recordAll(Array.from({ length: 1_000 }, (_, index) => decisionInput(`bulk-${index}`)));
    expect(result.decisions).toHaveLength(1_000);
    await checkLedger(api.pool, 'default');
  });

  it('is a typed refusal for a role that may not', async () => {
    expect(await recordAll([decisionInput('no')], 'VIEWER')).toMatchObject({
      __typename: 'ForbiddenError',
      code: 'FORBIDDEN',
    });
  });

  it.each(['2026-02-30T00:00:00Z', '2026-11-22', '2026-11-22T08:00:00', '0000-01-01T00:00:00Z', 'now'])(
    'refuses %s as a time, naming where it stands',
    async (startedAt) => {
      const { data, errors } = await api.ask(RECORD, { input: { decisions: [decisionInput('x', { startedAt })] } });
      expect(data).toBeUndefined();
      expect(errors?.[0]?.message).toContain('input.decisions[0].startedAt');
      expect(errors?.[0]?.extensions.code).toBe('VALIDATION_FAILED');
    },
  );
});

describe('fleets and API keys', () => {
  it('creates a fleet once', async () => {
    const create = () =>
      api.ask(
        'mutation { createFleet(input: { id: "new-fleet" }) { __typename ... on CreateFleetSuccess { fleet { id name } } ... on UserError { code } } }',
      );
    expect((await create()).data.createFleet).toEqual({
      __typename: 'CreateFleetSuccess',
      fleet: { id: 'Fleet:new-fleet', name: 'new-fleet' },
    });
    expect((await create()).data.createFleet).toEqual({ __typename: 'ConflictError', code: 'CONFLICT' });
  });

  it('shows a key once, lists it without, and ends it', async () => {
    const made = await api.ask(`mutation { createApiKey(input: { role: INGEST, name: "collector" }) {
      ... on CreateApiKeySuccess { key apiKey { id name role revokedAt createdBy } } } }`);
    const { key, apiKey } = made.data.createApiKey;
    expect(key.length).toBeGreaterThan(20);
    expect(apiKey).toMatchObject({ name: 'collector', role: 'INGEST', revokedAt: null, createdBy: 'a-admin' });
    const listed = await api.ask('{ fleet { apiKeys { id name } } }');
    expect(listed.data.fleet.apiKeys).toEqual([{ id: apiKey.id, name: 'collector' }]);
    expect(JSON.stringify(listed)).not.toContain(key);
    const revoke = (id: string) =>
      api.ask(
        'mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { __typename ... on RevokeApiKeySuccess { apiKey { revokedAt } } } }',
        { id },
      );
    expect((await revoke(apiKey.id)).data.revokeApiKey.apiKey.revokedAt).toMatch(/Z$/);
    expect((await revoke('ApiKey:nobody')).data.revokeApiKey.__typename).toBe('NotFoundError');
    expect((await revoke('root')).data.revokeApiKey.__typename).toBe('NotFoundError');
  });

  it.each(['', 'x'.repeat(201), 'a\0'])('refuses the name %j for a key', async (name) => {
    const { data } = await api.ask(
      'mutation ($name: String!) { createApiKey(input: { role: VIEWER, name: $name }) { __typename ... on UserError { path } } }',
      { name },
    );
    expect(data.createApiKey).toEqual({ __typename: 'ValidationError', path: ['name'] });
  });
});
