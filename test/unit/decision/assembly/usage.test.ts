import { describe, expect, it } from 'vitest';
import { assemble } from '../../../support/assembled.js';

describe('tokens', () => {
  const tokensOf = (text: string) =>
    assemble(text).map(({ decision }) => [decision.tokens.input, decision.tokens.output]);

  it('leaves out what wrappers repeat', () => {
    expect(
      tokensOf(`
      agent Weather in=30 out=3
        step turn in=30 out=3
          model gpt-5 in=10 out=1
          model gpt-5 in=20 out=2
    `),
    ).toEqual([[30, 3]]);
  });

  it('leaves out what a parent repeats of its children', () => {
    expect(
      tokensOf(`
      agent Orchestrator in=10 out=1
        agent Billing in=10 out=1
          model gpt-5 in=10 out=1
    `),
    ).toEqual([
      [0, 0],
      [10, 1],
    ]);
  });

  it('counts a wrapper’s usage when no call below has any, the innermost alone', () => {
    const assembled = assemble(`
      agent Weather in=30 out=3
        step turn in=30 out=3
          model gpt-5
    `);
    expect(assembled[0]?.decision.tokens).toMatchObject({ input: 30, output: 3 });
    expect(assembled[0]?.wrapperUsage).toMatchObject([{ tokens: { input: 30, output: 3 } }]);
  });

  it('counts a call seen by two instrumentations once, usage from the inner, content from the outer', () => {
    const [only] = assemble(`
      model gpt-5 in=9 out=1 input=question
        step retry
          model gpt-5-2025 in=10 out=1 cached=4 input=raw output=answer
    `);
    expect(only?.decision.steps).toMatchObject([
      { spanId: 's1', model: 'gpt-5-2025', input: 'question', output: 'answer', tokens: { input: 10, cacheRead: 4 } },
    ]);
  });

  it('counts a call that two instrumentations show side by side once, each pair of parallel calls apart', () => {
    const [only] = assemble(`
      agent Weather
        model gpt-5 scope=framework in=10 out=1 from=1000 to=1090
        model gpt-5-2025 scope=client in=10 out=1 responseId=r1 from=1005 to=1080
        model gpt-5 scope=framework in=10 out=1 from=1010 to=1090
        model gpt-5-2025 scope=client in=10 out=1 responseId=r2 from=1015 to=1080
    `);
    expect(only?.decision.tokens).toMatchObject({ input: 20, output: 2 });
    expect(only?.decision.steps.map(({ model }) => model)).toEqual(['gpt-5-2025', 'gpt-5-2025']);
  });

  it('counts equal calls of one instrumentation, or one after the other, apart', () => {
    const twice = [[20, 2]];
    expect(
      tokensOf(`
      agent Weather
        model gpt-5 in=10 out=1 from=1000 to=1090
        model gpt-5 in=10 out=1 from=1000 to=1090
    `),
    ).toEqual(twice);
    expect(
      tokensOf(`
      agent Weather
        model gpt-5 scope=framework in=10 out=1 from=1000 to=1090
        model gpt-5 scope=client in=10 out=1 from=1200 to=1290
    `),
    ).toEqual(twice);
  });

  it('sums what one call’s attempts report, and takes the last attempt for the outcome', () => {
    const [only] = assemble(`
      model gpt-5
        model gpt-5 in=10 fail=overloaded
        model gpt-5 in=10 out=2
    `);
    expect(only?.decision.steps).toMatchObject([{ outcome: 'SUCCESS', tokens: { input: 20, output: 2 } }]);
  });

  it('counts calls nested through an agent or a tool as different calls', () => {
    expect(
      tokensOf(`
      agent Root
        model gemini in=10 out=1
          agent Sub
            model gemini in=20 out=2
          tool search
            model gemini in=5 out=5
    `),
    ).toEqual([
      [15, 6],
      [20, 2],
    ]);
  });

  it('counts spans that name one response once', () => {
    expect(
      tokensOf(`
      agent Weather
        model gpt-5 in=10 out=1 responseId=r1
        model gpt-5 in=10 out=1 responseId=r1
        model gpt-5 in=10 out=1 responseId=r2
    `),
    ).toEqual([[20, 2]]);
  });

  it('does not trust one constant response id', () => {
    expect(
      tokensOf(`
      agent Weather
        model llama in=10 out=1 responseId=chatcmpl
        model llama in=15 out=2 responseId=chatcmpl
    `),
    ).toEqual([[25, 3]]);
  });

  it('leaves a step’s tokens unknown when nothing says', () => {
    expect(assemble('model gpt-5')[0]?.decision.steps[0]?.tokens).toBeNull();
  });
});
