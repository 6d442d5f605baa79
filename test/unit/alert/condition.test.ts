import { describe, expect, it } from 'vitest';
import { isConditionError, measuresOf, parseCondition } from '../../../src/alert/condition/condition.js';
import { evaluate } from '../../../src/alert/condition/evaluate.js';
import type { Condition } from '../../../src/alert/condition/expression.js';
import { formatFigure } from '../../../src/alert/condition/format.js';
import { matchesSelector } from '../../../src/alert/condition/label.js';
import { printCondition } from '../../../src/alert/condition/print.js';

const HOUR_MS = 3_600_000;

function read(text: string): Condition {
  const parsed = parseCondition(text);
  if (isConditionError(parsed)) throw new TypeError(`${text}: ${parsed.message}`);
  return parsed;
}

const keysOf = (text: string) => measuresOf(read(text)).map(({ key }) => key);

/** What a condition comes to where figures have these values by their keys. */
function judge(text: string, values: Readonly<Record<string, number | null>>, windowMs = HOUR_MS) {
  return evaluate(read(text).expression, { windowMs, figureOf: ({ key }) => values[key] ?? null });
}

describe('a condition', () => {
  it.each([
    ['token_usage > 5000', 'token_usage_max > 5000 by agent'],
    ['tool_invocation_success_rate < 0.95', 'tool_invocation_success_rate < 0.95 by agent'],
    ['decision_latency_p95>2 s', 'decision_latency_p95 > 2s by agent'],
    ['5000 < token_usage', '5000 < token_usage_max by agent'],
    ['hallucination_score <= 10 %', 'hallucination_score_min <= 10% by agent'],
    ['cost > $ 5 / h by fleet', null],
    ['cost > $5/h by fleet', 'cost_sum > $5/h by fleet'],
    ['token_usage >= 10k/min by agent, model', 'token_usage_sum >= 10k/min by agent, model'],
    ['token_usage > token_usage_avg * 10', 'token_usage_max > token_usage_avg * 10 by agent'],
    [
      'error_rate{segment!="test", agent="fraud-*", agent="fraud-*"} > 5% by segment',
      'error_rate{agent="fraud-*", customer_segment!="test"} > 5% by customer_segment',
    ],
    [
      `anomalies{kind='loop', severity="CRITICAL"} != 0 by segment`,
      'anomalies{kind="LOOP", severity="CRITICAL"} != 0 by customer_segment',
    ],
    [
      'not (decisions < 5 or error_rate <= 1%) and ((cost_sum / decisions) > $0.05)',
      'not (decisions < 5 or error_rate <= 1%) and cost_sum / decisions > $0.05 by agent',
    ],
    ['cost_sum - (cost_avg - 1) * 2 > 1', 'cost_sum - (cost_avg - 1) * 2 > 1 by agent'],
    [
      'decisions > 0 and (error_rate > 1% and cost > 1)',
      'decisions > 0 and (error_rate > 1% and cost_max > 1) by agent',
    ],
    ['error_rate{agent="a \\"b\\" \\\\"} > 5%', 'error_rate{agent="a \\"b\\" \\\\"} > 5% by agent'],
  ])('%s is read', (text, canonical) => {
    const parsed = parseCondition(text);
    expect(isConditionError(parsed) ? null : printCondition(parsed)).toBe(canonical);
  });

  it('names the figures it needs, each once', () => {
    expect(
      keysOf('cost > $5/h and cost_sum > $1 and token_usage < 3 and error_rate{model="gpt-*"} > error_rate'),
    ).toEqual(['cost_sum', 'token_usage_min', 'error_rate{model="gpt-*"}', 'error_rate']);
    expect(measuresOf(read('anomalies{kind="*LOOP"} > 2'))).toEqual([
      {
        key: 'anomalies{kind="*LOOP"}',
        metric: 'ANOMALIES',
        statistic: 'COUNT',
        selector: [{ label: 'KIND', operator: '=', pattern: '*LOOP' }],
      },
    ]);
  });

  it('selects by patterns, of which an unknown value matches only *', () => {
    const [measure] = measuresOf(read('decisions{agent="fraud-*", segment!="test"} > 0'));
    const selects = (agent: string, segment: string) =>
      matchesSelector(measure?.selector ?? [], (label) => (label === 'AGENT' ? agent : segment));
    expect([selects('fraud-1', ''), selects('fraud-1', 'test'), selects('', 'gold')]).toEqual([true, false, false]);
  });
});

describe('a mistake in a condition is told with its place and what would be valid', () => {
  it.each([
    ['', 0, 'the condition ends too early: a metric, a value or ( must stand here; write METRIC OPERATOR VALUE'],
    [
      'token_usage = 5',
      12,
      '"=" does not compare: write METRIC OPERATOR VALUE, such as decision_latency_p95 > 2s, with one of',
    ],
    ['token_usage', 0, '"token_usage" is a figure, not a condition: write METRIC OPERATOR VALUE'],
    ['token_usage 5', 12, '"5" is none of them'],
    [
      'decision_latency_p95 > 5%',
      23,
      '"5%" is not what decision_latency_p95 is compared with: write a time such as 500ms',
    ],
    [
      'decision_latency_p95 > 2000',
      23,
      '"2000" is not what decision_latency_p95 is compared with: write a time such as 500ms',
    ],
    ['decision_latency_p95 > $2', 23, 'write a time such as 500ms'],
    ['error_rate > 5', 13, '"5" is not what error_rate is compared with: write a share from 0 to 1 such as 10% or 0.1'],
    ['token_usage > 5s', 14, '"5s" is not what token_usage is compared with: write a number without a unit'],
    ['token_usage > 5%', 14, 'write a number without a unit, such as 5000 or 10k'],
    ['cost > 5%', 7, 'write US dollars such as $5 or 0.25'],
    ['cost > 5 parsecs', 9, 'and, or, by or the end must follow here, not "parsecs"'],
    ['cost > 5parsecs', 7, '"5parsecs" is not a number with a unit known here: the units are ms, s, m'],
    ['cost > $5s', 7, '"$5s" is not a number with a unit'],
    ['decision_latncy_p95 > 2s', 0, 'there is no metric "decision_latncy_p95": did you mean decision_latency_p95?'],
    ['error_rate_p95 > 5%', 0, 'error_rate is one figure and has no p95: write error_rate'],
    ['error_rate > 5% AND cost > 1', 16, '"AND" is not known here: did you mean and?'],
    ['error_rate > 5% && cost > 1', 16, '"&&" is not known here: write and'],
    ['error_rate{agnt="a"} > 5%', 11, '"agnt" is no label that figures of decisions have: did you mean agent?'],
    ['error_rate{agent=~"a"} > 5%', 16, '"=~" is not known here: write = and a pattern such as "fraud-*"'],
    ['error_rate{agent="a} > 5%', 17, 'the text has no end'],
    ['error_rate{agent=a} > 5%', 17, 'a value in quotation marks must stand here'],
    ['error_rate{agent="a" > 5%', 21, '} must stand here, or , and another label, not ">"'],
    ['error_rate{risk_class="risky"} > 5%', 22, '"risky" is no risk_class: its values are HIGH_RISK, ROUTINE, ADMIN'],
    ['anomalies{kind="LOP"} > 0', 15, '"LOP" is no kind: did you mean LOOP?'],
    ['anomalies{model="a"} > 0', 10, '"model" is no label that anomalies have'],
    ['anomalies > 0 by model', 17, '"model" is nothing that anomalies are told apart by'],
    ['error_rate > 5% by agnt', 19, '"agnt" is nothing that alerts can be told apart by: did you mean agent?'],
    ['error_rate > 5% by agent, agent', 26, 'agent is named twice'],
    ['error_rate > 5% by agent model', 25, 'a comma or the end must follow here, not "model"'],
    ['(error_rate > 5%', 16, ') must stand here, to close the parenthesis, not the end'],
    ['1 < decisions < 5', 14, 'one comparison has two sides'],
    ['5 > 2', 0, 'nothing is measured here'],
    ['cost / 2 > 1', 0, 'cost is one figure for each decision; in a calculation, say which of them is meant: cost_sum'],
    ['token_usage == 5', 0, 'with ==, say which of them is meant: token_usage_sum'],
    ['decision_latency > inference_latency', 19, 'where both sides are figures, say which of them is meant'],
    [
      'decision_latency_p95 + cost_sum > 2s',
      23,
      'decision_latency_p95 is a time and cost_sum is US dollars: only what is of one kind can be added',
    ],
    ['decision_latency_p95 > cost_sum', 23, 'only what is of one kind can be compared'],
    ['decision_latency_avg > 2s/h', 23, '"2s/h" is not a number with a unit'],
    ['error_rate > 5/h', 0, 'error_rate does not add up over time, so that it has no rate: decisions, token_usage'],
    ['cost_avg > $5/h', 0, 'cost_avg does not add up over time'],
    ['(error_rate > 5%) + 1 > 2', 1, '"error_rate > 5%" is a condition: a figure must stand here'],
    ['error_rate > 5% and decisions', 20, '"decisions" is a figure, not a condition'],
    [`${'('.repeat(31)}decisions > 5`, 30, 'this is nested more than 30 deep'],
    ['decisions > 5 # why', 14, '"#" has no meaning here'],
  ])('%s', (text, offset, message) => {
    expect(parseCondition(text)).toEqual({ offset, message: expect.stringContaining(message) });
  });

  it('where it is too long', () => {
    expect(parseCondition(`decisions > ${'5'.repeat(1_000)}`)).toMatchObject({
      message: expect.stringContaining('longer than 1000'),
    });
  });
});

describe('a condition is met', () => {
  it('by what one decision used, or a statistic of all', () => {
    expect(judge('token_usage > 5000', { token_usage_max: 5001 })).toMatchObject({
      isMet: true,
      value: 5001,
      threshold: 5000,
    });
    expect(judge('decision_latency_p95 > 2s', { decision_latency_p95: 2_000 })).toMatchObject({
      isMet: false,
      threshold: 2_000,
    });
    expect(judge('2s <= decision_latency_p95', { decision_latency_p95: 2_000 })).toMatchObject({
      isMet: true,
      value: 2_000,
    });
  });

  it('by a rate over its window', () => {
    expect(judge('cost > $5/h', { cost_sum: 0.5 }, 300_000).isMet).toBe(true);
    expect(judge('cost > $5/h', { cost_sum: 0.4 }, 300_000).isMet).toBe(false);
    expect(judge('anomalies > 3/h', { anomalies: 7 }, 2 * HOUR_MS).isMet).toBe(true);
  });

  it('as far as data tell, and not by what is divided by nothing', () => {
    const [met, unmet, unknown] = [{ error_rate: 1 }, { error_rate: 0 }, {}];
    expect(judge('error_rate > 5% or cost_sum > 1', met).isMet).toBe(true);
    expect(judge('error_rate > 5% or cost_sum > 1', unmet).isMet).toBeNull();
    expect(judge('error_rate > 5% and cost_sum > 1', met).isMet).toBeNull();
    expect(judge('cost_sum > 1 and error_rate > 5%', unmet).isMet).toBe(false);
    expect(judge('not error_rate > 5%', unknown).isMet).toBeNull();
    expect(judge('cost_sum / decisions > 1', { cost_sum: 3, decisions: 0 })).toMatchObject({
      isMet: null,
      value: null,
    });
  });

  it('with the figures of the comparison that decided', () => {
    const values = { error_rate: 0.1, decision_latency_p95: 3_000 };
    expect(judge('error_rate > 50% or decision_latency_p95 > 2s', values)).toMatchObject({ isMet: true, value: 3_000 });
    expect(judge('decision_latency_p95 > 2s and error_rate > 50%', values)).toMatchObject({ isMet: false, value: 0.1 });
  });
});

describe('a figure is written', () => {
  it.each([
    ['decision_latency_p95 > 2s', 1_934, '1.93 s'],
    ['decision_latency_p95 > 2s', 850.26, '850 ms'],
    ['decision_latency_p95 > 2s', 90_000, '1.5 min'],
    ['error_rate > 5%', 0.9423, '94.2 %'],
    ['error_rate > 5%', 0.99951, '99.951 %'],
    ['error_rate > 5%', 1, '100 %'],
    ['tool_invocations_sum / decisions > 50%', 0.5, '50 %'],
    ['token_usage > 5000', 5_043, '5043'],
    ['token_usage_avg > 5000', 12.3456, '12.3'],
    ['cost > 5', 6.2, '$6.20'],
    ['cost > 5', 0.004_123, '$0.00412'],
    ['cost > $5/h', 6.2 / HOUR_MS, '$6.20/h'],
    ['decisions > 10k/min', 20_000 / 60_000, '20000/min'],
    ['decision_latency_avg - decision_latency_p50 > 1s', -2_000, '-2 s'],
  ])('of %s as %f: %s', (text, value, written) => {
    expect(formatFigure(value, judge(text, {}).unit)).toBe(written);
  });

  it('as no data where there is none', () => {
    expect(formatFigure(null, judge('cost > 5', {}).unit)).toBe('no data');
  });
});
