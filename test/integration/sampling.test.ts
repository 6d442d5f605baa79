import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assembleTrace } from '../../src/decision/assembly/assemble.js';
import type { Span } from '../../src/decision/assembly/span.js';
import { planTrace, type TracePlan } from '../../src/decision/gather/plan.js';
import { findSealed } from '../../src/decision/gather/sealed.js';
import { Trace } from '../../src/decision/gather/trace.js';
import { recallDecisions } from '../../src/decision/sampling/recall.js';
import { Sampler } from '../../src/decision/sampling/sampler.js';
import { decisionInput, type GraphQLFixture, record, startGraphQL } from '../support/graphql.js';
import { checkLedger } from '../support/ledger.js';
import { makeSpan } from '../support/span-tree.js';

const SAMPLING = { shares: { HIGH_RISK: 1, ROUTINE: 0, ADMIN: 0 }, rules: [] };
const NOW_MS = Date.now();
const at = (ms: number) => new Date(NOW_MS + ms).toISOString();
const LATELY = { startedAt: at(-3_000), endedAt: at(-2_000) };

let api: GraphQLFixture;
beforeAll(async () => {
  api = await startGraphQL({ sampling: SAMPLING });
  const usual = Array.from({ length: 40 }, (_, index) => decisionInput(`usual-${index}`, LATELY));
  await record(api, usual);
});
afterAll(() => api.close());

const STEP = {
  kind: 'TOOL_CALL',
  name: 'look up',
  startedAt: '2026-11-22T09:00:00Z',
  durationMs: 5,
  result: 'a result',
};
const ordinary = (id: string, rest: Record<string, unknown> = {}) =>
  decisionInput(id, { ...LATELY, input: 'a question', output: 'an answer', steps: [STEP], ...rest });

const SEEN = `query ($id: ID!) { decision(id: $id) {
  sampled riskClass input output toolCalls steps { name } ledgerEntry { payload } amendments { payload }
} }`;
const see = async (id: string) => {
  const { data, errors } = await api.ask(SEEN, { id });
  expect(errors).toBeUndefined();
  return data.decision;
};

describe('a decision that is not kept', () => {
  beforeAll(() => record(api, [ordinary('dropped'), ordinary('kept', { riskClass: 'HIGH_RISK' })]));

  it('is measured and sealed with the digest of its chain, without steps and content', async () => {
    const dropped = await see('dropped');
    expect(dropped).toMatchObject({ sampled: false, input: null, output: null, toolCalls: 1, steps: [] });
    expect(dropped.ledgerEntry.payload).toMatchObject({ sampled: false, stepCount: 1, toolCalls: 1 });
    expect(dropped.ledgerEntry.payload.chain).toMatch(/^[0-9a-f]{64}$/);
    const { rows } = await api.pool.query(
      `SELECT input, output, salt FROM decision WHERE id = 'dropped' UNION ALL
       SELECT input, output, salt FROM step WHERE decision_id = 'dropped'`,
    );
    expect(rows).toEqual([{ input: null, output: null, salt: null }]);
    await checkLedger(api.pool, 'default');
  });

  it('stands beside one of a class that is', async () => {
    expect(await see('kept')).toMatchObject({ sampled: true, input: 'a question', steps: [{ name: 'look up' }] });
  });

  it('counts in the figures of its agent', async () => {
    const { data } = await api.ask('{ agent(name: "triage") { stats(windowMs: 86400000) { decisions toolCalls } } }');
    expect(data.agent.stats).toEqual({ decisions: 42, toolCalls: 2 });
  });

  it('is in the report of what was saved', async () => {
    const { data } = await api.ask(`{ samplingReport(from: "${at(-60_000)}", to: "${at(60_000)}") {
      classes { riskClass share counts { decisions keptDecisions steps keptSteps savedBytes savedShare } }
      total { decisions keptDecisions steps keptSteps bytes keptBytes savedBytes savedShare }
    } }`);
    const { classes, total } = data.samplingReport;
    expect(classes.map(({ riskClass, share }: { riskClass: string; share: number }) => [riskClass, share])).toEqual([
      ['HIGH_RISK', 1],
      ['ROUTINE', 0],
      ['ADMIN', 0],
    ]);
    expect(classes[0].counts).toMatchObject({ decisions: 1, keptDecisions: 1, steps: 1, keptSteps: 1, savedShare: 0 });
    // The first thirty of an agent nobody knows are kept.
    expect(classes[1].counts).toMatchObject({ decisions: 41, keptDecisions: 30, steps: 1, keptSteps: 0 });
    expect(classes[2].counts).toMatchObject({ decisions: 0, savedBytes: 0, savedShare: null });
    expect(total).toMatchObject({ decisions: 42, keptDecisions: 31, steps: 2, keptSteps: 1 });
    expect(total.savedBytes).toBe(total.bytes - total.keptBytes);
    expect(total.savedShare).toBeCloseTo(total.savedBytes / total.bytes);
  });

  it('has no report of a window that is none', async () => {
    const { errors } = await api.ask(`{ samplingReport(from: "${at(0)}", to: "${at(0)}") { total { decisions } } }`);
    expect(errors).toMatchObject([{ message: 'from must be before to', extensions: { code: 'VALIDATION_FAILED' } }]);
  });
});

/** A trace of one agent's invocation with a model call and, if it failed, a tool that did. */
function invocation(agent: string, known: Partial<Span> & { rootId: string }, { fails = false } = {}): Span[] {
  const { rootId, ...rest } = known;
  const common = { startMs: NOW_MS - 2_000, endMs: NOW_MS - 1_000, service: agent, ...rest };
  const root = makeSpan({ ...common, kind: 'agent', agentName: agent, spanId: rootId, input: 'a question' });
  const model = makeSpan({ ...common, kind: 'model', requestModel: 'm', spanId: newId(), parentSpanId: rootId });
  const failure = { type: 'timeout', message: 'no answer' };
  const tool = makeSpan({
    ...common,
    kind: 'tool',
    toolName: 'look_up',
    spanId: newId(),
    parentSpanId: rootId,
    failure,
  });
  return fails ? [root, model, tool] : [root, model];
}

const newId = () => randomBytes(8).toString('hex');

describe('a trace', () => {
  const traceId = randomBytes(16).toString('hex');
  const [first, second] = [newId(), newId()];
  const early = invocation('triage', { traceId, rootId: first });
  const late = invocation('helper', { traceId, rootId: second, parentSpanId: first, side: 'server' }, { fails: true });

  /** As after a restart: what was sealed is known from the record, the spans from the journal. */
  async function seal(spans: readonly Span[]): Promise<TracePlan> {
    const sampler = new Sampler({
      settings: SAMPLING,
      recall: (fleet) => recallDecisions(api.pool, fleet, NOW_MS),
    });
    await sampler.prepare('default');
    const trace = new Trace('default', traceId);
    for (const span of spans) trace.add(span, 1);
    const sealed = await findSealed({ pool: api.pool, fleet: 'default', nowMs: NOW_MS }, [traceId]);
    for (const decision of sealed.get(traceId) ?? []) trace.sealed.set(decision.id, decision);
    const assembled = assembleTrace(trace.spans).map((each) => ({ assembled: each, decision: each.decision }));
    const plan = planTrace(trace, assembled, {
      nowMs: NOW_MS,
      patience: { settleMs: 0, calleeMs: 0 },
      judge: ({ fresh, amended, riskClasses }) => {
        const decisions = [...fresh, ...amended];
        const isKept = sampler.keeps({ fleet: 'default', key: traceId, decisions, riskClasses, isFound: false });
        return { isKept, sightings: [], scores: new Map() };
      },
      score: () => null,
      glance: () => [],
    });
    await api.recorder.submit({ fleet: 'default', ...plan, doneJournalIds: [] });
    return plan;
  }

  it('is dropped when all of it is ordinary', async () => {
    await seal(early);
    expect(await see(`${traceId}-${first}`)).toMatchObject({ sampled: false, steps: [], input: null });
  });

  it('is kept as a whole when something in it fails later: what was dropped is amended', async () => {
    const plan = await seal([...early, ...late]);
    expect(plan.items.map(({ mode, sampled }) => [mode, sampled]).sort()).toEqual([
      ['amend', true],
      ['seal', true],
    ]);
    const amended = await see(`${traceId}-${first}`);
    expect(amended).toMatchObject({ sampled: true, input: 'a question', ledgerEntry: { payload: { sampled: false } } });
    expect(amended.steps.length).toBeGreaterThan(0);
    expect(amended.amendments).toMatchObject([{ payload: { sampled: true } }]);
    expect((await see(`${traceId}-${second}`)).sampled).toBe(true);
    await checkLedger(api.pool, 'default');
  });

  it('stays kept whatever comes then', async () => {
    const third = invocation('triage', { traceId, rootId: newId(), parentSpanId: first, side: 'server' });
    const plan = await seal([...early, ...late, ...third]);
    expect(plan.items.every(({ sampled }) => sampled)).toBe(true);
    expect((await seal([...early, ...late, ...third])).items).toEqual([]);
  });
});
