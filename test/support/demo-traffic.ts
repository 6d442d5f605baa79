/** The demo's requests as the server reads them, without a network between. */
import { createPriceBook } from '../../src/cost/prices.js';
import { type AssembledDecision, assembleTrace } from '../../src/decision/assembly/assemble.js';
import { priceDecision } from '../../src/decision/assembly/price.js';
import type { Decision } from '../../src/decision/decision.js';
import { createRandom, type Random } from '../../src/demo/random.js';
import type { SpanPlan } from '../../src/demo/scenario/span-plan.js';
import type { Fault } from '../../src/demo/traffic/fault.js';
import { generateTraffic, type TrafficOptions } from '../../src/demo/traffic/traffic.js';
import { boundSpan } from '../../src/ingest/bounds.js';
import { readSpan } from '../../src/ingest/convention/read.js';
import type { AttributeValue, OtlpSpan } from '../../src/ingest/telemetry.js';

/** What came of one request, and what was wrong with it. */
export interface SeenRequest {
  traceId: string;
  decisions: { assembled: AssembledDecision; decision: Decision }[];
  faults: readonly Fault[];
  elapsedS: number;
}

const KINDS = { internal: 1, client: 3, server: 2 } as const;

export function* seenTraffic(options: TrafficOptions & { startMs: number }): Generator<SeenRequest, never> {
  const ids = createRandom(options.seed).fork('ids');
  const priceOf = createPriceBook([]);
  const requests = generateTraffic(options);
  for (;;) {
    const { plan, faults, elapsedS } = requests.next().value;
    const traceId = ids.hex(32);
    const startMs = options.startMs + elapsedS * 1_000 - plan.durationMs;
    const spans = wireSpans(plan, { traceId, parentSpanId: null, startMs, ids }).map((wire) =>
      boundSpan(readSpan(wire)),
    );
    const decisions = assembleTrace(spans).map((assembled) => ({
      assembled,
      decision: priceDecision(assembled, priceOf),
    }));
    yield { traceId, decisions, faults, elapsedS };
  }
}

interface Place {
  traceId: string;
  parentSpanId: string | null;
  startMs: number;
  ids: Random;
}

function wireSpans(plan: SpanPlan, place: Place): OtlpSpan[] {
  const { traceId, parentSpanId, startMs, ids } = place;
  const { agent, failure } = plan;
  const spanId = ids.hex(16);
  const attributes = new Map(Object.entries(plan.attributes) as [string, AttributeValue][]);
  if (failure !== null) attributes.set('error.type', failure.type);
  const span: OtlpSpan = {
    traceId,
    spanId,
    parentSpanId,
    parentIsRemote: null,
    name: plan.name,
    kind: KINDS[plan.kind],
    startMs: startMs + plan.startMs,
    endMs: startMs + plan.startMs + plan.durationMs,
    attributes,
    events: [],
    links: [],
    statusCode: failure === null ? 0 : 2,
    statusMessage: failure?.message ?? '',
    resource: new Map([
      ['service.name', agent.service],
      ['service.version', agent.version],
      ['cloud.region', agent.region],
      ['deployment.environment.name', agent.environment],
    ]),
    scope: { name: 'acme-agent-runtime', version: agent.version, attributes: new Map() },
  };
  return [span, ...plan.children.flatMap((child) => wireSpans(child, { ...place, parentSpanId: spanId }))];
}
