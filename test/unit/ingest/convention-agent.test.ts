import { describe, expect, it } from 'vitest';
import { readSpan } from '../../../src/ingest/convention/read.js';
import type { AttributeValue } from '../../../src/ingest/telemetry.js';
import { type WireSpan, wireSpan } from '../../support/wire-span.js';

const read = (sent: WireSpan) => readSpan(wireSpan(sent));

describe('who the agent is', () => {
  const agents: [string, WireSpan, string | null][] = [
    [
      'GenAI, by attribute',
      { attributes: { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'Planner' } },
      'Planner',
    ],
    [
      'GenAI, by span name',
      { name: 'invoke_agent Planner', attributes: { 'gen_ai.operation.name': 'invoke_agent' } },
      'Planner',
    ],
    [
      'OpenInference, agent.name',
      { name: 'run', attributes: { 'openinference.span.kind': 'AGENT', 'agent.name': 'Planner' } },
      'Planner',
    ],
    [
      'OpenInference, graph node',
      { name: 'run', attributes: { 'openinference.span.kind': 'AGENT', 'graph.node.id': 'planner' } },
      'planner',
    ],
    ['OpenInference, span name', { name: 'Planner', attributes: { 'openinference.span.kind': 'AGENT' } }, 'Planner'],
    [
      'OpenInference, span name with a method',
      { name: 'planner.run', attributes: { 'openinference.span.kind': 'AGENT' } },
      'planner',
    ],
    [
      'OpenInference written onto Vercel 6',
      {
        name: 'ai.generateText planner',
        attributes: {
          'openinference.span.kind': 'AGENT',
          'ai.operationId': 'ai.generateText',
          'ai.telemetry.functionId': 'planner',
        },
      },
      'planner',
    ],
    [
      'OpenInference written onto Vercel 6 without a function',
      {
        name: 'ai.generateText',
        attributes: { 'openinference.span.kind': 'AGENT', 'ai.operationId': 'ai.generateText' },
      },
      null,
    ],
    ['Traceloop', { attributes: { 'traceloop.span.kind': 'agent', 'traceloop.entity.name': 'Planner' } }, 'Planner'],
    [
      'Vercel 6',
      { attributes: { 'ai.operationId': 'ai.generateText', 'ai.telemetry.functionId': 'planner' } },
      'planner',
    ],
    [
      'Vercel 6 without a function',
      { name: 'ai.generateText', attributes: { 'ai.operationId': 'ai.generateText' } },
      null,
    ],
    [
      'Vercel 7 without a function',
      {
        scope: 'gen_ai',
        name: 'invoke_agent gpt-4o',
        attributes: { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.request.model': 'gpt-4o' },
      },
      null,
    ],
    ['Langfuse', { name: 'planner', attributes: { 'langfuse.observation.type': 'agent' } }, 'planner'],
    [
      'Mastra 1',
      { attributes: { 'mastra.span.type': 'agent_run', 'gen_ai.agent.name': 'Planner', 'gen_ai.agent.id': 'p' } },
      'Planner',
    ],
    [
      'Mastra 0, by identifier',
      { name: 'agent.planner', attributes: { 'mastra.span.type': 'agent_run', 'agent.id': 'planner' } },
      'planner',
    ],
    ['Mastra 0, by span name', { name: 'agent.planner', attributes: { 'mastra.span.type': 'agent_run' } }, 'planner'],
  ];

  it.each(agents)('%s', (_client, sent, agentName) => {
    expect(read(sent)).toMatchObject({ kind: 'agent', agentName });
  });

  it('names the owner of a model call without taking the call for an invocation', () => {
    const attributes = { 'gen_ai.operation.name': 'chat', 'gen_ai.agent.name': 'Planner' };
    expect(read({ attributes })).toMatchObject({ kind: 'model', agentName: 'Planner' });
  });

  it('keeps identifier and version, a number too', () => {
    const attributes = { 'traceloop.span.kind': 'agent', 'traceloop.entity.version': 2, 'gen_ai.agent.id': 'agt_1' };
    expect(read({ attributes })).toMatchObject({ agentId: 'agt_1', agentVersion: '2' });
  });

  it("drops the identifier Strands gives every agent, and its service's name as provider", () => {
    const span = read({
      name: 'invoke_agent Planner',
      attributes: {
        'gen_ai.operation.name': 'invoke_agent',
        'gen_ai.event.start_time': '2026-08-01T00:00:00Z',
        'gen_ai.agent.id': 'agent',
        'gen_ai.agent.name': 'Planner',
        'gen_ai.system': 'shop',
        'gen_ai.request.model': 'claude-sonnet-4-5',
      },
    });
    expect(span).toMatchObject({ convention: 'strands', agentName: 'Planner', agentId: null, provider: 'anthropic' });
  });
});

describe('the trace of the OpenAI Agents SDK', () => {
  const agent = (sent: WireSpan) =>
    read({
      scope: '@arizeai/openinference-instrumentation-openai-agents',
      ...sent,
      attributes: { 'openinference.span.kind': 'AGENT', ...sent.attributes },
    });

  it('is a workflow above its agents', () => {
    expect(agent({ name: 'Order flow' })).toMatchObject({ kind: 'workflow', workflow: 'Order flow', agentName: null });
  });

  it('names the agent that handed over to another', () => {
    const attributes = { 'graph.node.id': 'Billing', 'graph.node.parent_id': 'Triage' };
    expect(agent({ name: 'Billing', attributes })).toMatchObject({
      kind: 'agent',
      agentName: 'Billing',
      callerName: 'Triage',
    });
  });
});

describe('LangChain and LangGraph chains', () => {
  const chain = (name: string, metadata: Record<string, AttributeValue>) =>
    read({ name, attributes: { 'openinference.span.kind': 'CHAIN', metadata: JSON.stringify(metadata) } });

  it('takes the run of a named agent for its invocation', () => {
    expect(chain('support', { lc_agent_name: 'support' })).toMatchObject({ kind: 'agent', agentName: 'support' });
    expect(chain('LangGraph', {})).toMatchObject({ kind: 'agent', agentName: 'LangGraph' });
  });

  it('takes the nodes inside for steps of that agent', () => {
    const node = chain('model_request', { lc_agent_name: 'support', langgraph_node: 'model_request' });
    expect(node).toMatchObject({ kind: 'step', agentName: 'support' });
  });

  it('takes an agent run as a node of another graph for an invocation', () => {
    expect(chain('billing', { lc_agent_name: 'billing', langgraph_node: 'tools' })).toMatchObject({ kind: 'agent' });
  });

  it.each([
    ['OpenInference', '@arizeai/openinference-instrumentation-langchain', { 'openinference.span.kind': 'CHAIN' }],
    ['LangSmith', 'langsmith', { 'langsmith.span.kind': 'chain' }],
  ])('names the owner of a trace after the run it starts with: %s', (_client, scope, attributes) => {
    expect(read({ scope, name: 'planner-graph', attributes })).toMatchObject({
      kind: 'step',
      agentName: 'planner-graph',
    });
    expect(read({ scope, name: 'plan', parentSpanId: '00f067aa0ba902b7', attributes }).agentName).toBeNull();
    expect(read({ scope, name: 'RunnableSequence', attributes }).agentName).toBeNull();
  });

  it('names the owner of a lone LangSmith call after the project when there is no service', () => {
    const attributes = { 'langsmith.span.kind': 'llm', 'langsmith.trace.session_name': 'refunds' };
    const resource = { 'service.name': 'unknown_service:node' };
    expect(read({ attributes, resource }).agentName).toBe('refunds');
    expect(read({ attributes }).agentName).toBeNull();
  });

  it('reads the same from LangSmith', () => {
    const attributes = { 'langsmith.span.kind': 'chain', 'langsmith.metadata.lc_agent_name': 'support' };
    expect(read({ name: 'support', attributes })).toMatchObject({ kind: 'agent', agentName: 'support' });
    const node = { ...attributes, 'langsmith.metadata.langgraph_node': 'tools' };
    expect(read({ name: 'tools', attributes: node })).toMatchObject({ kind: 'step' });
  });
});

describe('whose request it is', () => {
  const places: [string, Record<string, AttributeValue>][] = [
    [
      'OpenInference',
      { 'session.id': 's-1', 'user.id': 'u-1', metadata: '{"customer_segment":"smb","tier":2,"requestType":"refund"}' },
    ],
    [
      'Traceloop',
      {
        'traceloop.association.properties.session_id': 's-1',
        'traceloop.association.properties.user_id': 'u-1',
        'traceloop.association.properties.segment': 'smb',
        'traceloop.association.properties.request_type': 'refund',
      },
    ],
    [
      'Vercel 6',
      {
        'ai.telemetry.metadata.sessionId': 's-1',
        'ai.telemetry.metadata.userId': 'u-1',
        'ai.telemetry.metadata.customerSegment': 'smb',
        'ai.telemetry.metadata.requestType': 'refund',
      },
    ],
    [
      'Vercel 7',
      {
        'ai.settings.context.sessionId': 's-1',
        'ai.settings.context.userId': 'u-1',
        'ai.settings.context.plan': 'smb',
        'ai.settings.context.requestType': 'refund',
      },
    ],
    [
      'Langfuse',
      {
        'langfuse.session.id': 's-1',
        'langfuse.user.id': 'u-1',
        'langfuse.trace.metadata.tier': 'smb',
        'langfuse.trace.metadata.request_type': 'refund',
      },
    ],
    [
      'LangSmith',
      {
        'langsmith.metadata.thread_id': 's-1',
        'langsmith.trace.session_id': 'the project',
        'langsmith.metadata.user_id': 'u-1',
        'langsmith.metadata.customer_segment': 'smb',
        'langsmith.metadata.request_type': 'refund',
      },
    ],
    [
      'Mastra 1',
      {
        'mastra.metadata.sessionId': 's-1',
        'mastra.metadata.userId': 'u-1',
        'mastra.metadata.customerSegment': 'smb',
        'mastra.metadata.requestType': 'refund',
      },
    ],
    ['Mastra 0', { sessionId: 's-1', userId: 'u-1', customerSegment: 'smb', requestType: 'refund' }],
    [
      'an application',
      { 'session.id': 's-1', 'enduser.id': 'u-1', 'app.customer.segment': 'smb', 'app.request.type': 'refund' },
    ],
  ];

  it.each(places)('is read where %s puts it, on model calls of any instrumentation', (_client, attributes) => {
    const span = read({
      attributes: { 'gen_ai.operation.name': 'chat', ...attributes, 'openinference.span.kind': 'LLM' },
    });
    expect(span).toMatchObject({ conversationId: 's-1', userId: 'u-1', customerSegment: 'smb', requestType: 'refund' });
  });

  it('is the thread that a Codex turn names, not the thread of the operating system on other spans', () => {
    const turn = { scope: 'codex_exec', name: 'session_task.turn', attributes: { 'thread.id': '01a2-conversation' } };
    expect(read(turn).conversationId).toBe('01a2-conversation');
    const request = { scope: 'codex_exec', name: 'try_run_sampling_request', attributes: { 'thread.id': 4 } };
    expect(read(request).conversationId).toBeNull();
  });

  it('prefers what the user of the product says outright', () => {
    const attributes = {
      'gen_ai.operation.name': 'chat',
      'midwatch.customer_segment': 'enterprise',
      'midwatch.request_type': 'claim',
      'midwatch.risk_class': 'high-risk',
      'midwatch.queue_ms': 12.5,
      'midwatch.cost_usd': '0.25',
      'app.customer.segment': 'smb',
      'agent.queue_time_ms': 99,
    };
    expect(read({ attributes })).toMatchObject({
      customerSegment: 'enterprise',
      requestType: 'claim',
      riskClass: 'HIGH_RISK',
      queueMs: 12.5,
      ownCostUsd: 0.25,
    });
  });

  it('takes from the resource what the span does not say', () => {
    const resource = {
      'service.name': 'claims',
      'service.version': '1.4.2',
      'cloud.region': 'eu-west-1',
      'deployment.environment': 'staging',
      'midwatch.risk_class': 'ADMIN',
      'midwatch.request_type': 'audit',
    };
    expect(read({ resource })).toMatchObject({
      service: 'claims',
      serviceVersion: '1.4.2',
      region: 'eu-west-1',
      environment: 'staging',
      riskClass: 'ADMIN',
      requestType: 'audit',
    });
    expect(read({ resource: {} }).service).toBe('unknown_service');
  });

  it('knows no risk class but the three', () => {
    expect(read({ attributes: { 'midwatch.risk_class': 'spicy' } }).riskClass).toBeNull();
  });

  it('names a workflow after its span when no attribute does', () => {
    const attributes = { 'gen_ai.operation.name': 'invoke_workflow' };
    expect(read({ name: 'invoke_workflow refunds', attributes })).toMatchObject({
      kind: 'workflow',
      workflow: 'refunds',
    });
  });

  it('does not take the name of a Traceloop agent for a workflow', () => {
    const attributes = {
      'traceloop.span.kind': 'tool',
      'traceloop.workflow.name': 'Planner',
      'gen_ai.agent.name': 'Planner',
    };
    expect(read({ attributes }).workflow).toBeNull();
    expect(read({ attributes: { ...attributes, 'traceloop.workflow.name': 'refunds' } }).workflow).toBe('refunds');
  });
});
