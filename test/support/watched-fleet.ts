import type { TestServer } from './server.js';

const RECORD = `mutation ($input: RecordDecisionsInput!) { recordDecisions(input: $input) {
  __typename ... on RecordDecisionsSuccess { decisions { id } } ... on ValidationError { message path } } }`;

export async function recordAll(server: TestServer, decisions: object[], fleet = 'default'): Promise<void> {
  const answer = await server.graphql<{ recordDecisions: { __typename: string } }>(
    RECORD,
    { input: { decisions } },
    { 'x-fleet-id': fleet },
  );
  if (answer.data?.recordDecisions?.__typename !== 'RecordDecisionsSuccess') throw new Error(JSON.stringify(answer));
}

let made = 0;

/** A decision of a moment ago. */
export function decisionOf(agent: string, more: object = {}): { id: string } & Record<string, unknown> {
  made += 1;
  const endMs = Date.now() - 200;
  return {
    id: `watched-${made}-${endMs}`,
    agent,
    agentVersion: '2.1.0',
    requestType: 'refund',
    riskClass: 'HIGH_RISK',
    region: 'eu-west-1',
    environment: 'production',
    customerSegment: 'retail',
    provider: 'openai',
    model: 'gpt-4o',
    startedAt: new Date(endMs - 1_200).toISOString(),
    endedAt: new Date(endMs).toISOString(),
    tokens: { input: 900, output: 120 },
    input: 'Refund order A-4711, please.',
    output: 'The refund is on its way.',
    ...more,
  };
}

/** One that asks the same tool the same thing over and over, which is found at once. */
export function loopingDecision(agent: string): { id: string } & Record<string, unknown> {
  const startMs = Date.now() - 3_000;
  const steps = Array.from({ length: 12 }, (_, at) => ({
    kind: 'TOOL_CALL',
    name: 'get_order',
    toolName: 'get_order',
    arguments: '{"order":"A-4711"}',
    result: '{"status":"unknown"}',
    startedAt: new Date(startMs + at * 150).toISOString(),
    durationMs: 120,
  }));
  return decisionOf(agent, { steps, startedAt: new Date(startMs).toISOString() });
}

/** A router whose callee’s callee fails on a tool: three decisions of one trace. */
export function failingTrace(traceId: string): ({ id: string } & Record<string, unknown>)[] {
  const startMs = Date.now() - 4_000;
  const at = (ms: number) => new Date(startMs + ms).toISOString();
  const failed = { traceId, outcome: 'ERROR', errorType: 'timeout', errorMessage: 'score_transaction did not answer' };
  const of = (agent: string, fromMs: number, toMs: number, more: object) =>
    decisionOf(agent, { ...failed, id: `${traceId}-${agent}`, startedAt: at(fromMs), endedAt: at(toMs), ...more });
  const call = (agent: string, fromMs: number, durationMs: number) => ({
    kind: 'HANDOFF',
    name: agent,
    startedAt: at(fromMs),
    durationMs,
    outcome: 'ERROR',
  });
  const tool = {
    kind: 'TOOL_CALL',
    name: 'score_transaction',
    toolName: 'score_transaction',
    arguments: '{"payment":"TX-9496052","amount":"687.16"}',
    startedAt: at(700),
    durationMs: 1_800,
    outcome: 'ERROR',
    errorMessage: 'score_transaction did not answer in time',
  };
  return [
    of('routing-eu', 0, 2_900, { steps: [call('refunds-eu', 200, 2_600)] }),
    of('refunds-eu', 250, 2_800, { parentId: `${traceId}-routing-eu`, steps: [call('fraud-eu', 500, 2_200)] }),
    of('fraud-eu', 550, 2_700, { parentId: `${traceId}-refunds-eu`, steps: [tool] }),
  ];
}
