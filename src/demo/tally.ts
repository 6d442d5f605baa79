import { listPriceUsd } from './list-price.js';
import type { ModelProfile } from './model.js';
import { decisionsIn, type SpanPlan } from './scenario/span-plan.js';
import { type CallUsage, readUsage } from './scenario/usage.js';

/** What was sent, counted from the demo's own figures and list prices, without the server. */
export interface Summary {
  decisions: number;
  decisionsByAgent: Record<string, number>;
  decisionsByRiskClass: Record<string, number>;
  /** In order of day, segment and model. */
  costs: SegmentCost[];
}

/** Decisions that called no model with success are in none of these. */
export interface SegmentCost {
  /** In UTC, `2026-11-24`: when the decision started. */
  day: string;
  segment: string;
  /** As it names itself in its answers. */
  model: string;
  /** Null when the model has no list price. */
  costUsd: number | null;
}

/** What the agents of one role got from one model on one day in UTC: calls by when they started. */
export interface ModelUse extends CallUsage {
  day: string;
  role: string;
  model: ModelProfile;
  /** Calls that were answered. */
  requests: number;
  /** Null when the model has no list price. */
  costUsd: number | null;
}

/** Counts every request that is sent. */
export class Tally {
  #decisions = 0;
  readonly #byAgent = new Map<string, number>();
  readonly #byRiskClass = new Map<string, number>();
  readonly #costs = new Map<string, SegmentCost>();
  readonly #uses = new Map<string, ModelUse>();

  get decisions(): number {
    return this.#decisions;
  }

  /** `endMs`: when the request ended, milliseconds since the epoch. */
  add(plan: SpanPlan, endMs: number): void {
    const startMs = endMs - plan.durationMs;
    for (const decision of decisionsIn(plan)) {
      this.#decisions += 1;
      increment(this.#byAgent, decision.agent.name);
      increment(this.#byRiskClass, String(decision.attributes['midwatch.risk_class']));
      for (const call of decision.children.filter(isAnsweredCall)) this.#addCall(decision, call, startMs);
    }
  }

  summary(): Summary {
    return {
      decisions: this.#decisions,
      decisionsByAgent: Object.fromEntries([...this.#byAgent].sort()),
      decisionsByRiskClass: Object.fromEntries([...this.#byRiskClass].sort()),
      costs: sortedValues(this.#costs),
    };
  }

  /** In order of day, role and model. */
  modelUses(): ModelUse[] {
    return sortedValues(this.#uses);
  }

  #addCall(decision: SpanPlan, call: SpanPlan, startMs: number): void {
    const { role, model } = decision.agent;
    const usage = readUsage(call.attributes);
    const callMs = startMs + call.startMs;
    const costUsd = listPriceUsd(model, usage, callMs);

    const segment = String(decision.attributes['midwatch.customer_segment']);
    const cost = { day: dayOf(startMs + decision.startMs), segment, model: model.responseModel, costUsd };
    addTo(this.#costs, [cost.day, segment, cost.model], cost, (sum) => {
      sum.costUsd = add(sum.costUsd, costUsd);
    });

    const use = { day: dayOf(callMs), role, model, requests: 1, ...usage, costUsd };
    addTo(this.#uses, [use.day, role, model.responseModel], use, (sum) => {
      sum.requests += 1;
      sum.inputTokens += usage.inputTokens;
      sum.outputTokens += usage.outputTokens;
      sum.cacheReadTokens += usage.cacheReadTokens;
      sum.cacheWriteTokens += usage.cacheWriteTokens;
      sum.costUsd = add(sum.costUsd, costUsd);
    });
  }
}

function isAnsweredCall({ attributes }: SpanPlan): boolean {
  return attributes['gen_ai.operation.name'] === 'chat' && attributes['gen_ai.response.model'] !== undefined;
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function add(sum: number | null, part: number | null): number | null {
  return sum === null || part === null ? null : sum + part;
}

function increment(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function addTo<Sum>(sums: Map<string, Sum>, labels: readonly string[], first: Sum, grow: (sum: Sum) => void): void {
  const key = labels.join('\n');
  const sum = sums.get(key);
  if (sum === undefined) sums.set(key, first);
  else grow(sum);
}

function sortedValues<Value>(sums: ReadonlyMap<string, Value>): Value[] {
  return [...sums].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, value]) => value);
}
