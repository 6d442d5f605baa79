import { randomBytes } from 'node:crypto';

/** A span as a test writes it; times are milliseconds after the start of its trace. */
export interface TestSpan {
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  kind?: number;
  startMs?: number;
  endMs?: number;
  attributes?: Record<string, string | number | boolean>;
  error?: string;
  service?: string;
  resource?: Record<string, string>;
}

export const newTraceId = () => randomBytes(16).toString('hex');
export const newSpanId = () => randomBytes(8).toString('hex');

const keyValues = (attributes: Record<string, string | number | boolean>) =>
  Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) }));

function anyValue(value: string | number | boolean): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

/** An OTLP/JSON ExportTraceServiceRequest, one ResourceSpans for each span. */
export function traceRequest(spans: readonly TestSpan[], baseMs = Date.now()): string {
  return JSON.stringify({
    resourceSpans: spans.map((span) => ({
      resource: { attributes: keyValues({ 'service.name': span.service ?? 'test-service', ...span.resource }) },
      scopeSpans: [
        {
          scope: { name: 'test' },
          spans: [
            {
              traceId: span.traceId,
              spanId: span.spanId,
              parentSpanId: span.parentSpanId,
              name: span.name,
              kind: span.kind ?? 1,
              startTimeUnixNano: String(BigInt(Math.round((baseMs + (span.startMs ?? 0)) * 1000)) * 1000n),
              endTimeUnixNano: String(BigInt(Math.round((baseMs + (span.endMs ?? 100)) * 1000)) * 1000n),
              attributes: keyValues(span.attributes ?? {}),
              status: span.error === undefined ? {} : { code: 2, message: span.error },
            },
          ],
        },
      ],
    })),
  });
}

/** An agent's invocation with one model call and one tool call: three spans of one trace. */
export function agentTrace(
  options: { agent?: string; traceId?: string; answer?: string; model?: string } = {},
): TestSpan[] {
  const { agent = 'test-agent', traceId = newTraceId(), answer = 'It is sunny.', model = 'gpt-4o' } = options;
  const root = newSpanId();
  return [
    {
      name: `chat ${model}`,
      traceId,
      spanId: newSpanId(),
      parentSpanId: root,
      startMs: 5,
      endMs: 40,
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': model,
        'gen_ai.response.model': model,
        'gen_ai.usage.input_tokens': 100,
        'gen_ai.usage.output_tokens': 20,
        'gen_ai.output.messages': JSON.stringify([{ role: 'assistant', parts: [{ type: 'text', content: answer }] }]),
      },
    },
    {
      name: 'execute_tool get_weather',
      traceId,
      spanId: newSpanId(),
      parentSpanId: root,
      startMs: 45,
      endMs: 80,
      attributes: {
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.name': 'get_weather',
        'gen_ai.tool.call.arguments': '{"city":"Paris"}',
        'gen_ai.tool.call.result': '{"condition":"sunny"}',
      },
    },
    {
      name: `invoke_agent ${agent}`,
      traceId,
      spanId: root,
      startMs: 0,
      endMs: 100,
      attributes: { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': agent },
    },
  ];
}
