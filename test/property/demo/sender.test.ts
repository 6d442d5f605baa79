import { once } from 'node:events';
import http from 'node:http';
import { gunzipSync } from 'node:zlib';
import { InMemorySpanExporter, type ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDelivery } from '../../../src/demo/delivery.js';
import { BUSIEST } from '../../../src/demo/fleet.js';
import { createRandom } from '../../../src/demo/random.js';
import { walkPlan } from '../../../src/demo/scenario/span-plan.js';
import { createSender } from '../../../src/demo/sender.js';
import { generateTraffic, type Request } from '../../../src/demo/traffic/traffic.js';
import { otlpRoot } from '../../support/otlp-schema.js';

const NOW_MS = 1_800_000_000_000;

const take = (count: number): Request[] => {
  const traffic = generateTraffic({ seed: 3, decisionsPerS: 5, mood: 'faulty' });
  return Array.from({ length: count }, () => traffic.next().value);
};

async function report(requests: readonly Request[]): Promise<{ spans: ReadableSpan[]; traceIds: string[] }> {
  const exporter = new InMemorySpanExporter();
  const sender = createSender(() => exporter, createRandom(3));
  const traceIds = requests.map(({ plan }) => sender.send(plan, NOW_MS));
  await sender.flush();
  const spans = exporter.getFinishedSpans();
  await sender.close();
  return { spans, traceIds };
}

const operationOf = ({ attributes }: ReadableSpan) => attributes['gen_ai.operation.name'];
const msOf = ([seconds, nanoseconds]: [number, number]) => seconds * 1_000 + nanoseconds / 1e6;

describe('reported spans', () => {
  const requests = take(1_500);
  let spans: ReadableSpan[] = [];
  let traceIds: string[] = [];
  beforeAll(async () => {
    ({ spans, traceIds } = await report(requests));
  });

  it('are as many as planned, a trace for each request', () => {
    expect(spans).toHaveLength(requests.reduce((sum, { plan }) => sum + [...walkPlan(plan)].length, 0));
    expect(new Set(traceIds).size).toBe(requests.length);
    expect(new Set(spans.map((span) => span.spanContext().traceId))).toEqual(new Set(traceIds));
  });

  it('have the same ids for the same seed', async () => {
    const again = await report(requests);
    expect(again.traceIds).toEqual(traceIds);
  });

  it.each([
    ['invoke_agent', ['gen_ai.agent.name', 'gen_ai.conversation.id', 'gen_ai.input.messages']],
    ['chat', ['gen_ai.provider.name', 'gen_ai.request.model', 'gen_ai.input.messages', 'server.address']],
    ['execute_tool', ['gen_ai.tool.name', 'gen_ai.tool.call.id', 'gen_ai.tool.call.arguments']],
    ['retrieval', ['gen_ai.data_source.id', 'gen_ai.retrieval.query.text', 'gen_ai.retrieval.documents']],
  ])('of %s carry what the conventions ask for', (operation, keys) => {
    const own = spans.filter((span) => operationOf(span) === operation);
    expect(own.length).toBeGreaterThan(0);
    for (const { attributes } of own) expect(Object.keys(attributes)).toEqual(expect.arrayContaining(keys));
  });

  it('of agents say what no convention has a name for', () => {
    const decisions = spans.filter(
      (span) => operationOf(span) === 'invoke_agent' && span.attributes['gen_ai.agent.id'],
    );
    const keys = ['risk_class', 'request_type', 'customer_segment', 'queue_ms'].map((key) => `midwatch.${key}`);
    for (const { attributes } of decisions) expect(Object.keys(attributes)).toEqual(expect.arrayContaining(keys));
    expect(new Set(decisions.map(({ attributes }) => attributes['midwatch.risk_class'])).size).toBe(3);
  });

  it('of answered model calls count tokens, name the reason to stop and the time to the first chunk', () => {
    for (const span of spans.filter(
      (each) => operationOf(each) === 'chat' && each.attributes['error.type'] === undefined,
    )) {
      const { attributes } = span;
      const input = Number(attributes['gen_ai.usage.input_tokens']);
      const cached = Number(attributes['gen_ai.usage.cache_read.input_tokens'] ?? 0);
      expect(input).toBeGreaterThan(cached);
      expect(Number(attributes['gen_ai.usage.output_tokens'])).toBeGreaterThan(0);
      expect([['stop'], ['tool_call']]).toContainEqual(attributes['gen_ai.response.finish_reasons']);
      const firstChunkMs = Number(attributes['gen_ai.response.time_to_first_chunk']) * 1_000;
      expect(firstChunkMs).toBeLessThan(msOf(span.duration));
    }
  });

  it('of model calls give the conversation so far as input, and the reason to stop with the output alone', () => {
    for (const { attributes } of spans.filter((span) => operationOf(span) === 'chat')) {
      expect(String(attributes['gen_ai.input.messages'])).not.toContain('finish_reason');
    }
    const answers = spans.filter(({ attributes }) => `${attributes['gen_ai.response.finish_reasons']}` === 'stop');
    expect(
      answers.some(({ attributes }) => `${attributes['gen_ai.input.messages']}`.includes('tool_call_response')),
    ).toBe(true);
    for (const { attributes } of answers)
      expect(attributes['gen_ai.output.messages']).toContain('"finish_reason":"stop"');
  });

  it('name service, version, region and environment in their resource', () => {
    const busiest = spans.find(({ resource }) => resource.attributes['service.name'] === `${BUSIEST.agent}-agent`);
    expect(busiest?.resource.attributes).toMatchObject({
      'service.version': '3.2.0',
      'cloud.region': 'us-east-1',
      'deployment.environment.name': 'production',
    });
  });

  it('end no later than the request, and failed ones say so', () => {
    for (const span of spans) {
      expect(msOf(span.endTime)).toBeLessThanOrEqual(NOW_MS + 0.001);
      expect(span.status.code === 2).toBe(span.attributes['error.type'] !== undefined);
    }
  });

  it('join services by a remote parent', () => {
    const byId = new Map(spans.map((span) => [span.spanContext().spanId, span]));
    const called = spans.filter(({ kind }) => kind === 1);
    expect(called.length).toBeGreaterThan(0);
    for (const span of called) {
      const caller = byId.get(span.parentSpanContext?.spanId ?? '');
      expect(span.parentSpanContext?.isRemote).toBe(true);
      expect(caller?.resource.attributes['service.name']).not.toBe(span.resource.attributes['service.name']);
      expect(caller?.attributes['gen_ai.agent.name']).toBe(span.attributes['gen_ai.agent.name']);
    }
  });
});

describe('delivery', () => {
  const received: { headers: http.IncomingHttpHeaders; body: Buffer }[] = [];
  let status = 200;
  const server = http.createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    received.push({ headers: request.headers, body: Buffer.concat(chunks) });
    response.writeHead(status, { 'content-type': 'application/x-protobuf' }).end();
  });
  let url = '';
  beforeAll(async () => {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const address = server.address();
    url = typeof address === 'object' ? `http://127.0.0.1:${address?.port}` : '';
  });
  afterAll(() => void server.close());

  const deliver = async (requests: readonly Request[]) => {
    const delivery = createDelivery({ url, headers: { authorization: 'Bearer key', 'x-fleet-id': 'north' } });
    const sender = createSender(delivery.createExporter, createRandom(5));
    for (const { plan } of requests) sender.send(plan, NOW_MS);
    await sender.close();
    return delivery;
  };

  it('sends gzipped protobuf with the credential and the fleet, and counts what was taken', async () => {
    const requests = take(200);
    const delivery = await deliver(requests);
    const requestType = otlpRoot().lookupType('ExportTraceServiceRequest');
    const spanCount = received
      .flatMap(({ body }) => requestType.toObject(requestType.decode(gunzipSync(body))).resourceSpans)
      .flatMap(({ scopeSpans }) => scopeSpans)
      .reduce((sum: number, { spans }) => sum + spans.length, 0);
    expect(spanCount).toBe(requests.reduce((sum, { plan }) => sum + [...walkPlan(plan)].length, 0));
    expect(delivery).toMatchObject({ acceptedSpans: spanCount, lostSpans: 0, lastError: null });
    for (const { headers } of received) {
      expect(headers).toMatchObject({
        authorization: 'Bearer key',
        'x-fleet-id': 'north',
        'content-type': 'application/x-protobuf',
        'content-encoding': 'gzip',
      });
    }
  });

  it('counts what the server refused, and why', async () => {
    status = 403;
    const delivery = await deliver(take(20));
    expect(delivery.acceptedSpans).toBe(0);
    expect(delivery.lostSpans).toBeGreaterThan(0);
    expect(delivery.lastError).toContain('Forbidden');
  });
});
