import { describe, expect, it } from 'vitest';
import type { Step } from '../../../src/decision/decision.js';
import { findLoop } from '../../../src/detect/loop/find-loop.js';
import { lookAtStep, observeStep } from '../../../src/detect/loop/observe.js';
import { newLoopState } from '../../../src/detect/loop/state.js';
import { makeStep } from '../../support/decision.js';

const START_MS = Date.parse('2026-03-02T09:00:00Z');

interface Call {
  tool?: string;
  args?: unknown;
  result?: unknown;
  error?: string;
}

function call({ tool = 'look_up', args = {}, result = null, error }: Call, known: Partial<Step> = {}): Step {
  return makeStep({
    toolName: tool,
    arguments: typeof args === 'string' ? args : JSON.stringify(args),
    result: typeof result === 'string' || result === null ? result : JSON.stringify(result),
    outcome: error === undefined ? 'SUCCESS' : 'ERROR',
    errorMessage: error ?? null,
    ...known,
  });
}

const says = (output: string, known: Partial<Step> = {}) =>
  makeStep({ kind: 'MODEL_CALL', toolName: null, output, ...known });

/** One step after the other, a second each. */
function run(...steps: Step[]): Step[] {
  return steps.map((step, index) => ({ ...step, startedAtMs: START_MS + index * 1_000, durationMs: 500 }));
}

const times = <T>(count: number, of: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => of(index));

function patternOf(...steps: Step[]): unknown {
  return findLoop(run(...steps), null).finding?.evidence.pattern ?? null;
}

const FOUND = { result: 'Order 17 is on its way and should arrive on Tuesday' };

describe('the same call', () => {
  it('is a loop at the fourth time, and says so in words for whoever is on call', () => {
    const steps = run(...times(6, () => call({ tool: 'search_orders', args: { id: 17 }, ...FOUND })));
    const { finding } = findLoop(steps, null);
    expect(finding).toMatchObject({
      kind: 'LOOP',
      severity: 'WARNING',
      observed: 6,
      expected: 3,
      summary: 'search_orders was called 6 times with the same arguments and gave the same answer',
      evidence: { pattern: 'same_call', tool: 'search_orders', repetitions: 6, firstStep: 0, lastStep: 5, period: 1 },
      incident: 'search_orders',
    });
    expect(findLoop(steps.slice(0, 3), null).finding).toBeNull();
    expect(findLoop(steps.slice(0, 4), null).finding).not.toBeNull();
  });

  it.each<[string, unknown[]]>([
    [
      'keys in another order',
      [
        { a: 1, b: { c: 2, d: 3 } },
        { b: { d: 3, c: 2 }, a: 1 },
      ],
    ],
    ['numbers as numbers', ['{"a":1,"b":2.50}', '{"a":1.0,"b":"2.5"}', '{"a":"1","b":2.5}', '{"b":25e-1,"a":1}']],
    ['times of the call', times(4, (n) => ({ a: 1, as_of: new Date(START_MS + n * 1_000).toISOString() }))],
    ['request ids', times(4, (n) => ({ a: 1, request_id: `r-${n}`, idempotencyKey: `k${n}` }))],
    ['reasons in free text', times(4, (n) => ({ a: 1, reason: `try no. ${n}, because it did not work` }))],
    ['jitter', times(4, (n) => ({ a: 1, jitter: 0.1 * n, backoff: 2 ** n }))],
    ['nothing instead of null', [{ a: 1 }, { a: 1, b: null }]],
  ])('is the same with %s', (_what, sent) => {
    expect(patternOf(...times(4, (n) => call({ args: sent[n % sent.length], ...FOUND })))).toBe('same_call');
  });

  it.each<[string, (n: number) => Call]>([
    ['other arguments', (n) => ({ args: { id: n }, result: `Order ${n} is on its way` })],
    ['ids beyond what a number holds', (n) => ({ args: `{"id":1000000000000000000${n}}`, result: `Order ${n}` })],
    ['an order that matters', (n) => ({ args: [n % 2, (n + 1) % 2], result: `path ${n}` })],
    [
      'thoughts, which are all a tool to think with has',
      (n) => ({ tool: 'think', args: { thought: `${n}` }, result: '' }),
    ],
    ['arguments nobody recorded', (n) => ({ args: 'x', result: `answer ${n}` })],
  ])('is not the same with %s', (_what, of) => {
    expect(patternOf(...times(12, (n) => call(of(n))))).toBeNull();
  });

  it('is the same with ids and times of its own in each answer', () => {
    const answer = (n: number) => ({ orders: [], request_id: `req-${n}${n}`, served_at: `2026-03-02T09:00:0${n}Z` });
    expect(patternOf(...times(4, (n) => call({ args: { id: 1 }, result: answer(n) })))).toBe('same_call');
  });

  it('is not judged by arguments and answers that nobody recorded', () => {
    expect(patternOf(...times(30, () => makeStep({ arguments: null, result: null })))).toBeNull();
  });

  it('takes longer to tell without the answers, since it may be polling', () => {
    const steps = times(8, () => call({ args: { id: 1 } }));
    expect(patternOf(...steps.slice(0, 7))).toBeNull();
    expect(patternOf(...steps)).toBe('same_call');
  });

  it('is one call when two clients saw it', () => {
    const views = times(12, (n) => {
      const isInner = n % 2 === 1;
      const startedAtMs = START_MS + Math.floor(n / 2) * 1_000 + (isInner ? 5 : 0);
      return call({ args: { id: 1 }, ...FOUND }, { startedAtMs, durationMs: isInner ? 80 : 100 });
    });
    expect(findLoop(views.slice(0, 6), null).finding).toBeNull();
    expect(findLoop(views, null).finding?.observed).toBe(6);
  });

  it('is found with texts of any size and depth', () => {
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    const long = `{"body":"${'word '.repeat(20_000)}"}`;
    expect(patternOf(...times(4, () => call({ args: deep, ...FOUND })))).toBe('same_call');
    expect(patternOf(...times(4, () => call({ args: long, result: long })))).toBe('same_call');
  });
});

describe('nearly the same call', () => {
  const variants = ['Lisbon ', 'lisbon', 'LISBON', 'Lisbon.', ' Lisbon?'];

  it('is a loop where it gives the same', () => {
    expect(patternOf(...variants.map((city) => call({ args: { city }, ...FOUND })))).toBe('near_duplicate');
    expect(patternOf(...times(4, (n) => call({ args: { city: 'Rome', limit: 10 + n }, ...FOUND })))).toBe(
      'near_duplicate',
    );
  });

  it('is none where it gives something else', () => {
    expect(patternOf(...variants.map((city, n) => call({ args: { city }, result: `page ${n}` })))).toBeNull();
  });

  it('is a deed done again when a mail is reworded, and none when it goes to somebody else or is about something else', () => {
    const body = (word: string) =>
      `We are sorry that your order has been delayed and will be ${word} to you within two days from now`;
    const mail = (to: string, text: string) => call({ tool: 'send_email', args: { to, body: text }, result: 'sent' });
    const words = ['sent', 'shipped', 'delivered', 'brought'];
    expect(patternOf(...words.map((word) => mail('ann@example.com', body(word))))).toBe('side_effect');
    expect(patternOf(...words.map((word) => mail(`${word}@example.com`, body(word))))).toBeNull();
    expect(patternOf(...words.map((word, n) => mail('ann@example.com', `${body(word)}: invoice ${n}`)))).toBeNull();
  });
});

describe('failures', () => {
  const failed = (n: number) => call({ args: { id: 7 }, error: `timed out after 30s, request ${'0'.repeat(15)}${n}a` });

  it('are a loop at the third equal one', () => {
    expect(patternOf(...times(3, failed))).toBe('same_error');
    expect(patternOf(...times(2, failed), call({ args: { id: 7 }, ...FOUND }))).toBeNull();
  });

  it('are a new try after something new', () => {
    const steps = times(8, (n) =>
      n % 2 === 0
        ? call({ args: { id: 7 }, error: 'build failed' })
        : call({ args: { edit: n }, result: `edited ${n}` }),
    );
    expect(patternOf(...steps)).toBeNull();
  });

  it('are a loop when a tool fails the same way whatever it is asked', () => {
    const steps = times(6, (n) => call({ args: { name: `user${n}` }, error: `user user${n} not found in the list` }));
    expect(patternOf(...steps)).toBe('same_failure');
    expect(patternOf(...steps.slice(0, 5))).toBeNull();
  });

  it('are told from answers that look like one', () => {
    expect(patternOf(...times(3, () => call({ args: { id: 7 }, result: 'Error: no such order' })))).toBe('same_error');
    expect(patternOf(...times(3, () => call({ args: { id: 7 }, result: { error: null, orders: [] } })))).toBeNull();
  });
});

describe('side effects', () => {
  const pay = (n: number) =>
    call({
      tool: 'payments.refund_order',
      args: { order: 17, amount: 20 },
      result: { status: 'queued', refund: `R${n}XK` },
    });

  it('are a loop at the third time, with whatever id', () => {
    expect(patternOf(...times(3, pay))).toBe('side_effect');
    expect(patternOf(...times(2, pay))).toBeNull();
  });

  it('are none for different things', () => {
    expect(
      patternOf(...times(9, (n) => call({ tool: 'send_message', args: { to: `u${n}`, text: 'hi' }, result: 'sent' }))),
    ).toBeNull();
  });

  it('are no lookups of what was done, though the name has the deed in it', () => {
    expect(
      patternOf(...times(5, (n) => call({ tool: 'get_order_status', args: { id: 1 }, result: `step ${n}` }))),
    ).toBeNull();
  });
});

describe('cycles', () => {
  const abc = (length: number, round: number) =>
    times(length * round, (n) =>
      call({ tool: `tool_${n % length}`, args: { n: n % length }, result: `the answer of ${n % length}` }),
    );

  it.each([2, 3, 5, 8])('of %i calls are a loop the third time round', (length) => {
    const finding = findLoop(run(...abc(length, 3)), null).finding;
    expect(finding).not.toBeNull();
    expect(patternOf(...abc(length, 2))).toBeNull();
    if (length === 2)
      expect(finding?.summary).toBe(
        'tool_0 and tool_1 were called in turn 3 times with the same arguments and the same answers',
      );
  });

  it('of many calls are one too', () => {
    expect(patternOf(...abc(60, 3))).toBe('stall');
  });

  it('are none while each round brings something new', () => {
    const steps = times(20, (n) =>
      n % 2 === 0 ? call({ tool: 'list', ...FOUND }) : call({ tool: 'read', args: { n }, result: `text ${n}` }),
    );
    expect(patternOf(...steps)).toBeNull();
  });

  it('are found without an order, too: when hardly anything new comes of many calls', () => {
    const order = [0, 1, 0, 1, 0, 0, 1, 1, 0, 1];
    expect(patternOf(...order.map((n) => call({ tool: `tool_${n}`, result: `the answer of ${n}` })))).toBe('stall');
  });
});

describe('no loops', () => {
  it.each<[string, (n: number) => Call]>([
    ['polling that moves', (n) => ({ args: { job: 1 }, result: { state: 'running', progress: 10 * n } })],
    [
      'polling of a job by a tool that does things',
      (n) => ({ tool: 'create_export', args: { job: 1 }, result: { state: 'running', progress: 10 * n } }),
    ],
    ['page after page', (n) => ({ args: { query: 'shoes', page: n }, result: `page ${n}: shoe ${n}` })],
    ['one tool for many things', (n) => ({ args: { sku: `A-${n}` }, result: { sku: `A-${n}`, stock: n % 2 } })],
    [
      'a switch that goes to and fro',
      (n) => ({ args: {}, result: n % 2 === 0 ? 'the light is on' : 'the light is off' }),
    ],
    ['tasks from a queue', (n) => ({ tool: 'next_task', result: { id: `550e8400-e29b-41d4-a716-44665544000${n}` } })],
  ])('%s', (_what, of) => {
    expect(patternOf(...times(10, (n) => call(of(n))))).toBeNull();
  });

  it('polling of what does not move yet, by an agent that waits in between', () => {
    const poll = () => call({ args: { job: 1 }, result: { state: 'pending' } });
    const every = (gapMs: number, count: number) =>
      findLoop(
        times(count, (n) => ({ ...poll(), startedAtMs: START_MS + n * gapMs, durationMs: 100 })),
        null,
      ).finding;
    expect(every(15_000, 11)).toBeNull();
    expect(every(15_000, 12)).toMatchObject({ severity: 'WARNING' });
    expect(every(1_000, 4)).toMatchObject({ severity: 'WARNING' });
    expect(every(1_000, 8)).toMatchObject({ severity: 'CRITICAL' });
  });

  it('polling that waits by a tool, which is no call that could bring news', () => {
    const poll = () => [
      call({ args: { job: 1 }, result: { state: 'running' } }),
      call({ tool: 'sleep', args: { s: 15 }, result: 'ok' }),
    ];
    const steps = times(11, poll).flat();
    expect(
      findLoop(
        steps.map((step, n) => ({ ...step, startedAtMs: START_MS + n * 10_000 })),
        null,
      ).finding,
    ).toBeNull();
  });
});

describe('a monologue', () => {
  const WORDS = 'I will now look up the order that you asked me for.';
  const message = (text: string) => JSON.stringify([{ role: 'assistant', parts: [{ type: 'text', content: text }] }]);

  it('is the same words three times without a call', () => {
    expect(patternOf(says(WORDS), says(`${WORDS} `), says(message(WORDS.toLowerCase())))).toBe('monologue');
    expect(patternOf(...times(3, () => says('我现在就去查一下您的订单')))).toBe('monologue');
    expect(patternOf(says(WORDS), says(WORDS))).toBeNull();
    expect(patternOf(says(WORDS), says(WORDS), call({}), says(WORDS), says(WORDS))).toBeNull();
  });

  it('is none where the model sorts, calls a tool or has another prompt', () => {
    expect(patternOf(...times(5, () => says('positive')))).toBeNull();
    expect(patternOf(...times(5, () => says('{"answer":"it is nothing that anybody would want"}')))).toBeNull();
    const calling = JSON.stringify([
      {
        role: 'assistant',
        parts: [
          { type: 'text', content: WORDS },
          { type: 'tool_call', name: 'x' },
        ],
      },
    ]);
    expect(patternOf(...times(5, () => says(calling)))).toBeNull();
    expect(patternOf(...times(5, (n) => says(WORDS, { input: `Sum up document ${n}` })))).toBeNull();
  });

  it('goes on from what was said', () => {
    const input = JSON.stringify([
      { role: 'user', content: 'Where is it?' },
      { role: 'assistant', content: WORDS },
    ]);
    expect(patternOf(...times(3, () => says(WORDS, { input: 'Where is it?' })))).toBe('monologue');
    expect(patternOf(says(WORDS, { input: 'Where is it?' }), says(WORDS, { input }), says(WORDS, { input }))).toBe(
      'monologue',
    );
  });

  it('is said once where two clients report each answer', () => {
    const steps = times(4, (n) => says(WORDS, { startedAtMs: START_MS + n, durationMs: 1_000 }));
    expect(findLoop(steps, null).finding).toBeNull();
  });
});

describe('while a run goes on', () => {
  const steps = run(...times(20, () => call({ args: { id: 1 }, ...FOUND })));

  it('warns at the step that makes it certain and is critical at twice that, each said once', () => {
    const state = newLoopState();
    const said = steps.map((step, index) => observeStep(state, step, index)).filter((sighting) => sighting !== null);
    expect(said.map(({ severity, lastStep, score }) => [severity, lastStep, score])).toEqual([
      ['WARNING', 3, 0.5],
      ['CRITICAL', 7, 1],
    ]);
  });

  it('is one incident, by the tools it began with, whichever of them is called last', () => {
    const turn = (n: number) => call({ tool: n % 2 === 0 ? 'read' : 'list', result: `the answer of ${n % 2}` });
    const sent = [6, 7, 20].map((count) => findLoop(run(...times(count, turn)), null).finding?.incident);
    expect(sent).toEqual(['list, read', 'list, read', 'list, read']);
    const state = newLoopState();
    const said = run(...times(30, turn)).map((step, index) => observeStep(state, step, index)?.severity ?? '');
    expect(said.filter((severity) => severity !== '')).toEqual(['WARNING', 'CRITICAL']);
  });

  it('goes on from its state as JSON, which holds no content', () => {
    let text = JSON.stringify(newLoopState());
    const seen = steps.map((step, index) => {
      const state = JSON.parse(text);
      const sighting = lookAtStep(state, step, index);
      text = JSON.stringify(state);
      return sighting?.repetitions ?? 0;
    });
    expect(seen.slice(0, 5)).toEqual([0, 0, 0, 4, 5]);
    expect(text).not.toContain('Tuesday');
  });
});

describe('across the runs of a conversation', () => {
  const same = () => call({ args: { id: 1 }, ...FOUND });

  it('carries on what the last run was repeating when it ended', () => {
    const first = findLoop(run(same(), same()), null);
    expect(first.finding).toBeNull();
    const carried = JSON.parse(JSON.stringify(first.carried));
    const second = findLoop(run(same(), same()), carried);
    expect(second.finding?.evidence).toMatchObject({
      pattern: 'same_call',
      repetitions: 4,
      firstStep: null,
      isFromEarlierRun: true,
    });
    expect(carried).toEqual(first.carried);
  });

  it('looks the same thing up for every question without a loop', () => {
    let carried = null;
    for (let round = 0; round < 10; round += 1) {
      const judged = findLoop(run(same(), call({ tool: 'answer', args: { round }, result: `new ${round}` })), carried);
      expect(judged.finding).toBeNull();
      carried = judged.carried;
    }
    expect(carried).toBeNull();
  });
});
