import { describe, expect, it } from 'vitest';
import { assemble, callers, chainOf, decisionOf } from '../../../support/assembled.js';
import { TRACE_ID } from '../../../support/span-tree.js';

describe('which spans are one decision', () => {
  it('makes one decision of an agent span and what is below it', () => {
    const [only, ...others] = assemble(`
      other request
        agent Weather
          model gpt-5
          tool forecast
            other GET
    `);
    expect(others).toEqual([]);
    expect(only?.spanIds).toEqual(['s2', 's3', 's4', 's5']);
    expect(only?.decision).toMatchObject({ id: `${TRACE_ID}-s2`, spanId: 's2', parentSpanId: 's1', parentId: null });
    expect(only?.state).toBe('closed');
  });

  it('makes a decision of its own of a child agent, below its parent', () => {
    const assembled = assemble(`
      agent Orchestrator
        tool ask
          agent Billing
            tool ask
              agent Ledger
                model gpt-5
    `);
    expect(callers(assembled)).toEqual(['Orchestrator', 'Orchestrator > Billing', 'Billing > Ledger']);
  });

  it('joins the caller’s and the callee’s span of one call between services, the callee’s being the root', () => {
    const assembled = assemble(`
      agent Orchestrator @support
        model gpt-5
        agent Billing client
          other POST client
            other POST server @billing
              agent Billing server
                model gpt-5
    `);
    expect(callers(assembled)).toEqual(['Orchestrator', 'Orchestrator > Billing']);
    expect(decisionOf(assembled, 'Billing').decision).toMatchObject({ spanId: 's6', parentSpanId: 's5' });
    const handoff = decisionOf(assembled, 'Orchestrator').decision.steps[1];
    expect(handoff).toMatchObject({ kind: 'HANDOFF', name: 'Billing', spanId: 's3', toolName: null });
  });

  it('joins caller and callee when one of them names no agent', () => {
    expect(
      callers(
        assemble(`
      agent Orchestrator @support
        agent - client
          agent Billing server @billing
    `),
      ),
    ).toEqual(['Orchestrator', 'Orchestrator > Billing']);
  });

  it('joins caller and callee when nothing is above the caller', () => {
    const assembled = assemble(`
      agent Billing client @support
        agent Billing server @billing
          model gpt-5
    `);
    expect(callers(assembled)).toEqual(['Billing']);
    expect(assembled[0]?.decision.spanId).toBe('s2');
    expect(assembled[0]?.spanIds).toEqual(['s1', 's2', 's3']);
  });

  it('keeps caller and callee apart when they name different agents', () => {
    expect(
      callers(
        assemble(`
      agent Orchestrator client @support
        agent Billing server @billing
    `),
      ),
    ).toEqual(['Orchestrator', 'Orchestrator > Billing']);
  });

  it('waits for the callee of a caller’s span without work of its own', () => {
    const assembled = assemble(`
      agent Orchestrator @support
        model gpt-5
        agent Billing client
    `);
    expect(assembled.map(({ state }) => state)).toEqual(['closed', 'awaiting-callee']);
    expect(chainOf(assembled[0] ?? expect.fail())).toEqual(['MODEL_CALL gpt-5', 'HANDOFF Billing']);
  });

  it('merges wrappers of one invocation', () => {
    const [only, ...others] = assemble(`
      agent Weather
        step turn
          agent -
            model gpt-5
          agent Weather
            tool forecast
    `);
    expect(others).toEqual([]);
    expect(chainOf(only ?? expect.fail())).toEqual(['MODEL_CALL gpt-5', 'TOOL_CALL forecast']);
  });

  it('sees real nesting where the outer agent works beside the inner one of the same name', () => {
    expect(
      callers(
        assemble(`
      agent Weather
        model gpt-5
        agent Weather
          model gpt-5
    `),
      ),
    ).toEqual(['Weather', 'Weather > Weather']);
  });

  it('gives a service without an agent span one decision, from its topmost span on', () => {
    const [only, ...others] = assemble(`
      other POST server from=1000 to=9000
        step handle
          model gpt-5
        model gpt-5
    `);
    expect(others).toEqual([]);
    expect(only?.decision).toMatchObject({ agent: 'app', spanId: 's1', startedAtMs: 1000, endedAtMs: 9000 });
    expect(only?.state).toBe('closed');
  });

  it('names it by the owner most of its spans name', () => {
    expect(
      callers(
        assemble(`
      workflow run
        model gpt-5 owner=Writer
        tool search owner=Researcher
        model gpt-5 owner=Writer
    `),
      ),
    ).toEqual(['Writer']);
  });

  it('makes one decision for each service without agent spans', () => {
    expect(
      callers(
        assemble(`
      other POST server @front
        model gpt-5
        other POST client
          other POST server @back
            model gpt-5
    `),
      ),
    ).toEqual(['front', 'front > back']);
  });

  it('makes no decision of a trace in which nothing was decided', () => {
    expect(
      assemble(`
      other POST server
        other SELECT client
        step format
    `),
    ).toEqual([]);
  });

  it('waits for the parent that a service’s topmost span names', () => {
    const [only] = assemble(`
      step handle parent=gone
        model gpt-5
    `);
    expect(only?.state).toBe('awaiting-parent');
    expect(only?.decision.complete).toBe(false);
  });

  it('is open while the agent’s span has not ended', () => {
    const [only] = assemble(`
      agent Weather open
        model gpt-5 to=5000
    `);
    expect(only?.state).toBe('open');
    expect(only?.decision.endedAtMs).toBe(5000);
  });

  it('gives spans whose parent is missing to the one agent of their service that they name', () => {
    const assembled = assemble(`
      agent Weather
        model gpt-5
      step turn parent=gone
        tool forecast owner=Weather
    `);
    expect(callers(assembled)).toEqual(['Weather']);
    expect(assembled[0]?.spanIds).toEqual(['s1', 's2', 's3', 's4']);
  });

  it('keeps them apart when two decisions bear that name', () => {
    const assembled = assemble(`
      agent Weather
      agent Weather
      tool forecast owner=Weather parent=gone
    `);
    expect(assembled.map(({ state }) => state)).toEqual(['closed', 'closed', 'awaiting-parent']);
  });

  it('keeps a working agent apart from the agent of its name that it calls', () => {
    expect(
      callers(
        assemble(`
          agent Weather client @north
            model gpt-5
            agent Weather server @south
        `),
      ),
    ).toEqual(['Weather', 'Weather > Weather']);
  });

  it('joins caller and callee of one name in two services, whatever the caller calls its side', () => {
    const assembled = assemble(`
      agent Orchestrator @support
        agent Billing
          other POST client
            agent Billing @billing
              model gpt-5
    `);
    expect(callers(assembled)).toEqual(['Orchestrator', 'Orchestrator > Billing']);
    expect(decisionOf(assembled, 'Billing').decision.spanId).toBe('s4');
  });

  it('joins caller and callee of a service that calls itself', () => {
    const assembled = assemble(`
      agent Billing client
        other POST client
          agent Billing
    `);
    expect(assembled.map(({ decision }) => decision.spanId)).toEqual(['s3']);
  });

  it('does not wait for a callee where the agent works itself or calls another', () => {
    expect(assemble('agent Weather client\n  model gpt-5')[0]?.state).toBe('closed');
    expect(assemble('agent Weather client @a\n  agent Forecast server @b')[0]?.state).toBe('closed');
  });

  it('keeps spans whose parent is missing apart when they name several agents', () => {
    const assembled = assemble(`
      agent Weather
      step turn parent=gone
        tool forecast owner=Weather
        tool convert owner=Units
    `);
    expect(assembled.map(({ spanIds }) => spanIds)).toEqual([['s1'], ['s2', 's3', 's4']]);
  });

  it('does not give spans to an agent that was called below them', () => {
    const assembled = assemble(`
      step turn parent=gone
        tool forecast owner=Weather
        agent Weather
    `);
    expect(assembled.map(({ spanIds }) => spanIds)).toEqual([['s1', 's2'], ['s3']]);
  });

  it('never makes two agents each other’s parent', () => {
    const assembled = assemble(`
      step turn parent=gone owner=Units
        agent Weather
      step turn parent=lost owner=Weather
        agent Units
    `);
    expect(callers(assembled)).toEqual(['Units > Weather', 'Units']);
  });

  it('takes the span nearest the trace’s root for the root of a service, whatever its clock says', () => {
    const assembled = assemble(`
      other POST @front
        model gpt-5
        model gpt-5 @back
          tool call-back
            model gpt-5 @front from=1
    `);
    expect(decisionOf(assembled, 'front').decision).toMatchObject({ spanId: 's1', startedAtMs: 1 });
  });

  it('names a service by the first of equally frequent owners in the alphabet', () => {
    expect(callers(assemble('workflow run\n  model gpt-5 owner=Writer\n  model gpt-5 owner=Editor'))).toEqual([
      'Editor',
    ]);
  });

  it('survives parents that form a circle', () => {
    const assembled = assemble(`
      model gpt-5 id=a parent=b
      tool search id=b parent=a
    `);
    expect(assembled.map(({ spanIds }) => spanIds)).toEqual([['a', 'b']]);
  });
});
