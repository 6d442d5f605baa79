import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/anomaly/finding.js';
import { judgeGrounding, type UsualTools } from '../../../src/detect/grounding/judge-grounding.js';
import { makeDecision, makeStep } from '../../support/decision.js';

const usualTools: UsualTools = { decisions: 200, share: 0.97, names: ['look_up_order'] };
const nothingUsual = { usualTools: null, requiresTool: false };
const order = makeStep({
  toolName: 'look_up_order',
  arguments: '{"id":"A-7731"}',
  result: '{"id":"A-7731","status":"shipped","carrier":"Norrland","total":184.5,"eta":"2026-03-12"}',
});
const ask = (output: string, steps = [order]) =>
  makeDecision({ input: 'Where is my order A-7731?', output, steps, toolCalls: steps.length });
const INVENTED = 'Your order A-7731 was returned to the depot in Basel on 2 February and 412.90 were refunded to you.';

describe('an answer from tools', () => {
  it('is not remarked on when the results say so', () => {
    const answer =
      'Your order A-7731 has been shipped with Norrland and should arrive on March 12, 2026. The total is $184.50.';
    const { score, findings } = judgeGrounding(ask(answer), { usualTools, requiresTool: true });
    expect(score).toBeLessThan(0.5);
    expect(findings).toEqual([]);
  });

  it('is a warning with its inventions quoted', () => {
    const { score, findings } = judgeGrounding(ask(INVENTED), nothingUsual);
    expect(score).toBeGreaterThan(0.9);
    expect(findings).toMatchObject([
      { kind: 'UNGROUNDED_ANSWER', severity: 'WARNING', incident: 'unsupported:question' },
    ]);
    const { evidence, quotes, summary } = findings[0] as Finding;
    expect(quotes).toEqual(expect.arrayContaining(['Basel', '412.90']));
    const places = evidence.unsupported as { start: number }[];
    for (const [index, { start }] of places.entries())
      expect(INVENTED.startsWith(quotes?.[index] ?? '-', start)).toBe(true);
    expect(`${summary}${JSON.stringify(evidence)}`).not.toMatch(/Basel|412/);
  });

  it('is a note where one figure of a short answer was changed', () => {
    const { findings } = judgeGrounding(ask('Your order A-7731 has been shipped, the total is 194.50.'), nothingUsual);
    expect(findings).toMatchObject([{ severity: 'INFO', incident: 'unsupported-figure:question' }]);
  });

  it('is a note where a count is another than the result has under its name', () => {
    const parcels = makeStep({ toolName: 'look_up_order', result: '{"parcels":3,"status":"shipped"}' });
    const said = (count: number) =>
      judgeGrounding(
        ask(`Your order A-7731 was shipped in ${count} parcels, and insured for 88.10.`, [parcels]),
        nothingUsual,
      );
    expect(said(5).findings[0]?.quotes).toEqual(['5', '88.10']);
    expect(said(3).findings[0]?.quotes ?? []).not.toContain('3');
  });

  it('has no score where no result was recorded', () => {
    expect(judgeGrounding(ask(INVENTED, [makeStep()]), nothingUsual)).toEqual({ score: null, findings: [] });
  });

  it('has no score where only what was asked is known', () => {
    const asked = makeStep({ toolName: 'look_up_order', arguments: '{"id":"A-7731"}' });
    expect(judgeGrounding(ask(INVENTED, [asked]), nothingUsual)).toEqual({ score: null, findings: [] });
  });

  it('quotes no value where one of the results is not known', () => {
    const { findings } = judgeGrounding(ask(INVENTED, [order, makeStep({ toolName: 'look_up_refund' })]), nothingUsual);
    expect(findings.flatMap(({ quotes }) => quotes ?? [])).not.toContain('412.90');
  });

  it('is held against tools that did not fail for what it says was done', () => {
    const cancel = { toolName: 'cancel_order', result: 'error: not allowed for A-7731' };
    const answer = 'Your order A-7731 has been canceled. It was shipped with Norrland.';
    const scoreWith = (outcome: 'SUCCESS' | 'ERROR') =>
      judgeGrounding(ask(answer, [order, makeStep({ ...cancel, outcome })]), nothingUsual).score ?? 0;
    expect(scoreWith('ERROR')).toBeGreaterThan(scoreWith('SUCCESS'));
  });

  it('is not proven by the tool that delivers it', () => {
    const deliver = makeStep({
      toolName: 'final_answer',
      arguments: JSON.stringify({ answer: INVENTED }),
      result: 'ok',
    });
    expect(judgeGrounding(ask(INVENTED, [order, deliver]), nothingUsual).findings).toHaveLength(1);
  });

  it('is no evidence for itself', () => {
    const model = makeStep({ kind: 'MODEL_CALL', toolName: null, output: INVENTED });
    const said = makeStep({
      kind: 'MODEL_CALL',
      toolName: null,
      input: JSON.stringify([
        { role: 'user', content: 'Where is my order A-7731?' },
        { role: 'assistant', content: INVENTED },
      ]),
    });
    expect(judgeGrounding(ask(INVENTED, [model, order, said]), nothingUsual).findings).toHaveLength(1);
  });
});

describe('an answer without any call', () => {
  const without = (output: string, expectation = { usualTools, requiresTool: false }) =>
    judgeGrounding(ask(output, []), expectation);

  it('is critical when it states facts that are usually looked up', () => {
    const { score, findings } = without(INVENTED);
    expect(score).toBeGreaterThanOrEqual(0.95);
    expect(findings).toMatchObject([{ severity: 'CRITICAL', incident: 'no-lookup:question' }]);
  });

  it('is critical when the operator requires a tool, whatever is usual', () => {
    expect(without(INVENTED, { usualTools: { ...usualTools, share: 0 }, requiresTool: true }).findings).toHaveLength(1);
  });

  it('is judged by an earlier result in its prompt when it rests on that', () => {
    const prompt = JSON.stringify([
      { role: 'system', content: 'You answer questions about orders.' },
      { role: 'tool', content: order.result },
      { role: 'user', content: 'And who carries it?' },
    ]);
    const model = makeStep({ kind: 'MODEL_CALL', toolName: null, input: prompt });
    const { score, findings } = judgeGrounding(ask('The carrier is Norrland, and the status is shipped.', [model]), {
      usualTools,
      requiresTool: false,
    });
    expect(score).toBeLessThan(0.5);
    expect(findings).toEqual([]);
  });

  it('has no score when it does not rest on its prompt', () => {
    const model = makeStep({
      kind: 'MODEL_CALL',
      toolName: null,
      input: 'You are a helpful assistant for travellers.',
    });
    expect(judgeGrounding(ask(INVENTED, [model]), nothingUsual)).toEqual({ score: null, findings: [] });
  });

  it('is left alone where calls are not usual, or too little is known', () => {
    for (const usual of [
      { ...usualTools, share: 0.5 },
      { ...usualTools, decisions: 5 },
    ]) {
      const judged = without(INVENTED, { usualTools: usual, requiresTool: false });
      expect(judged).toEqual({ score: null, findings: [] });
    }
  });

  it.each([
    ['asks back', 'Could you please tell me the e-mail address you ordered with?'],
    [
      'asks with a reason',
      "I'd be glad to help with order A-7731. To find it, I need the postcode. Could you give it to me?",
    ],
    ['sees what it lacks', 'I see several orders of that week. Which of them do you mean?'],
    ['refuses', 'I am sorry, I cannot look up orders of other customers.'],
    ['announces', 'I will look up your order A-7731 now.'],
    ['repeats the question', 'You ask where order A-7731 is.'],
    ['thinks aloud and asks', '<thinking>The warehouse tool needs a postcode.</thinking>\nWhich postcode is it?'],
  ])('may be one that %s', (_what, answer) => {
    expect(without(answer)).toEqual({ score: null, findings: [] });
  });

  it.each([
    '```json\n{"type": "function", "name": "look_up_order", "parameters": {"id": "A-7731"}}\n```',
    '<function=look_up_order>{"id": "A-7731"}</function>',
    '<function-call>[look_up_order(id="A-7731")]</function-call>',
    'Action: look_up_order\nAction Input: A-7731',
    'Let me see.\nlook_up_order(id="A-7731")',
  ])('is a failed call when the call is written out: %s', (answer) => {
    const { score, findings } = without(answer);
    expect(score).toBe(0.5);
    expect(findings).toMatchObject([{ kind: 'TOOL_FAILURE', severity: 'WARNING', incident: 'written-call:question' }]);
  });
});
