import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RuleFields } from '../../src/alert/read-rule.js';
import type { AlertRule } from '../../src/alert/rule.js';
import { Evaluator } from '../../src/alerting/evaluator.js';
import type { Sighting } from '../../src/anomaly/anomaly.js';
import { DecisionCalendar } from '../../src/decision/calendar.js';
import type { Decision } from '../../src/decision/decision.js';
import { sealingBatch } from '../../src/decision/record/record.js';
import { verifyLedger } from '../../src/ledger/check/verify.js';
import { endContradiction, keepContradiction } from '../../src/ledger/contradiction.js';
import { streamAlerts } from '../../src/live/alert-stream.js';
import { createLog } from '../../src/log.js';
import { DAY_MS, floorTo, HOUR_MS, MINUTE_MS } from '../../src/time.js';
import { ruleOf } from '../support/alert-rule.js';
import { createStandingClock } from '../support/days.js';
import { makeDecision } from '../support/decision.js';
import { type Ask, type GraphQLFixture, startGraphQL } from '../support/graphql.js';
import { until } from '../support/wait.js';
import { makeSighting } from '../support/watcher.js';

const START_MS = floorTo(Date.now(), DAY_MS) + 12 * HOUR_MS;
const clock = createStandingClock(START_MS);
let api: GraphQLFixture;
let ofFile: AlertRule[] = [];
let evaluator: Evaluator;

const ruleOfFile = (fields: RuleFields): AlertRule => ({ ...ruleOf(fields), origin: 'FILE' });

const newEvaluator = () =>
  new Evaluator({
    records: { pool: api.pool, calendar: new DecisionCalendar({ pool: api.pool, clock }) },
    rules: api.rules,
    announce: (fleet, alertSeq) => api.alertBus.announce(fleet, alertSeq),
    clock,
    log: createLog('silent'),
  });

beforeEach(async () => {
  clock.nowMs = START_MS;
  ofFile = [];
  api = await startGraphQL({ clock, alerting: () => ofFile, fleets: ['other'] });
  evaluator = newEvaluator();
});
afterEach(() => api.close());

let count = 0;
/** Decisions that began some seconds ago. */
async function record(...known: (Partial<Decision> & { secondsAgo?: number; takesMs?: number })[]): Promise<void> {
  const decisions = known.map(({ secondsAgo = 10, takesMs = 500, ...rest }) => {
    count += 1;
    const startedAtMs = clock.nowMs - secondsAgo * 1_000;
    return makeDecision({
      id: `d${count}`,
      agent: 'refunds',
      traceId: null,
      startedAtMs,
      endedAtMs: startedAtMs + takesMs,
      ...rest,
    });
  });
  await api.recorder.record('default', {
    decisions: decisions.map((decision) => ({ decision, sampled: true })),
    sightings: [],
  });
}

async function see(...sightings: Partial<Sighting>[]): Promise<void> {
  const made = sightings.map((sighting) => makeSighting({ detectedAtMs: clock.nowMs - 1, ...sighting }));
  await api.recorder.submit(sealingBatch('default', { decisions: [], sightings: made }));
}

async function evaluateAfter(ms: number): Promise<void> {
  clock.nowMs += ms;
  await evaluator.evaluate('default');
}

const ALERTS = `query ($filter: AlertFilter) { alerts(filter: $filter) { nodes {
  id changeId ruleName state severity agent { name } kind summary value threshold victims reopened acknowledgedBy
  startedAt firedAt resolvedAt decisions { id } labels { name value } changes { change actor comment } rule { name }
} } }`;

async function alerts(filter = {}, ask: Ask = {}) {
  const { data, errors } = await api.ask(ALERTS, { filter }, ask);
  expect(errors).toBeUndefined();
  return data.alerts.nodes;
}

async function entries(kind: string): Promise<{ subject: string; payload: Record<string, unknown> }[]> {
  const { data } = await api.ask(`{ ledger { entries(filter: { kinds: [${kind}] }) { nodes { subject payload } } } }`);
  return data.ledger.entries.nodes;
}

const iso = (ms: number) => new Date(ms).toISOString();

describe('an alert', () => {
  beforeEach(() => {
    ofFile = [ruleOfFile({ name: 'slow', condition: 'decision_latency_p95 > 2s', for: '1m', severity: 'critical' })];
  });

  it('is pending, fires after its time, names who caused it, and resolves', async () => {
    await record({ id: 'worst', takesMs: 9_000 }, { id: 'bad', takesMs: 3_000 }, { agent: 'other' });
    await evaluateAfter(0);
    expect(await alerts()).toMatchObject([{ state: 'PENDING', agent: { name: 'refunds' }, firedAt: null }]);
    expect(await alerts()).toMatchObject([{ threshold: 2_000, summary: expect.stringMatching(/ s$/) }]);
    await evaluateAfter(30_000);
    await evaluateAfter(30_000);
    const [fired] = await alerts({ states: ['FIRING'] });
    expect(fired).toMatchObject({
      ruleName: 'slow',
      severity: 'CRITICAL',
      threshold: 2_000,
      startedAt: iso(START_MS),
      firedAt: iso(START_MS + MINUTE_MS),
      decisions: [{ id: 'worst' }, { id: 'bad' }],
      labels: [{ name: 'agent', value: 'refunds' }],
      summary: expect.stringContaining('refunds'),
      rule: { name: 'slow' },
    });
    expect(fired.value).toBeGreaterThan(2_000);
    await evaluateAfter(5 * MINUTE_MS);
    const [resolved] = await alerts();
    expect(resolved).toMatchObject({ id: fired.id, state: 'RESOLVED', resolvedAt: iso(clock.nowMs) });
    expect(resolved.changes.map(({ change }: { change: string }) => change)).toEqual(['PENDING', 'FIRING', 'RESOLVED']);
    expect((await entries('ALERT')).map(({ payload }) => payload.change)).toEqual(['FIRING', 'RESOLVED']);
    expect(await verifyLedger(api.pool, 'default', new AbortController().signal)).toMatchObject({ fault: null });
  });

  it('that is no longer met in time never fires', async () => {
    await record({ secondsAgo: 280, takesMs: 3_000 });
    await evaluateAfter(0);
    await evaluateAfter(30_000);
    expect(await alerts()).toMatchObject([{ state: 'INACTIVE' }]);
    expect(await entries('ALERT')).toEqual([]);
  });

  it('goes on where it stood after a restart, and is told once', async () => {
    await record({ takesMs: 3_000 });
    await evaluateAfter(0);
    evaluator = newEvaluator();
    await evaluateAfter(MINUTE_MS);
    evaluator = newEvaluator();
    await evaluateAfter(10_000);
    expect(await alerts()).toMatchObject([{ state: 'FIRING', firedAt: iso(START_MS + MINUTE_MS) }]);
    expect(await entries('ALERT')).toHaveLength(1);
  });

  it('that flaps is one incident', async () => {
    ofFile = [ruleOfFile({ name: 'slow', condition: 'decision_latency > 2s', window: '30s' })];
    await record({ takesMs: 3_000 });
    await evaluateAfter(0);
    await evaluateAfter(MINUTE_MS);
    await record({ takesMs: 3_000 });
    await evaluateAfter(1_000);
    expect(await alerts()).toMatchObject([{ state: 'FIRING', reopened: 1, resolvedAt: null }]);
  });

  it('is of decisions that ended in its window, however long they took', async () => {
    ofFile = [ruleOfFile({ condition: 'decision_latency > 10m', window: '1m' })];
    await record({ id: 'long', secondsAgo: 3_600, takesMs: 3_590_000 });
    await evaluateAfter(0);
    expect(await alerts()).toMatchObject([{ state: 'FIRING', value: 3_590_000, decisions: [{ id: 'long' }] }]);
    await evaluateAfter(2 * MINUTE_MS);
    expect(await alerts()).toMatchObject([{ state: 'RESOLVED' }]);
  });

  it('ends when its rule is removed, or is about something else', async () => {
    ofFile = [
      ruleOfFile({ name: 'slow', condition: 'decision_latency > 2s' }),
      ruleOfFile({ name: 'gone', condition: 'decisions > 0' }),
    ];
    await record({ takesMs: 3_000 });
    await evaluateAfter(0);
    ofFile = [ruleOfFile({ name: 'slow', condition: 'decision_latency > 5s' })];
    await evaluateAfter(10_000);
    expect((await alerts()).map(({ state }: { state: string }) => state)).toEqual(['RESOLVED', 'RESOLVED']);
  });

  it('names the decision that its cause turned out to be part of', async () => {
    ofFile = [ruleOfFile({ condition: 'decision_latency > 2s' })];
    await record({ id: 'part', takesMs: 3_000 }, { id: 'other part', takesMs: 3_000 });
    await evaluateAfter(0);
    const startedAtMs = clock.nowMs - 20_000;
    const whole = makeDecision({ id: 'whole', agent: 'refunds', startedAtMs, endedAtMs: startedAtMs + 9_000 });
    const superseded = [
      { id: 'part', by: 'whole' },
      { id: 'other part', by: 'whole' },
    ];
    const batch = sealingBatch('default', { decisions: [{ decision: whole, sampled: true }], sightings: [] });
    await api.recorder.submit({ ...batch, superseded });
    expect(await alerts()).toMatchObject([{ state: 'FIRING', decisions: [{ id: 'whole' }] }]);
  });

  it('begins anew under a rule that is about something else now', async () => {
    ofFile = [ruleOfFile({ name: 'slow', condition: 'decision_latency > 2s', for: '1m' })];
    await record({ takesMs: 9_000 });
    await evaluateAfter(0);
    ofFile = [ruleOfFile({ name: 'slow', condition: 'decision_latency > 5s' })];
    await evaluateAfter(10_000);
    expect(await alerts()).toMatchObject([
      { state: 'FIRING', changes: [{ change: 'FIRING' }] },
      { state: 'INACTIVE', changes: [{ change: 'PENDING' }, { change: 'WITHDRAWN' }] },
    ]);
  });

  it('stays taken on by whoever did while it was evaluated', async () => {
    ofFile = [ruleOfFile({ condition: 'decision_latency > 2s', window: '1m' })];
    await record({ takesMs: 3_000 });
    await evaluateAfter(0);
    const [{ id }] = await alerts();
    const person = await api.pool.connect();
    await person.query('BEGIN');
    await person.query(`SELECT FROM fleet WHERE id = 'default' FOR NO KEY UPDATE`);
    const evaluated = evaluateAfter(5 * MINUTE_MS);
    await until(async () => (await api.pool.query('SELECT FROM pg_locks WHERE NOT granted')).rowCount);
    await person.query(
      `UPDATE alert SET acknowledged_by = 'olga', acknowledged_at = now() WHERE 'Alert:' || seq = $1`,
      [id],
    );
    await person.query('COMMIT');
    person.release();
    await evaluated;
    expect(await alerts()).toMatchObject([{ state: 'RESOLVED', acknowledgedBy: 'olga' }]);
  });

  it('is told once, when it was recorded and the evaluation failed after that', async () => {
    await record({ takesMs: 3_000 });
    await evaluateAfter(0);
    const announce = vi.spyOn(api.alertBus, 'announce').mockImplementationOnce(() => {
      throw new TypeError('nobody heard of the commit');
    });
    await expect(evaluateAfter(MINUTE_MS)).rejects.toThrow('nobody heard');
    announce.mockRestore();
    await evaluateAfter(10_000);
    expect(await alerts()).toMatchObject([{ state: 'FIRING' }]);
    expect(await entries('ALERT')).toHaveLength(1);
  });

  it('fires whatever becomes of the other rules', async () => {
    const [sound] = ofFile;
    const broken = ruleOfFile({ name: 'broken', condition: 'decisions > 0' });
    ofFile = [{ ...broken, windowMs: Number.NaN }, sound as AlertRule];
    await record({ takesMs: 3_000 });
    expect(await evaluator.evaluate('default')).toBe(false);
    expect(await alerts()).toMatchObject([{ ruleName: 'slow', state: 'PENDING' }]);
  });

  it('may be of the whole fleet, by selected figures', async () => {
    ofFile = [
      ruleOfFile({ name: 'errors', condition: 'error_rate{agent="ref*"} > 50% by fleet' }),
      ruleOfFile({ name: 'spend', condition: 'cost > $5/h by segment', window: '1h' }),
    ];
    await record({ id: 'failed', outcome: 'ERROR' }, ...Array.from({ length: 9 }, () => ({ agent: 'other' })), {
      agent: 'other',
      customerSegment: 'retail',
      costUsd: '6',
    });
    await evaluateAfter(0);
    const found = (await alerts()).toSorted((a: { ruleName: string }, b: { ruleName: string }) =>
      a.ruleName.localeCompare(b.ruleName),
    );
    expect(found).toMatchObject([
      { ruleName: 'errors', agent: null, labels: [], decisions: [{ id: 'failed' }] },
      { ruleName: 'spend', labels: [{ name: 'customer_segment', value: 'retail' }] },
    ]);
    expect(found).toHaveLength(2);
  });

  it('may count anomalies, and knows whom a cascade pulls down', async () => {
    ofFile = [ruleOfFile({ name: 'cascade', condition: 'anomalies{kind="CASCADE_FAILURE"} > 0' })];
    await record({ id: 'broke' });
    await see({
      kind: 'CASCADE_FAILURE',
      agent: 'refunds',
      decisionId: 'broke',
      evidence: { path: ['refunds', 'support', 'routing'] },
    });
    await see({ kind: 'LOOP', agent: 'support' });
    await evaluateAfter(0);
    expect(await alerts({ kinds: ['CASCADE_FAILURE'] })).toMatchObject([
      {
        agent: { name: 'refunds' },
        victims: ['support', 'routing'],
        decisions: [{ id: 'broke' }],
        kind: 'CASCADE_FAILURE',
      },
    ]);
    expect(await alerts()).toHaveLength(1);
  });

  it('is of its own fleet', async () => {
    await record({ takesMs: 3_000 });
    await evaluateAfter(0);
    await evaluator.evaluate('other');
    expect(await alerts({}, { fleet: 'other' })).toEqual([]);
  });
});

describe('whoever is on call', () => {
  beforeEach(async () => {
    ofFile = [ruleOfFile({ name: 'any', condition: 'decisions > 0' })];
    await record({});
    await evaluateAfter(0);
  });

  const ACKNOWLEDGE = `mutation ($id: ID!, $comment: String) { acknowledgeAlert(input: { id: $id, comment: $comment }) {
    __typename ... on AcknowledgeAlertSuccess { alert { acknowledgedBy changes { change actor comment } } } ... on UserError { code } } }`;
  const acknowledge = async (id: string, comment: string | null = null, ask: Ask = { role: 'OPERATOR' }) =>
    (await api.ask(ACKNOWLEDGE, { id, comment }, ask)).data.acknowledgeAlert;

  it('takes an alert on once, in their own name, sealed in the ledger', async () => {
    expect(await acknowledge('Alert:1', 'mine')).toMatchObject({
      alert: {
        acknowledgedBy: 'a-operator',
        changes: [{ change: 'FIRING' }, { change: 'ACKNOWLEDGED', actor: 'a-operator', comment: 'mine' }],
      },
    });
    expect((await acknowledge('Alert:1')).alert.changes).toHaveLength(2);
    expect((await entries('ALERT')).at(-1)).toMatchObject({ subject: 'Alert:1', payload: { change: 'ACKNOWLEDGED' } });
  });

  it('is alerted and takes alerts on while the ledger stands still, which owes that', async () => {
    const told = { fleet: 'default', witness: 'w.example', at: new Date(clock.nowMs) };
    await keepContradiction(api.pool, { ...told, kind: 'AHEAD', witnessSize: 99, ownSize: 2, evidence: null });
    ofFile = [ruleOfFile({ name: 'other', condition: 'decisions > 0' })];
    await evaluateAfter(1_000);
    expect(await alerts({ states: ['FIRING'] })).toMatchObject([{ ruleName: 'other' }]);
    const [{ id }] = await alerts({ states: ['FIRING'] });
    expect(await acknowledge(id)).toMatchObject({ alert: { acknowledgedBy: 'a-operator' } });
    const before = (await entries('ALERT')).length;
    await endContradiction(api.pool, told);
    await evaluateAfter(HOUR_MS);
    const since = (await entries('ALERT')).slice(before).map(({ payload: { change, rule } }) => [change, rule]);
    expect(since).toEqual([
      ['RESOLVED', 'any'],
      ['FIRING', 'other'],
      ['ACKNOWLEDGED', 'other'],
      ['RESOLVED', 'other'],
    ]);
  });

  it('cannot take on what is over, is not there, or is not theirs to take', async () => {
    expect(await acknowledge('Alert:9')).toMatchObject({ code: 'NOT_FOUND' });
    expect(await acknowledge('Alert:1', null, { role: 'VIEWER' })).toMatchObject({ code: 'FORBIDDEN' });
    expect(await acknowledge('Alert:1', null, { role: 'AUDITOR' })).toMatchObject({ code: 'FORBIDDEN' });
    await evaluateAfter(HOUR_MS);
    expect(await acknowledge('Alert:1')).toMatchObject({ code: 'CONFLICT' });
  });

  it('comments on an alert, also when it is over', async () => {
    await evaluateAfter(HOUR_MS);
    const { data } = await api.ask(
      'mutation { commentAlert(input: { id: "Alert:1", comment: "a deployment" }) { ... on CommentAlertSuccess { alert { changes { change comment } } } } }',
    );
    expect(data.commentAlert.alert.changes.at(-1)).toEqual({ change: 'COMMENTED', comment: 'a deployment' });
  });

  it('begins and ends a silence, with its reason in the ledger', async () => {
    const { data } = await api.ask(
      `mutation ($until: DateTime!) { silence(input: { matchers: [{ label: "agent", pattern: "ref*" }], until: $until, reason: "migration" }) {
        ... on SilenceSuccess { silence { id matchers { label pattern } endsAt } } ... on UserError { message } } }`,
      { until: iso(clock.nowMs + HOUR_MS) },
    );
    expect(data.silence.silence).toMatchObject({ matchers: [{ label: 'agent', pattern: 'ref*' }] });
    await api.ask(`mutation { expireSilence(input: { id: "${data.silence.silence.id}" }) { __typename } }`);
    const { data: left } = await api.ask(
      '{ silences { nodes { id } } all: silences(ended: true) { nodes { createdBy } } }',
    );
    expect(left).toEqual({ silences: { nodes: [] }, all: { nodes: [{ createdBy: 'a-admin' }] } });
    expect((await entries('SILENCE')).map(({ payload }) => [payload.change, payload.reason])).toEqual([
      ['BEGUN', 'migration'],
      ['ENDED', 'migration'],
    ]);
  });
});

describe('a rule over the API', () => {
  const SAVE = `mutation ($input: SaveAlertRuleInput!) { saveAlertRule(input: $input) {
    ... on SaveAlertRuleSuccess { rule { name condition forMs severity origin updatedBy labels } } ... on UserError { code message path } } }`;
  const save = async (input: object) => (await api.ask(SAVE, { input }, { role: 'OPERATOR' })).data.saveAlertRule;

  it('is in force at the next evaluation, sealed in the ledger, until it is removed', async () => {
    const input = {
      name: 'slow',
      condition: 'decision_latency > 2s',
      severity: 'CRITICAL',
      labels: [{ name: 'team', value: 'a' }],
    };
    expect(await save(input)).toEqual({
      rule: {
        name: 'slow',
        condition: 'decision_latency > 2s',
        forMs: 0,
        severity: 'CRITICAL',
        origin: 'API',
        updatedBy: 'a-operator',
        labels: { team: 'a' },
      },
    });
    await record({ takesMs: 3_000 });
    await evaluateAfter(0);
    expect(await alerts()).toMatchObject([{ state: 'FIRING', labels: [{ name: 'team' }, { name: 'agent' }] }]);
    await save({ ...input, for: '1m' });
    await evaluateAfter(10_000);
    expect(await alerts()).toMatchObject([{ state: 'FIRING' }]);
    await api.ask('mutation { removeAlertRule(input: { name: "slow" }) { __typename } }');
    await evaluateAfter(10_000);
    expect(await alerts()).toMatchObject([{ state: 'RESOLVED', rule: null }]);
    expect((await entries('RULE')).map(({ subject, payload }) => [subject, payload.change])).toEqual([
      ['slow', 'SAVED'],
      ['slow', 'SAVED'],
      ['slow', 'REMOVED'],
    ]);
    expect(await verifyLedger(api.pool, 'default', new AbortController().signal)).toMatchObject({ fault: null });
  });

  it('is refused with what is wrong and where', async () => {
    expect(await save({ name: 'a', condition: 'decision_latancy > 2s' })).toMatchObject({
      code: 'VALIDATION_FAILED',
      message: expect.stringContaining('did you mean decision_latency'),
      path: ['condition'],
    });
    expect(await save({ name: 'a', condition: 'decisions > 1', for: '2 moons' })).toMatchObject({ path: ['for'] });
    expect((await api.ask('{ alertRules { name } }')).data.alertRules).toEqual([]);
  });

  it('is not looked for where its name, or a receiver’s, is no text', async () => {
    const { errors } = await api.ask('{ notifications(filter: { receivers: ["\\u0000"] }) { nodes { id } } }');
    expect(errors).toMatchObject([{ extensions: { code: 'VALIDATION_FAILED', path: ['filter', 'receivers'] } }]);
  });

  it('does not replace one of the file', async () => {
    ofFile = [ruleOfFile({ name: 'mine', condition: 'decisions > 1' })];
    expect(await save({ name: 'mine', condition: 'decisions > 2' })).toMatchObject({ code: 'CONFLICT' });
    const { data } = await api.ask(
      'mutation { removeAlertRule(input: { name: "mine" }) { ... on UserError { code } } }',
    );
    expect(data.removeAlertRule).toEqual({ code: 'CONFLICT' });
  });
});

describe('whoever follows alerts', () => {
  it('is told of each change once, with the alert as it was after it, and goes on after the last', async () => {
    ofFile = [ruleOfFile({ name: 'slow', condition: 'decision_latency > 2s', for: '1m' })];
    await record({ takesMs: 3_000 });
    for (const ms of [0, MINUTE_MS, 10 * MINUTE_MS]) await evaluateAfter(ms);
    const follow = async (afterSeq: number, length: number, filter = {}) => {
      const { signal } = new AbortController();
      const stream = streamAlerts({ pool: api.pool, bus: api.alertBus, fleet: 'default', filter, afterSeq, signal });
      const seen: string[] = [];
      while (seen.length < length) {
        const { value } = await stream.next();
        seen.push(`${value?.seq} ${value?.alert.state} ${value?.alert.firedAt instanceof Date}`);
      }
      await stream.return();
      return seen;
    };
    expect(await follow(0, 3)).toEqual(['1 PENDING false', '2 FIRING true', '3 RESOLVED true']);
    expect(await follow(1, 2)).toEqual(['2 FIRING true', '3 RESOLVED true']);
    expect(await follow(0, 1, { states: ['RESOLVED'], agents: ['refunds'] })).toEqual(['3 RESOLVED true']);
  });
});
