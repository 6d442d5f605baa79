import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { otlpRoot } from '../test/support/otlp-schema.js';

/** Real-looking decisions: an agent span, three model calls, three tool calls and a retrieval, about thirty attributes each. */
export const SPANS_PER_DECISION = 8;

type Attribute = { key: string; value: Record<string, unknown> };

const text = (key: string, value: string): Attribute => ({ key, value: { stringValue: value } });
const int = (key: string, value: number): Attribute => ({ key, value: { intValue: value } });
const double = (key: string, value: number): Attribute => ({ key, value: { doubleValue: value } });

/** One gzipped OTLP/protobuf request of `decisions` decisions that ended now, with ids of its own. */
export function encodeRequest(decisions: number, nowMs = Date.now()): Buffer {
  const spans = Array.from({ length: decisions }, (_, index) => decisionSpans(index, nowMs)).flat();
  const resource = {
    attributes: [
      text('service.name', 'support'),
      text('service.version', '3.2.1'),
      text('cloud.region', 'eu-west-1'),
      text('deployment.environment.name', 'production'),
    ],
  };
  const type = otlpRoot().lookupType('ExportTraceServiceRequest');
  const request = {
    resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'support-app', version: '1.0.0' }, spans }] }],
  };
  return gzipSync(type.encode(type.fromObject(request)).finish());
}

function decisionSpans(index: number, nowMs: number): object[] {
  const traceId = randomBytes(16);
  const root = randomBytes(8);
  const child = (name: string, order: number, attributes: Attribute[]) => ({
    ...timed(nowMs - 900 + order * 100, 80),
    traceId,
    spanId: randomBytes(8),
    parentSpanId: root,
    name,
    kind: 3,
    attributes: [...common(index), ...attributes],
  });
  return [
    child('retrieval policies', 0, retrievalAttributes(index)),
    ...[1, 3, 5].map((order) => child('chat gpt-4o', order, modelAttributes(index * 8 + order))),
    ...[2, 4, 6].map((order) => child('execute_tool lookup_order', order, toolAttributes(index * 8 + order))),
    {
      ...timed(nowMs - 950, 900),
      traceId,
      spanId: root,
      parentSpanId: Buffer.alloc(0),
      name: `invoke_agent agent-${index % 30}`,
      kind: 1,
      attributes: [...common(index), ...agentAttributes(index)],
    },
  ];
}

function timed(startMs: number, durationMs: number): object {
  const startNs = BigInt(Math.round(startMs)) * 1_000_000n;
  return { startTimeUnixNano: String(startNs), endTimeUnixNano: String(startNs + BigInt(durationMs) * 1_000_000n) };
}

function common(index: number): Attribute[] {
  return [
    text('gen_ai.agent.id', `agent-${index % 30}`),
    text('gen_ai.agent.name', `agent-${index % 30}`),
    text('gen_ai.agent.version', '2026.11.3'),
    text('gen_ai.conversation.id', `conversation-${index}`),
    text('user.id', `user-${index % 200}`),
    text('midwatch.customer_segment', index % 5 === 0 ? 'enterprise' : 'self-serve'),
    text('midwatch.request_type', 'order_status'),
    text('server.address', 'api.example.com'),
    int('server.port', 443),
  ];
}

function modelAttributes(seed: number): Attribute[] {
  const prompt = `Customer ${seed} asks why invoice ${seed * 7} was charged twice; answer with the ledger entries of March. `;
  return [
    text('gen_ai.operation.name', 'chat'),
    text('gen_ai.provider.name', 'openai'),
    text('gen_ai.request.model', 'gpt-4o'),
    text('gen_ai.response.model', 'gpt-4o-2024-11-20'),
    text('gen_ai.response.id', `chatcmpl-${seed}-${randomBytes(6).toString('hex')}`),
    text('gen_ai.system_instructions', '[{"type":"text","content":"You are a careful billing agent. Grüße höflich."}]'),
    text('gen_ai.input.messages', `[{"role":"user","parts":[{"type":"text","content":"${prompt.repeat(2)}"}]}]`),
    text('gen_ai.output.messages', `[{"role":"assistant","parts":[{"type":"text","content":"${prompt}"}]}]`),
    int('gen_ai.usage.input_tokens', 1_200 + seed),
    int('gen_ai.usage.output_tokens', 150 + (seed % 90)),
    int('gen_ai.usage.cache_read.input_tokens', seed % 3 === 0 ? 1_024 : 0),
    int('gen_ai.usage.reasoning.output_tokens', seed % 64),
    int('gen_ai.request.max_tokens', 4_096),
    double('gen_ai.request.temperature', 0.2),
    double('gen_ai.request.top_p', 0.95),
    double('gen_ai.response.time_to_first_chunk', 0.25),
    { key: 'gen_ai.request.stream', value: { boolValue: true } },
    { key: 'gen_ai.response.finish_reasons', value: { arrayValue: { values: [{ stringValue: 'stop' }] } } },
    text('gen_ai.output.type', 'text'),
  ];
}

function toolAttributes(seed: number): Attribute[] {
  return [
    text('gen_ai.operation.name', 'execute_tool'),
    text('gen_ai.tool.name', 'lookup_order'),
    text('gen_ai.tool.type', 'function'),
    text('gen_ai.tool.call.id', `call_${seed}`),
    text('gen_ai.tool.call.arguments', `{"order":${seed},"fields":["status","total","currency"]}`),
    text('gen_ai.tool.call.result', `{"order":${seed},"status":"shipped","total":"${seed}.99","currency":"EUR"}`),
  ];
}

function retrievalAttributes(seed: number): Attribute[] {
  return [
    text('gen_ai.operation.name', 'retrieval'),
    text('gen_ai.retrieval.query.text', `refund policy for order ${seed}`),
    text('gen_ai.retrieval.documents', '[{"id":"policy-7","score":0.91},{"id":"policy-12","score":0.83}]'),
  ];
}

function agentAttributes(seed: number): Attribute[] {
  return [
    text('gen_ai.operation.name', 'invoke_agent'),
    text('gen_ai.provider.name', 'openai'),
    text('gen_ai.input.messages', `[{"role":"user","parts":[{"type":"text","content":"Where is order ${seed}?"}]}]`),
    text(
      'gen_ai.output.messages',
      `[{"role":"assistant","parts":[{"type":"text","content":"Order ${seed} was shipped."}]}]`,
    ),
    text('midwatch.risk_class', 'ROUTINE'),
    int('midwatch.queue_ms', 12),
  ];
}
