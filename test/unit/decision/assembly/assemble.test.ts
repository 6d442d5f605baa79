import { describe, expect, it } from 'vitest';
import { assemble, callers, decisionOf } from '../../../support/assembled.js';

describe('outcome', () => {
  it('is an error when the root failed, with the reason of the first cause in whatever service', () => {
    const assembled = assemble(`
      agent A @a fail="B failed"
        agent B client fail=500
          agent B server @b fail="C failed"
            agent C client fail=500
              agent C server @c fail="post failed"
                tool post fail="ledger timed out"
    `);
    expect(callers(assembled)).toEqual(['A', 'A > B', 'B > C']);
    for (const { decision } of assembled) {
      expect(decision).toMatchObject({ outcome: 'ERROR', errorMessage: 'ledger timed out' });
    }
  });

  it('is a success when the agent answered despite a failed tool', () => {
    expect(
      assemble(`
      agent Weather
        tool forecast fail=timeout
        model gpt-5
    `)[0]?.decision,
    ).toMatchObject({ outcome: 'SUCCESS', errorType: null, errorMessage: null, failedToolCalls: 1 });
  });

  it('is an error when the last model call failed', () => {
    expect(
      assemble(`
      agent Weather
        model gpt-5
        model gpt-5 fail=overloaded
    `)[0]?.decision,
    ).toMatchObject({ outcome: 'ERROR', errorMessage: 'overloaded' });
  });

  it('is an error when an embedding followed the failed model call', () => {
    expect(
      assemble(`
        agent Weather
          model gpt-5 fail=overloaded
          embedding ada
      `)[0]?.decision.outcome,
    ).toBe('ERROR');
  });

  it('has the reason that ended first of several', () => {
    expect(
      assemble(`
        agent Weather fail="gave up"
          tool forecast fail=second from=2000 to=3000
          tool forecast fail=first from=2100 to=2500
      `)[0]?.decision.errorMessage,
    ).toBe('first');
  });

  it('has no reason that was made up for: by trying again, or by an agent that answered all the same', () => {
    const assembled = assemble(`
      agent A @a fail="B failed"
        agent B fail="no database"
          agent C fail=limited from=0 to=1000
            tool look fail=429 from=100 to=900
          agent C from=1200 to=2000
          agent D from=2100 to=2900
            tool guess fail=unsure from=2200 to=2300
          tool save_row fail="database is down" from=7000 to=8000
    `);
    for (const name of ['A', 'B']) {
      expect(decisionOf(assembled, name).decision).toMatchObject({ errorMessage: 'database is down' });
    }
  });

  it('is a success when a failed call was tried again', () => {
    expect(
      assemble(`
      step handle
        model gpt-5 fail=overloaded
        model gpt-5
    `)[0]?.decision.outcome,
    ).toBe('SUCCESS');
  });
});

describe('facts', () => {
  it('come from the root, then its spans, then the decisions around, then the trace', () => {
    const assembled = assemble(`
      workflow pipeline userId=u1
        agent Orchestrator conversationId=c1 riskClass=HIGH_RISK
          agent Billing
            model gpt-5 conversationId=c2
          agent Ledger
            model gpt-5
    `);
    expect(decisionOf(assembled, 'Billing').decision).toMatchObject({
      conversationId: 'c2',
      userId: 'u1',
      riskClass: 'HIGH_RISK',
    });
    expect(decisionOf(assembled, 'Ledger').decision).toMatchObject({ conversationId: 'c1' });
  });

  it('takes the version of the service where no agent names one', () => {
    const assembled = assemble(`
      agent A serviceVersion=1.0 agentVersion=2.0
      agent B serviceVersion=1.0
    `);
    expect(assembled.map(({ decision }) => decision.agentVersion)).toEqual(['2.0', '1.0']);
    expect(assembled.map(({ decision }) => decision.riskClass)).toEqual(['ROUTINE', 'ROUTINE']);
  });

  it('takes the model of the last call that answered', () => {
    expect(
      assemble(`
      agent Weather
        model gpt-5 provider=openai responseModel=gpt-5-2025
        model claude provider=anthropic fail=overloaded
        embedding ada
    `)[0]?.decision,
    ).toMatchObject({ provider: 'openai', model: 'gpt-5-2025' });
  });

  it('takes times, scores and content from where they are given', () => {
    expect(
      assemble(`
      agent Weather input=question
        model gpt-5 queueMs=5 output=thinking
        model gpt-5 queueMs=7 timeToFirstTokenMs=90 output=answer
        evaluation judge hallucinationScore=0.2
        evaluation judge hallucinationScore=0.8
    `)[0]?.decision,
    ).toMatchObject({
      queueMs: 12,
      timeToFirstTokenMs: 90,
      hallucinationScore: 0.8,
      input: 'question',
      output: 'answer',
    });
  });
});
