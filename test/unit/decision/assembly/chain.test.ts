import { describe, expect, it } from 'vitest';
import { assemble, callers, chainOf, decisionOf } from '../../../support/assembled.js';

describe('the reasoning chain', () => {
  it('has the steps in the order they started', () => {
    const [only] = assemble(`
      agent Weather
        guardrail topic
        reasoning plan
        retrieval docs
          embedding ada
        model gpt-5
        tool forecast
          human approve
        handoff transfer
    `);
    expect(chainOf(only ?? expect.fail())).toEqual([
      'GUARDRAIL topic',
      'REASONING plan',
      'RETRIEVAL docs',
      'MODEL_CALL ada',
      'MODEL_CALL gpt-5',
      'TOOL_CALL forecast',
      'HUMAN_REVIEW approve',
      'HANDOFF transfer',
    ]);
  });

  it('puts parents before children that started with them', () => {
    const [only] = assemble(`
      agent Weather
        tool outer id=z from=2000 to=3000
          model gpt-5 id=a from=2000 to=2500
    `);
    expect(chainOf(only ?? expect.fail())).toEqual(['TOOL_CALL outer', 'MODEL_CALL gpt-5']);
  });

  it('shows a child’s invocation as a handoff with the child’s outcome, after the tool that wrapped it', () => {
    const assembled = assemble(`
      agent Orchestrator
        tool ask
          agent Billing fail="no such invoice"
    `);
    expect(chainOf(decisionOf(assembled, 'Orchestrator'))).toEqual(['TOOL_CALL ask', 'HANDOFF Billing !']);
    expect(decisionOf(assembled, 'Orchestrator').decision).toMatchObject({ toolCalls: 1, failedToolCalls: 0 });
  });

  it('shows an agent that was handed over to, beside the one before, in the place of the handoff', () => {
    const assembled = assemble(`
      workflow Support
        agent Triage
          model gpt-5
          handoff "handoff to Billing"
        agent Billing callerName=Triage
          model gpt-5
    `);
    expect(callers(assembled)).toEqual(['Triage', 'Triage > Billing']);
    expect(chainOf(decisionOf(assembled, 'Triage'))).toEqual(['MODEL_CALL gpt-5', 'HANDOFF Billing']);
  });

  it('takes a call’s prompt from the same client’s step around it when the call has none', () => {
    const inputOf = (scope: string) =>
      assemble(`
      agent Weather
        step turn input=question scope=${scope}
          model gpt-5 output=answer
    `)[0]?.decision.steps[0]?.input;
    expect(inputOf('test')).toBe('question');
    expect(inputOf('other')).toBeNull();
  });

  it('counts one tool execution seen by agent and protocol client as one step', () => {
    const [only] = assemble(`
      agent Weather
        tool forecast
          tool forecast client fail=unreachable
    `);
    expect(chainOf(only ?? expect.fail())).toEqual(['TOOL_CALL forecast !']);
  });

  it('counts a tool that calls itself, or another, as two', () => {
    const [only] = assemble(`
      agent Weather
        tool forecast
          tool forecast
        tool convert
          tool lookup client
        tool search toolCallId=c1
          tool search toolCallId=c2 scope=mcp
    `);
    expect(only?.decision.toolCalls).toBe(6);
  });

  it('takes a tool’s failure from the execution below it', () => {
    const [only] = assemble(`
      agent Coder
        tool Read
          step tool.execution fail="File does not exist"
        model gpt-5
    `);
    expect(chainOf(only ?? expect.fail())).toEqual(['TOOL_CALL Read !', 'MODEL_CALL gpt-5']);
    expect(only?.decision).toMatchObject({ toolCalls: 1, failedToolCalls: 1, outcome: 'SUCCESS', errorMessage: null });
    expect(only?.decision.steps[0]?.errorMessage).toBe('File does not exist');
  });

  it('shows a handoff whose callee answered too late as failed', () => {
    const assembled = assemble(`
      agent Orchestrator @support
        agent Billing client fail="deadline exceeded"
          agent Billing server @billing
            model gpt-5
    `);
    expect(decisionOf(assembled, 'Orchestrator').decision.steps[0]).toMatchObject({
      errorMessage: 'deadline exceeded',
    });
    expect(decisionOf(assembled, 'Billing').decision.outcome).toBe('SUCCESS');
  });

  it('lets the last execution of a tool decide', () => {
    const [only] = assemble(`
      agent Coder
        tool Read
          step tool.execution fail=busy
          step tool.execution
    `);
    expect(only?.decision).toMatchObject({ toolCalls: 1, failedToolCalls: 0 });
  });

  it('shows a failure that no step shows', () => {
    const [only] = assemble(`
      agent Weather
        step parse fail="not JSON"
        tool forecast fail=timeout
          other GET fail=timeout
        model gpt-5
    `);
    expect(chainOf(only ?? expect.fail())).toEqual(['OTHER parse !', 'TOOL_CALL forecast !', 'MODEL_CALL gpt-5']);
  });

  it('shows a step with content of its own and nothing below', () => {
    const [only] = assemble(`
      agent Weather
        step format input=x output=y
        step empty
        step turn input=x output=y
          model gpt-5
    `);
    expect(chainOf(only ?? expect.fail())).toEqual(['OTHER format', 'MODEL_CALL gpt-5']);
  });
});
