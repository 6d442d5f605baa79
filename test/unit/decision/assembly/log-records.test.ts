import { describe, expect, it } from 'vitest';
import { assembleTrace } from '../../../../src/decision/assembly/assemble.js';
import type { Span } from '../../../../src/decision/assembly/span.js';
import { makeSpan, spanTree } from '../../../support/span-tree.js';

const usage = (input: number) => ({ input, output: 1, cacheRead: null, cacheWrite: null, reasoning: null });

const content = (known: Partial<Span>): Span =>
  makeSpan({ kind: 'content', log: { traceId: null, sequence: 0, isPart: false }, ...known });

describe('what log records say of a span', () => {
  const spans = spanTree(`
    agent Planner id=root
      model gpt-5 id=call in=10 out=2 input=asked
      other POST id=http`);

  it('fills what it lacks and replaces nothing', () => {
    const said = content({ spanId: 'c', parentSpanId: 'call', input: 'other', output: 'answered', usage: usage(99) });
    const [assembled] = assembleTrace([...spans, said]);
    expect(assembled?.decision).toMatchObject({ input: 'asked', output: 'answered', tokens: { input: 10, output: 2 } });
    expect(assembled?.spanIds).toContain('c');
  });

  it('is nothing without the span', () => {
    const [assembled, ...others] = assembleTrace([
      ...spans,
      content({ spanId: 'c', parentSpanId: 'absent', output: 'x' }),
    ]);
    expect(others).toEqual([]);
    expect(assembled?.decision.output).toBeNull();
    expect(assembled?.spanIds).not.toContain('c');
    expect(assembleTrace([content({ spanId: 'c', usage: usage(5) })])).toEqual([]);
  });

  it('is one message after another where each holds one, and the record with all where there is one', () => {
    const part = (spanId: string, sequence: number, input: string) =>
      content({ spanId, parentSpanId: 'call', input, log: { traceId: null, sequence, isPart: true } });
    const parts = [part('c1', 1, '["b"]'), part('c2', 0, '["a"]')];
    const silent = spanTree('model gpt-5 id=call');
    expect(assembleTrace([...silent, ...parts])[0]?.decision.input).toBe('["a","b"]');
    const whole = content({ spanId: 'c3', parentSpanId: 'call', input: '["whole"]' });
    expect(assembleTrace([...silent, ...parts, whole])[0]?.decision.input).toBe('["whole"]');
  });

  it('counts for the call it was written within', () => {
    const silent = spanTree(`
      agent Planner id=root
        model gpt-5 id=call
          other POST id=http`);
    const said = content({ spanId: 'c', parentSpanId: 'http', usage: usage(7) });
    expect(assembleTrace([...silent, said])[0]?.decision).toMatchObject({
      tokens: { input: 7 },
      steps: [{ kind: 'MODEL_CALL', tokens: { input: 7 } }],
    });
  });

  it('counts for the agent, all of it, where no call shows', () => {
    const silent = spanTree('agent Planner id=root\n  tool search');
    const said = ['c1', 'c2'].map((spanId) => content({ spanId, parentSpanId: 'root', usage: usage(7) }));
    expect(assembleTrace([...silent, ...said])[0]?.decision.tokens.input).toBe(14);
  });
});

describe('a turn told by log records', () => {
  const log = { traceId: null, sequence: 0, isPart: false };
  const event = (known: Partial<Span>): Span => makeSpan({ log, parentSpanId: 'unnamed', ...known });
  const prompt = (spanId: string, atMs: number): Span =>
    event({ kind: 'agent', spanId, parentSpanId: null, startMs: atMs, endMs: atMs, ended: false });

  it('is over when the next prompt comes, and ends with its last record', () => {
    const answer = (spanId: string, atMs: number) => event({ kind: 'model', spanId, startMs: atMs - 5, endMs: atMs });
    const assembled = assembleTrace([prompt('p2', 100), answer('a2', 130), prompt('p1', 0), answer('a1', 40)]);
    expect(assembled.map(({ state, spanIds }) => [state, spanIds])).toEqual([
      ['closed', ['a1', 'p1']],
      ['unending', ['a2', 'p2']],
    ]);
    expect(assembled.map(({ decision }) => decision.endedAtMs)).toEqual([40, 130]);
  });

  it('has calls that began with their request', () => {
    const request = event({ kind: 'request', spanId: 'r', startMs: 10, endMs: 20, input: 'asked' });
    const answer = event({ kind: 'model', spanId: 'a', startMs: 90, endMs: 90 });
    const [assembled] = assembleTrace([answer, request, prompt('p', 0)]);
    expect(assembled?.decision.steps).toMatchObject([{ startedAtMs: 10, durationMs: 80, input: 'asked' }]);
  });

  it('waits for its prompt', () => {
    const [assembled] = assembleTrace([event({ kind: 'model', spanId: 'a', startMs: 1, endMs: 2 })]);
    expect(assembled?.state).toBe('awaiting-parent');
  });
});
