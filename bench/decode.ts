import { isDeepStrictEqual } from 'node:util';
import { decodeTracesJson } from '../src/ingest/decode/json.js';
import { DEFAULT_DECODE_LIMITS } from '../src/ingest/decode/limits.js';
import { decodeTracesProtobuf } from '../src/ingest/decode/protobuf.js';
import { decodeTracesByProtobufjs } from '../test/support/otlp-oracle.js';
import { otlpJson, otlpRoot } from '../test/support/otlp-schema.js';

const SPAN_COUNT = 512;
const ROUND_COUNT = 21;
const DECODES_PER_ROUND = 8;
const RATIO_GOAL = 4;

interface Candidate {
  name: string;
  decode: () => unknown;
  cpuUsPerSpan: number[];
}

/** CPU time per span of the protobuf decoder against protobufjs doing the same work: the goal is a quarter of it. */
export async function run(): Promise<void> {
  const request = otlpRequest();
  const type = otlpRoot().lookupType('ExportTraceServiceRequest');
  const body = type.encode(type.fromObject(request)).finish();
  const jsonBody = otlpJson(type, body);
  const ours = candidate('ours, protobuf', () => decodeTracesProtobuf(body, DEFAULT_DECODE_LIMITS).spans);
  const theirs = candidate('protobufjs + mapping', () => decodeTracesByProtobufjs(body));
  const json = candidate('ours, JSON', () => decodeTracesJson(jsonBody, DEFAULT_DECODE_LIMITS).spans);
  if (!isDeepStrictEqual(ours.decode(), theirs.decode()) || !isDeepStrictEqual(json.decode(), theirs.decode())) {
    throw new Error('the decoders disagree: the comparison means nothing');
  }
  measureInTurns([ours, theirs, json]);
  console.log(`decode: ${SPAN_COUNT} spans, ${body.length} bytes protobuf, ${jsonBody.length} bytes JSON`);
  for (const { name, cpuUsPerSpan } of [ours, theirs, json]) {
    const sorted = [...cpuUsPerSpan].sort((a, b) => a - b);
    const range = `${sorted.at(0)?.toFixed(2)}-${sorted.at(-1)?.toFixed(2)}`;
    console.log(`  ${name.padEnd(22)} ${median(sorted).toFixed(2)} µs of CPU per span [${range}]`);
  }
  const ratios = ours.cpuUsPerSpan.map((own, round) => (theirs.cpuUsPerSpan[round] ?? Number.NaN) / own);
  console.log(`  ratio protobufjs / ours: ${median(ratios).toFixed(2)} (goal: at least ${RATIO_GOAL})`);
}

function candidate(name: string, decode: () => unknown): Candidate {
  return { name, decode, cpuUsPerSpan: [] };
}

function measureInTurns(candidates: Candidate[]): void {
  for (const { decode } of candidates) for (let count = 0; count < 40; count++) decode();
  for (let round = 0; round < ROUND_COUNT; round++) {
    for (const { decode, cpuUsPerSpan } of candidates) {
      const before = process.cpuUsage();
      for (let count = 0; count < DECODES_PER_ROUND; count++) decode();
      const { user, system } = process.cpuUsage(before);
      cpuUsPerSpan.push((user + system) / DECODES_PER_ROUND / SPAN_COUNT);
    }
  }
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function otlpRequest(): Record<string, unknown> {
  const spans = Array.from({ length: SPAN_COUNT }, (_, index) => otlpSpan(index));
  const resource = { attributes: [text('service.name', 'support-orchestrator'), text('cloud.region', 'eu-west-1')] };
  return { resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'gen-ai-app', version: '1.4.2' }, spans }] }] };
}

function otlpSpan(index: number): Record<string, unknown> {
  const id = Buffer.alloc(8);
  id.writeUInt32BE(index + 1, 4);
  const startNs = 1_795_373_147_612_000_000n + BigInt(index) * 1_250_000n;
  return {
    traceId: Buffer.concat([Buffer.alloc(12, 7), id.subarray(4, 8).map((byte) => byte >> 3)]),
    spanId: id,
    parentSpanId: index % 8 === 0 ? Buffer.alloc(0) : Buffer.alloc(8, 1),
    name: `chat model-${index % 4}`,
    kind: 3,
    startTimeUnixNano: String(startNs),
    endTimeUnixNano: String(startNs + 850_123_456n),
    flags: 257,
    status: { code: index % 16 === 0 ? 2 : 0, message: index % 16 === 0 ? 'rate limited' : '' },
    attributes: llmAttributes(index),
  };
}

/** Thirty attributes such as an instrumented model call has: about half of them repeat from span to span. */
function llmAttributes(index: number): unknown[] {
  const prompt = `Customer ${index} asks why invoice ${index * 7} was charged twice; answer with the ledger entries of March. `;
  return [
    text('gen_ai.operation.name', 'chat'),
    text('gen_ai.provider.name', index % 2 === 0 ? 'openai' : 'anthropic'),
    text('gen_ai.request.model', `model-${index % 4}`),
    text('gen_ai.response.model', `model-${index % 4}-2026-08-01`),
    text('gen_ai.response.id', `chatcmpl-${(index * 2_654_435_761).toString(36)}`),
    text('gen_ai.agent.id', `agent-${index % 30}`),
    text('gen_ai.agent.name', `Billing agent ${index % 30}`),
    text('gen_ai.agent.version', '2026.11.3'),
    text('gen_ai.conversation.id', `conversation-${index >> 3}`),
    text('gen_ai.system_instructions', '[{"type":"text","content":"You are a careful billing agent. Grüße höflich."}]'),
    text('gen_ai.input.messages', `[{"role":"user","parts":[{"type":"text","content":"${prompt.repeat(2)}"}]}]`),
    text('gen_ai.output.messages', `[{"role":"assistant","parts":[{"type":"text","content":"${prompt}"}]}]`),
    int('gen_ai.usage.input_tokens', 1_200 + index),
    int('gen_ai.usage.output_tokens', 150 + (index % 90)),
    int('gen_ai.usage.cache_read.input_tokens', index % 3 === 0 ? 1_024 : 0),
    int('gen_ai.usage.cache_creation.input_tokens', 0),
    int('gen_ai.usage.reasoning.output_tokens', index % 64),
    int('gen_ai.request.max_tokens', 4_096),
    double('gen_ai.request.temperature', 0.2),
    double('gen_ai.request.top_p', 0.95),
    double('gen_ai.response.time_to_first_chunk', 0.2 + index / 1_000),
    { key: 'gen_ai.request.stream', value: { boolValue: true } },
    { key: 'gen_ai.response.finish_reasons', value: { arrayValue: { values: [{ stringValue: 'stop' }] } } },
    text('gen_ai.output.type', 'text'),
    text('server.address', 'api.example.com'),
    int('server.port', 443),
    text('user.id', `user-${index % 200}`),
    text('deployment.environment.name', 'production'),
    text('app.customer.segment', index % 5 === 0 ? 'enterprise' : 'self-serve'),
    int('app.request.attempt', 1),
  ];
}

function text(key: string, stringValue: string): unknown {
  return { key, value: { stringValue } };
}

function int(key: string, intValue: number): unknown {
  return { key, value: { intValue } };
}

function double(key: string, doubleValue: number): unknown {
  return { key, value: { doubleValue } };
}
