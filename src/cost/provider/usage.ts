/** What a provider itself says was used and billed. */

/** In place of a model or a key: the figure is of all of them together, the provider does not tell them apart. */
export const UNDIVIDED = '*';

/** Figures of one day, model and key; null where the provider does not say. */
export interface UsageFigures {
  requests: number | null;
  /** Includes what was read from and written to a cache, as everywhere here. */
  inputTokens: number | null;
  outputTokens: number | null;
  cacheReadTokens: number | null;
  cacheWriteTokens: number | null;
  costPicodollars: bigint | null;
}

export interface ProviderUsage extends UsageFigures {
  /** A day in UTC, `2026-11-24`. */
  day: string;
  /** As the provider spells it; '' where it names none. */
  model: string;
  /** The key's id or name, never the key; '' where the provider names none. */
  apiKey: string;
}

/** What our decisions came to: one day in UTC, provider, model and agent. */
export interface SeenUsage {
  day: string;
  /** '' where a decision does not say. */
  provider: string;
  model: string;
  agent: string;
  figures: UsageFigures;
  /** Decisions that used tokens and whose cost is not known. */
  unpricedDecisions: number;
}

/** Days in UTC, `until` excluded. */
export interface DayRange {
  from: string;
  until: string;
}

export const NO_FIGURES: UsageFigures = {
  requests: null,
  inputTokens: null,
  outputTokens: null,
  cacheReadTokens: null,
  cacheWriteTokens: null,
  costPicodollars: null,
};

/** The sum of both; null stays null only where neither says anything. */
export function addFigures(left: UsageFigures, right: UsageFigures): UsageFigures {
  return {
    requests: addKnown(left.requests, right.requests),
    inputTokens: addKnown(left.inputTokens, right.inputTokens),
    outputTokens: addKnown(left.outputTokens, right.outputTokens),
    cacheReadTokens: addKnown(left.cacheReadTokens, right.cacheReadTokens),
    cacheWriteTokens: addKnown(left.cacheWriteTokens, right.cacheWriteTokens),
    costPicodollars: addKnownCost(left.costPicodollars, right.costPicodollars),
  };
}

function addKnown(left: number | null, right: number | null): number | null {
  return left === null || right === null ? (left ?? right) : left + right;
}

function addKnownCost(left: bigint | null, right: bigint | null): bigint | null {
  return left === null || right === null ? (left ?? right) : left + right;
}

/** What is left of `left`; null where it says nothing, and what `right` does not say counts as nothing. */
export function subtractFigures(left: UsageFigures, right: UsageFigures): UsageFigures {
  const less = (from: number | null, taken: number | null) => (from === null ? null : from - (taken ?? 0));
  return {
    requests: less(left.requests, right.requests),
    inputTokens: less(left.inputTokens, right.inputTokens),
    outputTokens: less(left.outputTokens, right.outputTokens),
    cacheReadTokens: less(left.cacheReadTokens, right.cacheReadTokens),
    cacheWriteTokens: less(left.cacheWriteTokens, right.cacheWriteTokens),
    costPicodollars: left.costPicodollars === null ? null : left.costPicodollars - (right.costPicodollars ?? 0n),
  };
}

/** Adds up what comes of the same day, model and key, from however many pages and reports. */
export class UsageBook {
  readonly #entries = new Map<string, ProviderUsage>();

  add({ day, model, apiKey }: Pick<ProviderUsage, 'day' | 'model' | 'apiKey'>, figures: Partial<UsageFigures>): void {
    const key = JSON.stringify([day, model, apiKey]);
    const known = this.#entries.get(key) ?? NO_FIGURES;
    this.#entries.set(key, { day, model, apiKey, ...addFigures(known, { ...NO_FIGURES, ...figures }) });
  }

  entries(): ProviderUsage[] {
    return [...this.#entries.values()];
  }
}
