import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Sighting } from '../../src/anomaly/anomaly.js';
import { listAnomalies } from '../../src/anomaly/store.js';
import type { Decision } from '../../src/decision/decision.js';
import { findDecisions } from '../../src/decision/store.js';
import { isChosen } from '../../src/judge/choice.js';
import { Judge, type JudgeOptions } from '../../src/judge/judge.js';
import { verifyLedger } from '../../src/ledger/check/verify.js';
import { DEFAULT_SETTINGS, type JudgeSetting } from '../../src/settings/settings.js';
import { DAY_MS } from '../../src/time.js';
import { createStandingClock } from '../support/days.js';
import { makeDecision, makeStep } from '../support/decision.js';
import { type GraphQLFixture, startGraphQL } from '../support/graphql.js';
import { completion, type ModelRequest, type ModelServer, opinion, startModel } from '../support/model-server.js';
import { until } from '../support/wait.js';

const KEY = 'sk-canary-4242';
const clock = createStandingClock(Date.now());

let api: GraphQLFixture;
let model: ModelServer;
let judges: Judge[];
let logged: string;
beforeEach(async () => {
  clock.nowMs = Date.now();
  logged = '';
  judges = [];
  model = await startModel();
  api = await startGraphQL({ clock, fleets: ['prod-eu'] });
});
afterEach(async () => {
  for (const judge of judges) await judge.stop();
  await model.close();
  await api.close();
});

const lines = new Writable({
  write: (chunk, _encoding, done) => {
    logged += chunk;
    done();
  },
});

/** A judge as it is after a start, which has looked once: what is sealed from then on is judged. */
async function createJudge(
  settings: Partial<JudgeSetting> | null = {},
  options: Partial<JudgeOptions> = {},
): Promise<Judge> {
  const all: JudgeSetting = {
    url: model.url,
    model: 'gpt-5-mini',
    keyVariable: 'OPENAI_API_KEY',
    share: 1,
    agents: null,
    requestTypes: null,
    callsPerDayMax: 1_000,
    deadlineMs: 5_000,
  };
  const judge = new Judge({
    pool: api.pool,
    settings: settings && { ...all, ...settings },
    submit: (batch) => api.recorder.submit(batch),
    secretOf: (variable) => (variable === 'OPENAI_API_KEY' ? KEY : undefined),
    clock,
    log: pino({ level: 'trace' }, lines),
    ...options,
  });
  judges.push(judge);
  await judge.look();
  return judge;
}

const answered = (id: string, known: Partial<Decision> = {}): Decision =>
  makeDecision({
    id,
    agent: 'support',
    startedAtMs: clock.nowMs - 1_000,
    endedAtMs: clock.nowMs,
    input: `Where is parcel ${id}?`,
    output: `Parcel ${id} is in Lyon.`,
    groundingScore: 0.1,
    steps: [makeStep({ toolName: 'track_parcel', result: `{"parcel": "${id}", "city": "Paris"}` })],
    ...known,
  });

interface Sealing {
  fleet?: string;
  sampled?: boolean;
  sightings?: readonly Sighting[];
}

function record(decisions: readonly Decision[], { fleet = 'default', sampled = true, sightings = [] }: Sealing = {}) {
  return api.recorder.record(fleet, { decisions: decisions.map((decision) => ({ decision, sampled })), sightings });
}

async function found(fleet = 'default') {
  const page = { direction: 'forward', limit: 50, beyond: null } as const;
  return (await listAnomalies({ pool: api.pool, fleet, filter: {}, page })).rows;
}

/** The id of the decision that was asked about. */
const parcelOf = ({ prompt }: ModelRequest) => /Where is parcel (\S+)\?/.exec(prompt)?.[1];
const askedAbout = () => model.requests.map(parcelOf);
const some = (count: number) => Array.from({ length: count }, (_, index) => answered(`d${index}`));

describe('nothing is sent', () => {
  it('by default', async () => {
    expect(DEFAULT_SETTINGS.judge).toBeNull();
    const judge = await createJudge(null);
    judge.start();
    await record(some(3));
    await judge.look();
    await judge.stop();
    expect(model.requests).toEqual([]);
    expect(await found()).toEqual([]);
  });

  it('of what was sealed before it was switched on, or while it was off', async () => {
    await record([answered('before')]);
    const first = await createJudge();
    await record([answered('on')]);
    await first.look();
    await first.stop();
    const off = await createJudge(null);
    off.start();
    await off.stop();
    await record([answered('off')]);
    const second = await createJudge();
    await record([answered('on-again')]);
    await second.look();
    expect(askedAbout()).toEqual(['on', 'on-again']);
  });

  it('of decisions that are not chosen', async () => {
    const judge = await createJudge({ share: 0.3, agents: ['support*'] });
    const decisions = some(60);
    await record([...decisions, answered('other', { agent: 'fraud' })]);
    await judge.look();
    const chosen = decisions
      .filter(({ id }) =>
        isChosen({ share: 0.3, agents: null, requestTypes: null }, 'default', {
          id,
          agentName: 'support',
          requestType: null,
          sampled: true,
        }),
      )
      .map(({ id }) => id);
    expect(chosen.length).toBeGreaterThan(5);
    expect(chosen.length).toBeLessThan(35);
    expect(askedAbout().toSorted()).toEqual(chosen.toSorted());
  });

  it('of decisions whose content is not kept, without answers or evidence, or with more than fits', async () => {
    const judge = await createJudge();
    await record([answered('dropped')], { sampled: false });
    await record([
      answered('silent', { output: null }),
      answered('alone', { steps: [] }),
      answered('unknown', { steps: [makeStep({ toolName: 'track_parcel' })] }),
      answered('long', { steps: [makeStep({ result: 'x'.repeat(100_001) })] }),
      answered('last'),
    ]);
    await judge.look();
    expect(askedAbout()).toEqual(['last']);
  });

  it('of answers that were found ungrounded already', async () => {
    const judge = await createJudge();
    const sighting: Sighting = {
      kind: 'UNGROUNDED_ANSWER',
      severity: 'INFO',
      score: 0.4,
      observed: null,
      expected: null,
      summary: 's',
      evidence: {},
      incident: 'i',
      agent: 'support',
      decisionId: 'd0',
      customerSegment: null,
      metric: null,
      quotes: null,
      detectedAtMs: clock.nowMs,
    };
    await record(some(2), { sightings: [sighting] });
    await judge.look();
    expect(askedAbout()).toEqual(['d1']);
    expect(await found()).toHaveLength(1);
  });
});

describe('an answer', () => {
  it('is judged by question, sources and answer, and found where the model calls it made up', async () => {
    model.react = (request) => (parcelOf(request) === 'd1' ? opinion(0.8, 'is in Lyon', 'call us') : opinion(0.3));
    const judge = await createJudge();
    await record(some(2));
    await judge.look();
    expect(model.requests[0]).toMatchObject({
      path: '/v1/chat/completions',
      headers: { authorization: `Bearer ${KEY}` },
      body: { model: 'gpt-5-mini', temperature: 0, response_format: { type: 'json_schema' } },
    });
    for (const line of ['| Where is parcel d0?', '| {"parcel": "d0", "city": "Paris"}', '| Parcel d0 is in Lyon.']) {
      expect(model.requests.some(({ prompt }) => prompt.split('\n').includes(line))).toBe(true);
    }
    expect(await found()).toMatchObject([
      {
        kind: 'UNGROUNDED_ANSWER',
        severity: 'WARNING',
        score: 0.8,
        decisionId: 'd1',
        agent: 'support',
        evidence: { judge: new URL(model.url).host, model: 'gpt-5-mini', score: 0.8, unsupported: 1 },
        quotes: ['is in Lyon'],
      },
    ]);
    const sealed = await findDecisions(api.pool, 'default', ['d1']);
    expect(sealed.get('d1')?.hallucinationScore).toBe(0.1);
    expect(await verifyLedger(api.pool, 'default', AbortSignal.timeout(10_000))).toMatchObject({ checked: 2 });
  });

  it('is asked about at most two at a time, of every fleet and without a key where none is named', async () => {
    model.react = async () => {
      await until(() => model.inFlightMax === 2);
      return opinion(1);
    };
    const judge = await createJudge({ keyVariable: null });
    await record(some(6));
    await record([answered('e1'), answered('e2')], { fleet: 'prod-eu' });
    await judge.look();
    expect(model.requests.map(({ headers }) => headers.authorization)).toEqual(Array(8).fill(undefined));
    expect(model.inFlightMax).toBe(2);
    expect([(await found()).length, (await found('prod-eu')).length]).toEqual([6, 2]);
  });

  it('is judged while the server runs, without anybody asking', async () => {
    model.react = () => opinion(1);
    (await createJudge()).start();
    await record(some(1));
    await until(async () => (await found()).length === 1);
  });
});

describe('a call that comes to nothing', () => {
  it.each([
    ['no JSON', completion('I think it is fine.'), 1_000],
    ['a score out of bounds', opinion(7), 1_000],
    ['no completion', { status: 200, body: '<html>' }, 1_000],
    ['an answer without end', { status: 200, body: 'x'.repeat(300_000) }, 1_000],
    ['429', { status: 429, headers: { 'retry-after': '2' } }, 2_000],
    ['500', { status: 500 }, 1_000],
    ['401', { status: 401, body: `Incorrect API key provided: ${KEY}` }, 1_000],
    ['a hang', 'hang', 1_000],
  ] as const)('is made again after a while: %s', async (_what, reaction, waitMs) => {
    model.react = () => (model.requests.length === 1 ? reaction : opinion(1));
    const judge = await createJudge({ deadlineMs: 300 });
    await record(some(1));
    const startedAtMs = performance.now();
    await judge.look();
    expect(performance.now() - startedAtMs).toBeGreaterThanOrEqual(waitMs);
    expect(askedAbout()).toEqual(['d0', 'd0']);
    expect(await found()).toHaveLength(1);
    expect(logged).toContain('trying again');
    expect(logged).not.toContain(KEY);
    expect(logged).not.toMatch(/Lyon|Paris/);
  });

  it('is given up after three attempts, and the next answer is judged', async () => {
    model.react = (request) => (parcelOf(request) === 'd0' ? { status: 503 } : opinion(1));
    const judge = await createJudge();
    await record(some(1));
    await judge.look();
    await record([answered('d1')]);
    await judge.look();
    expect(askedAbout()).toEqual(['d0', 'd0', 'd0', 'd1']);
    expect(await found()).toMatchObject([{ decisionId: 'd1' }]);
  });

  it('is not made again when it would be refused every time', async () => {
    model.react = () => ({ status: 400, body: `{"error": {"message": "the prompt with ${KEY} is too long"}}` });
    const judge = await createJudge();
    await record(some(1));
    await judge.look();
    await judge.look();
    expect(askedAbout()).toEqual(['d0']);
    expect(logged).toContain('status 400');
    expect(logged).not.toContain(KEY);
  });

  it('is made without what the other side does not take', async () => {
    model.react = ({ body }) => {
      const error = { param: 'temperature', code: 'unsupported_value', message: "'temperature' does not support 0" };
      return 'temperature' in body ? { status: 400, body: JSON.stringify({ error }) } : opinion(1);
    };
    const judge = await createJudge();
    await record(some(1));
    await judge.look();
    await record([answered('d1')]);
    await judge.look();
    expect(model.requests.map(({ body }) => Object.keys(body).includes('temperature'))).toEqual([true, false, false]);
    expect(await found()).toHaveLength(2);
  });

  it('does not follow a redirect', async () => {
    const other = await startModel();
    model.react = () =>
      model.requests.length === 1 ? { status: 307, headers: { location: `${other.url}/x` } } : opinion(1);
    const judge = await createJudge();
    await record(some(1));
    await judge.look();
    await other.close();
    expect(other.requests).toEqual([]);
    expect(logged).toContain('redirects are not followed');
  });
});

describe('the daily limit', () => {
  it('counts every call, also across a restart, and begins anew the next day', async () => {
    const first = await createJudge({ callsPerDayMax: 3 });
    await record(some(2));
    await first.look();
    await first.stop();
    const second = await createJudge({ callsPerDayMax: 3 });
    await record([answered('d2'), answered('d3'), answered('d4')]);
    await second.look();
    expect(model.requests).toHaveLength(3);
    expect(logged.match(/daily limit/g)).toHaveLength(1);
    clock.nowMs += DAY_MS;
    await api.pool.query('SELECT make_day_partitions($1::date, 2)', [new Date(clock.nowMs)]);
    await record([answered('d5')]);
    await second.look();
    expect(askedAbout().at(-1)).toBe('d5');
  });
});

describe('a stop', () => {
  it('ends calls under way, which are made again after the next start, and no other', async () => {
    model.react = (request) => (parcelOf(request) === 'd2' ? 'hang' : opinion(1));
    const first = await createJudge({ deadlineMs: 60_000 });
    first.start();
    await record(some(5));
    await until(async () => (await found()).length === 3 && askedAbout().includes('d2'));
    await until(async () => {
      const { rows } = await api.pool.query('SELECT cardinality(judged) AS count FROM judge_cursor');
      return rows.some(({ count }) => count === 3);
    });
    await first.stop();
    expect(askedAbout().toSorted()).toEqual(['d0', 'd1', 'd2', 'd3']);

    model.requests = [];
    model.react = () => opinion(1);
    const second = await createJudge();
    await second.look();
    await second.look();
    expect(askedAbout().toSorted()).toEqual(['d2', 'd4']);
    expect(await found()).toHaveLength(5);
    expect(logged).not.toMatch(/abort/i);
  });

  it('is not needed for what could not be recorded: it is judged again once it can', async () => {
    model.react = () => opinion(1);
    let isAway = true;
    const judge = await createJudge(
      {},
      { submit: (batch) => (isAway ? Promise.reject(new TypeError('away')) : api.recorder.submit(batch)) },
    );
    await record(some(1));
    await judge.look();
    expect(await found()).toEqual([]);
    isAway = false;
    await judge.look();
    expect(await found()).toHaveLength(1);
  });
});

describe('the key', () => {
  it.each([
    [undefined, 'judge: OPENAI_API_KEY is not set'],
    ['  ', 'judge: OPENAI_API_KEY is not set'],
    [`${KEY}\n${KEY}`, 'judge: OPENAI_API_KEY does not hold a key: it has spaces or characters beyond ASCII'],
  ])('%j is refused before anything is watched, without being shown', async (held, message) => {
    await expect(createJudge({}, { secretOf: () => held })).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
      message,
    });
  });
});
