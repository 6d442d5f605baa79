import { describe, expect, it } from 'vitest';
import { createPriceBook } from '../../../src/cost/prices.js';
import { BUSIEST, FLEET, OLD_VERSION } from '../../../src/demo/fleet.js';
import { MODELS } from '../../../src/demo/model.js';
import { type SpanPlan, walkPlan } from '../../../src/demo/scenario/span-plan.js';
import { FAULT_SHARES, type FaultKind } from '../../../src/demo/traffic/fault.js';
import { OUTAGE, SILENCED_AGENT, SLOWDOWN } from '../../../src/demo/traffic/incident.js';
import { generateTraffic, type Request, type TrafficOptions } from '../../../src/demo/traffic/traffic.js';

const take = (count: number, options: Partial<TrafficOptions> = {}): Request[] => {
  const traffic = generateTraffic({ seed: 7, decisionsPerS: 5, mood: 'faulty', ...options });
  return Array.from({ length: count }, () => traffic.next().value);
};
const spansOf = ({ plan }: Request): SpanPlan[] => [...walkPlan(plan)];
const operationOf = ({ attributes }: SpanPlan) => attributes['gen_ai.operation.name'];
const isDecision = (span: SpanPlan) => operationOf(span) === 'invoke_agent' && span.kind !== 'client';
const decisionsOf = (requests: Request[]) => requests.flatMap(spansOf).filter(isDecision);
const withFault = (requests: Request[], kind: FaultKind) =>
  requests.filter(({ faults }) => faults.some((fault) => fault.kind === kind));
const toolRunsOf = (request: Request) => spansOf(request).filter((span) => operationOf(span) === 'execute_tool');

const requests = take(20_000);

describe('the fleet', () => {
  it('has thirty agents in four regions, one of them on an old version', () => {
    expect(FLEET).toHaveLength(30);
    expect(new Set(FLEET.map(({ name }) => name)).size).toBe(30);
    expect(new Set(FLEET.map(({ region }) => region)).size).toBe(4);
    const old = FLEET.filter(({ version }) => version === OLD_VERSION.version);
    expect(old.map(({ name }) => name)).toEqual([OLD_VERSION.agent]);
  });

  it('runs on models with known prices, but for the one of its own', () => {
    const priceOf = createPriceBook([]);
    const unpriced = Object.values(MODELS).filter(
      ({ provider, responseModel }) => (priceOf(provider, responseModel, 0) ?? null) === null,
    );
    expect(unpriced).toEqual([MODELS.kycTune]);
  });
});

describe('traffic', () => {
  it('is the same for the same seed and another for another', () => {
    expect(take(300)).toEqual(take(300));
    expect(take(300)).not.toEqual(take(300, { seed: 8 }));
  });

  it('comes at the rate asked for', () => {
    const last = requests.at(-1)?.elapsedS ?? 0;
    expect(decisionsOf(requests).length / last).toBeCloseTo(5, 0);
  });

  it('gives one agent its share of all decisions and every other agent some', () => {
    const decisions = decisionsOf(requests);
    const share = decisions.filter(({ agent }) => agent.name === BUSIEST.agent).length / decisions.length;
    expect(Math.abs(share - BUSIEST.share)).toBeLessThan(0.015);
    expect(new Set(decisions.map(({ agent }) => agent.name)).size).toBe(30);
  });

  it.each(Object.entries(FAULT_SHARES))('injects %s at its rate', (kind, share) => {
    const expected = requests.length * share;
    const injected = withFault(requests, kind as FaultKind).length;
    expect(Math.abs(injected - expected)).toBeLessThan(4 * Math.sqrt(expected));
  });

  it('has no injected faults before the demo begins', () => {
    const before = take(3_000, { mood: 'ordinary' });
    expect(before.flatMap(({ faults, beginning }) => [...faults, ...beginning])).toEqual([]);
    const failed = before.filter(({ plan }) => plan.failure !== null);
    expect(failed.length / before.length).toBeLessThan(0.01);
  });

  it('keeps children within their parents and one after the other', () => {
    for (const parent of requests.slice(0, 2_000).flatMap(spansOf)) {
      let freeMs = parent.startMs;
      for (const child of parent.children) {
        expect(child.startMs).toBeGreaterThanOrEqual(freeMs);
        freeMs = child.startMs + child.durationMs;
      }
      expect(freeMs).toBeLessThanOrEqual(parent.startMs + parent.durationMs);
    }
  });
});

describe('faults', () => {
  it('loops call one tool 8 to 20 times with the same arguments', () => {
    for (const request of withFault(requests, 'LOOP')) {
      const runs = toolRunsOf(request);
      expect(runs.length).toBeGreaterThanOrEqual(8);
      expect(runs.length).toBeLessThanOrEqual(20);
      expect(new Set(runs.map(({ attributes }) => attributes['gen_ai.tool.call.arguments'])).size).toBe(1);
    }
  });

  it('cascades fail in three services, from the tool upwards', () => {
    const cascades = withFault(requests, 'CASCADE_FAILURE');
    expect(cascades.length).toBeGreaterThan(100);
    for (const request of cascades) {
      const decisions = decisionsOf([request]);
      expect(new Set(decisions.map(({ agent }) => agent.service)).size).toBe(3);
      expect(decisions.every(({ failure }) => failure !== null)).toBe(true);
      const broken = toolRunsOf(request).find(({ failure }) => failure !== null);
      expect(request.plan.failure?.message).toContain(broken?.failure?.message ?? 'none');
      expect(request.faults).toContainEqual(
        expect.objectContaining({
          kind: 'CASCADE_FAILURE',
          path: decisions.map(({ agent }) => agent.name),
          agent: broken?.agent.name,
          tool: broken?.attributes['gen_ai.tool.name'],
        }),
      );
    }
  });

  it('a token burn costs at least ten times what a decision usually does', () => {
    const tokensOf = (request: Request) =>
      spansOf(request).reduce((sum, { attributes }) => sum + Number(attributes['gen_ai.usage.input_tokens'] ?? 0), 0);
    const ordinary = requests.filter(({ faults }) => faults.length === 0).map(tokensOf);
    const usual = ordinary.reduce((sum, tokens) => sum + tokens, 0) / ordinary.length;
    for (const request of withFault(requests, 'TOKEN_BURN')) expect(tokensOf(request)).toBeGreaterThan(usual * 10);
  });

  it('the silenced agent is heard before and after, but not during its silence', () => {
    const heardAt = requests.filter(({ plan }) => plan.agent.name === SILENCED_AGENT).map(({ elapsedS }) => elapsedS);
    expect(heardAt.some((atS) => atS < 90)).toBe(true);
    expect(heardAt.filter((atS) => atS > 90 && atS < 330)).toEqual([]);
    expect(heardAt.some((atS) => atS > 330)).toBe(true);
  });

  it('the outage fails most calls of its tool while it lasts, and hardly any later', () => {
    const failureShare = (fromS: number, toS: number) => {
      const runs = requests
        .filter(({ elapsedS }) => elapsedS > fromS && elapsedS < toS)
        .flatMap(toolRunsOf)
        .filter(({ attributes }) => attributes['gen_ai.tool.name'] === OUTAGE.tool);
      return runs.filter(({ failure }) => failure !== null).length / runs.length;
    };
    expect(failureShare(30, 75)).toBeGreaterThan(0.6);
    expect(failureShare(80, 320)).toBeLessThan(0.1);
  });

  it('the slowdown slows one model while it lasts', () => {
    const average = (fromS: number, toS: number) => {
      const calls = requests
        .filter(({ elapsedS }) => elapsedS > fromS && elapsedS < toS)
        .flatMap(spansOf)
        .filter((span) => operationOf(span) === 'chat' && span.agent.model === SLOWDOWN.model && span.failure === null);
      return calls.reduce((sum, { durationMs }) => sum + durationMs, 0) / calls.length;
    };
    expect(average(120, 270) / average(280, 700)).toBeGreaterThan(2.5);
  });

  it('lasting faults are announced when they begin', () => {
    const announced = requests.flatMap(({ beginning, elapsedS }) => beginning.map(({ kind }) => ({ kind, elapsedS })));
    const firstOf = (kind: FaultKind) => announced.find((fault) => fault.kind === kind)?.elapsedS ?? 0;
    expect(firstOf('TOOL_FAILURE')).toBeGreaterThanOrEqual(30);
    expect(firstOf('TOOL_FAILURE')).toBeLessThan(35);
    expect(firstOf('SILENT_AGENT')).toBeGreaterThanOrEqual(90);
    const outages = announced
      .filter(({ kind }) => kind === 'TOOL_FAILURE')
      .map(({ elapsedS }) => Math.round(elapsedS / 30));
    expect(outages.slice(0, 3)).toEqual([1, 11, 21]);
  });
});
