import assert from 'node:assert';
import { type Context, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  type IdGenerator,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-base';
import { type AgentProfile, FLEET } from './fleet.js';
import type { Random } from './random.js';
import type { Failure, SpanPlan } from './scenario/span-plan.js';

const EXPORT_DELAY_MS = 1_000;
const EXPORT_TIMEOUT_MS = 10_000;
const QUEUE_SPANS_MAX = 16_384;

const KINDS = { internal: SpanKind.INTERNAL, client: SpanKind.CLIENT, server: SpanKind.SERVER };

export interface Sender {
  /** Reports a request that ended at `endMs` (milliseconds since the epoch). Returns its trace id. */
  send(plan: SpanPlan, endMs: number): string;
  /** Resolves when everything reported so far has left or was refused. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** One OpenTelemetry SDK for each agent's service, as if they were thirty processes; ids come from `random`. */
export function createSender(exporterFor: (agent: AgentProfile) => SpanExporter, random: Random): Sender {
  const idGenerator = seededIds(random);
  const providers = new Map(FLEET.map((agent) => [agent.name, createProvider(agent, exporterFor(agent), idGenerator)]));
  const all = () => [...providers.values()];

  function emit(plan: SpanPlan, parent: Context, startMs: number): Span {
    const provider = providers.get(plan.agent.name);
    assert(provider !== undefined, 'every agent of a plan is one of the fleet');
    const span = provider
      .getTracer('acme-agent-runtime', plan.agent.version)
      .startSpan(
        plan.name,
        { kind: KINDS[plan.kind], startTime: startMs + plan.startMs, attributes: plan.attributes },
        parent,
      );
    for (const child of plan.children) emit(child, contextFor(span, { of: plan, to: child }), startMs);
    if (plan.failure !== null) markFailed(span, plan.failure);
    span.end(startMs + plan.startMs + plan.durationMs);
    return span;
  }

  return {
    send: (plan, endMs) => emit(plan, ROOT_CONTEXT, endMs - plan.durationMs).spanContext().traceId,
    flush: async () => void (await Promise.allSettled(all().map((provider) => provider.forceFlush()))),
    close: async () => void (await Promise.allSettled(all().map((provider) => provider.shutdown()))),
  };
}

/** What W3C trace context carries to another service is a remote parent; within the service it is the span itself. */
function contextFor(span: Span, { of, to }: { of: SpanPlan; to: SpanPlan }): Context {
  if (of.agent === to.agent) return trace.setSpan(ROOT_CONTEXT, span);
  return trace.setSpanContext(ROOT_CONTEXT, { ...span.spanContext(), isRemote: true });
}

function markFailed(span: Span, { type, message }: Failure): void {
  span.setAttribute('error.type', type);
  span.setStatus({ code: SpanStatusCode.ERROR, message });
}

function createProvider(agent: AgentProfile, exporter: SpanExporter, idGenerator: IdGenerator): BasicTracerProvider {
  return new BasicTracerProvider({
    idGenerator,
    resource: defaultResource().merge(
      resourceFromAttributes({
        'service.name': agent.service,
        'service.version': agent.version,
        'service.namespace': 'acme-agents',
        'service.instance.id': `${agent.service}-0`,
        'cloud.provider': 'aws',
        'cloud.region': agent.region,
        'deployment.environment.name': agent.environment,
      }),
    ),
    spanProcessors: [
      new BatchSpanProcessor(exporter, {
        scheduledDelayMillis: EXPORT_DELAY_MS,
        exportTimeoutMillis: EXPORT_TIMEOUT_MS,
        maxQueueSize: QUEUE_SPANS_MAX,
      }),
    ],
  });
}

function seededIds(random: Random): IdGenerator {
  return { generateTraceId: () => random.hex(32), generateSpanId: () => random.hex(16) };
}
