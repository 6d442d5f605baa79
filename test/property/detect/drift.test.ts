import { describe, expect, it } from 'vitest';
import { behaviourOf } from '../../../src/detect/drift/behaviour.js';
import { behave, type Character, findingsIn, ORDINARY } from '../../support/behaviour.js';
import { makeDecision, makeStep } from '../../support/decision.js';

const MINUTE_MS = 60_000;
const becoming = (character: Partial<Character>, count: number, before = 300) => [
  ...behave(ORDINARY, before, 1),
  ...behave({ ...ORDINARY, ...character }, count, 2, before * MINUTE_MS),
];

describe('an agent that stays as it is', () => {
  it('never drifts', () => {
    expect(findingsIn(behave(ORDINARY, 5_000, 3)).found).toEqual([]);
  });

  it('does not drift by a few runaways', () => {
    const behaviours = behave(ORDINARY, 400, 4).map((behaviour, index) =>
      index % 97 === 50
        ? { ...behaviour, figures: { ...behaviour.figures, durationMs: 9e7, outputTokens: 1e6, toolCalls: 900 } }
        : behaviour,
    );
    expect(findingsIn(behaviours).found).toEqual([]);
  });

  it('does not drift by a letter more in each of its answers, which are else all of one length', () => {
    const [one] = behave(ORDINARY, 1, 9);
    const same = Array.from({ length: 800 }, (_, index) => ({
      ...(one as NonNullable<typeof one>),
      atMs: index * MINUTE_MS,
      figures: { ...(one as NonNullable<typeof one>).figures, answerLength: index < 340 ? 72 : 73 },
    }));
    expect(findingsIn(same).found).toEqual([]);
  });

  it('that is slower every afternoon is told of once or twice, not daily', () => {
    const behaviours = behave(ORDINARY, 20 * 288, 5).map((behaviour, index) => ({
      ...behaviour,
      figures: {
        ...behaviour.figures,
        durationMs: (behaviour.figures.durationMs ?? 0) * Math.exp(0.4 * Math.sin((2 * Math.PI * index) / 288)),
      },
    }));
    expect(findingsIn(behaviours).found.length).toBeLessThanOrEqual(2);
  });
});

describe('an agent that changes unannounced', () => {
  it('is told of once, with what changed, from what to what and since when', () => {
    const { found } = findingsIn(becoming({ outputTokens: 900 }, 400));
    expect(found).toHaveLength(1);
    const [{ finding, at }] = found as [(typeof found)[0]];
    expect(at).toBeLessThanOrEqual(340);
    expect(finding).toMatchObject({ kind: 'BEHAVIOUR_DRIFT', severity: 'WARNING', evidence: { drift: 'AGENT' } });
    expect(finding.summary).toContain('output tokens');
    expect((finding.observed ?? 0) / (finding.expected ?? 1)).toBeGreaterThan(2);
    const sinceMinutes = Date.parse(String(finding.evidence.since)) / MINUTE_MS;
    expect(Math.abs(sinceMinutes - 300)).toBeLessThanOrEqual(10);
  });

  it('names the tool that it calls instead of others', () => {
    const { found } = findingsIn(becoming({ tools: { search: 1, browse: 4 } }, 60));
    expect(found[0]?.finding.evidence.changes).toEqual(
      expect.arrayContaining([expect.objectContaining({ what: 'toolShare', tool: 'others' })]),
    );
    expect(found[0]?.finding.summary).toMatch(/calls of (others|read|search) /);
  });

  it('is critical when it refuses or fails far more often', () => {
    for (const worse of [{ refusals: 0.6 }, { errors: 0.6 }]) {
      expect(findingsIn(becoming(worse, 100)).found[0]?.finding.severity).toBe('CRITICAL');
    }
  });

  it('is told of again when it changes again, against how it was after the first change', () => {
    const changed = { ...ORDINARY, outputTokens: 900 };
    const { found } = findingsIn([
      ...becoming({ outputTokens: 900 }, 300),
      ...behave({ ...changed, outputTokens: 100 }, 200, 6, 600 * MINUTE_MS),
    ]);
    expect(found).toHaveLength(2);
    const [first, second] = found.map(({ finding }) => finding);
    expect((second?.expected ?? 0) / (first?.observed ?? 1)).toBeCloseTo(1, 0);
    expect(second?.incident).not.toBe(first?.incident);
  });

  it('is seen when it changes slowly', () => {
    const steps = [1, 1.2, 1.4, 1.7, 2, 2.4].flatMap((factor, step) =>
      behave({ ...ORDINARY, durationMs: 2_000 * factor }, 60, 10 + step, (300 + step * 60) * MINUTE_MS),
    );
    const { found } = findingsIn([...behave(ORDINARY, 300, 1), ...steps]);
    expect(found[0]?.finding.summary).toContain('duration');
  });
});

describe('another mix of requests', () => {
  const other = { requests: { question: 1, refund: 1, complaint: 6 } };

  it('is told as that, not as a change of the agent, which only takes longer for what is longer', () => {
    const { found } = findingsIn(becoming(other, 150));
    expect(found.map(({ finding }) => [finding.evidence.drift, finding.severity])).toEqual([['REQUESTS', 'INFO']]);
    expect(found[0]?.finding.summary).toContain('complaint');
  });

  it('hides no change of the agent that comes with it', () => {
    const { found } = findingsIn(becoming({ ...other, outputTokens: 900 }, 200));
    expect(found.map(({ finding }) => finding.evidence.drift)).toContain('AGENT');
  });
});

describe('a new version', () => {
  it('that behaves differently is told of with its tenth decision', () => {
    const { found } = findingsIn(becoming({ version: '2.0.0', outputTokens: 1_500 }, 200));
    expect(found).toHaveLength(1);
    expect(found[0]?.at).toBe(310);
    expect(found[0]?.finding).toMatchObject({
      evidence: { drift: 'VERSION', versionBefore: '1.0.0', versionAfter: '2.0.0', decisionsAfter: 10 },
      summary: expect.stringContaining('with 2.0.0 than with 1.0.0'),
    });
  });

  it.each([
    ['prompt', { fingerprint: 'b'.repeat(16) }, '1.0.0~bbbbbbbb/gpt-5'],
    ['model', { model: 'haiku' }, '1.0.0~aaaaaaaa/haiku'],
  ])('may have no name: another %s is one', (_, changed, label) => {
    const setup = { agentVersion: '1.0.0', fingerprint: 'a'.repeat(16), model: 'gpt-5' };
    const behaviours = becoming({ outputTokens: 1_500 }, 200).map((behaviour, index) => ({
      ...behaviour,
      setup: index < 300 ? setup : { ...setup, ...changed },
    }));
    const { found } = findingsIn(behaviours);
    expect(found.map(({ finding, at }) => [finding.evidence.versionAfter, at])).toEqual([[label, 310]]);
  });

  it('that behaves as before is nothing, and is watched like it', () => {
    const calm = becoming({ version: '2.0.0' }, 400);
    expect(findingsIn(calm).found).toEqual([]);
    const changed = behave({ ...ORDINARY, version: '2.0.0', outputTokens: 900 }, 100, 7, 700 * MINUTE_MS);
    expect(findingsIn([...calm, ...changed]).found.map(({ finding }) => finding.evidence.drift)).toEqual(['AGENT']);
  });

  it('beside the old one is told of once, however long both run', () => {
    const next = behave({ ...ORDINARY, version: '2.0.0', outputTokens: 1_500 }, 400, 8);
    const both = behave(ORDINARY, 800, 9).map((behaviour, index) =>
      index % 3 === 0 ? { ...(next[index / 3] ?? behaviour), atMs: behaviour.atMs } : behaviour,
    );
    const { found } = findingsIn([...behave(ORDINARY, 300, 1), ...both]);
    expect(found.map(({ finding }) => finding.evidence.versionAfter)).toEqual(['2.0.0']);
  });

  it('that is rolled back is told of as well', () => {
    const { state } = findingsIn(becoming({ version: '2.0.0', outputTokens: 1_500 }, 250));
    const { found } = findingsIn(behave(ORDINARY, 100, 11, 550 * MINUTE_MS), state);
    expect(found.map(({ finding }) => finding.evidence.versionAfter)).toEqual(['1.0.0']);
  });

  it('is no prompt composed anew for every request', () => {
    const composed = behave(ORDINARY, 600, 12).map((behaviour, index) => ({
      ...behaviour,
      setup: { ...behaviour.setup, fingerprint: index.toString(16).padStart(16, '0') },
      figures: index < 400 ? behaviour.figures : { ...behaviour.figures, outputTokens: 5_000 },
    }));
    const { found } = findingsIn(composed);
    expect(found.map(({ finding }) => finding.evidence.drift)).toEqual(['AGENT']);
  });
});

describe('the behaviour of a decision', () => {
  it('counts what it did, and the calls that asked the same again', () => {
    const call = (args: string, toolName = 'look_up') => makeStep({ arguments: args, toolName });
    const decision = makeDecision({
      steps: [
        makeStep({ kind: 'MODEL_CALL', toolName: null }),
        call('{"id":1}'),
        call('{"id": 1.0}'),
        call('{"id":2}'),
        call('{"id":1}', 'read'),
        makeStep({ kind: 'MODEL_CALL', toolName: null }),
      ],
      toolCalls: 4,
      output: 'Your order is on its way.',
      agentVersion: '3',
    });
    expect(behaviourOf(decision)).toMatchObject({
      requestType: 'question',
      setup: { agentVersion: '3', fingerprint: '', model: '' },
      figures: { durationMs: 1_000, inputTokens: 100, modelCalls: 2, toolCalls: 4, repeatedCalls: 1, refusals: 0 },
      tools: [
        ['look_up', 3],
        ['read', 1],
      ],
    });
  });

  it('does not take what is not told for nothing', () => {
    const tokens = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0 };
    const { figures } = behaviourOf(makeDecision({ tokens, output: null }));
    expect(figures).toMatchObject({ inputTokens: null, outputTokens: null, answerLength: null, refusals: null });
  });

  it.each([
    ["I'm sorry, but I can't help with that.", 1],
    ['I cannot assist with this request.', 1],
    ['That would be against our guidelines.', 1],
    ['I won’t provide that information.', 1],
    ['I cannot find the order; its number has eight digits.', 0],
    ['The refund was sent. It cannot be undone.', 0],
  ])('%s', (output, refusals) => {
    expect(behaviourOf(makeDecision({ output })).figures.refusals).toBe(refusals);
  });
});
