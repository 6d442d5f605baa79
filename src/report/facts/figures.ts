import { formatDollars, parseDollars } from '../../cost/dollars.js';
import { Summary } from '../../metric/summary.js';
import { compareText } from '../../order.js';
import { decimalOf, exactDecimalOf, flagOf, integerOf, objectOf, type Payload, textOf } from './payload.js';
import { latencyOf } from './scope.js';

/** What decisions add up to. Money and milliseconds are decimal text, exact and within 1 % respectively. */
export interface DecisionFigures {
  decisions: number;
  failed: number;
  /** Settled by time: a span that should have come did not. */
  incomplete: number;
  /** Of which content was kept. */
  kept: number;
  toolCalls: number;
  failedToolCalls: number;
  inputTokens: number;
  outputTokens: number;
  costUsd: string;
  /** Decisions whose cost is not known. */
  unpriced: number;
  latencyP50Ms: string | null;
  latencyP95Ms: string | null;
  latencyMaxMs: string | null;
  /** Decisions whose answer was judged for whether it is grounded, and those found made up (0.5 or more). */
  judged: number;
  ungrounded: number;
}

const UNGROUNDED_FROM = 0.5;

/** Adds up decisions by what was last sealed of each. */
export class DecisionCounter {
  #decisions = 0;
  #failed = 0;
  #incomplete = 0;
  #kept = 0;
  #toolCalls = 0;
  #failedToolCalls = 0;
  #inputTokens = 0;
  #outputTokens = 0;
  #cost = 0n;
  #unpriced = 0;
  #judged = 0;
  #ungrounded = 0;
  readonly #latency = new Summary();

  add(payload: Payload): void {
    this.#decisions += 1;
    if (isFailed(payload)) this.#failed += 1;
    if (flagOf(payload, 'complete') === false) this.#incomplete += 1;
    if (flagOf(payload, 'sampled') === true) this.#kept += 1;
    this.#toolCalls += countOf(payload, 'toolCalls');
    this.#failedToolCalls += countOf(payload, 'failedToolCalls');
    const tokens = objectOf(payload, 'tokens');
    this.#inputTokens += countOf(tokens, 'input');
    this.#outputTokens += countOf(tokens, 'output');
    const cost = exactDecimalOf(payload, 'costUsd');
    if (cost === null) this.#unpriced += 1;
    else this.#cost += parseDollars(cost);
    const score = decimalOf(payload, 'hallucinationScore');
    if (score !== null) this.#judged += 1;
    if (score !== null && score >= UNGROUNDED_FROM) this.#ungrounded += 1;
    const latency = latencyOf(payload);
    if (latency !== null) this.#latency.add(latency);
  }

  figures(): DecisionFigures {
    const latency = this.#latency;
    return {
      decisions: this.#decisions,
      failed: this.#failed,
      incomplete: this.#incomplete,
      kept: this.#kept,
      toolCalls: this.#toolCalls,
      failedToolCalls: this.#failedToolCalls,
      inputTokens: this.#inputTokens,
      outputTokens: this.#outputTokens,
      costUsd: formatDollars(this.#cost),
      unpriced: this.#unpriced,
      latencyP50Ms: milliseconds(latency.quantile(0.5)),
      latencyP95Ms: milliseconds(latency.quantile(0.95)),
      latencyMaxMs: milliseconds(latency.max),
      judged: this.#judged,
      ungrounded: this.#ungrounded,
    };
  }
}

export function isFailed(payload: Payload): boolean {
  return textOf(payload, 'outcome') === 'ERROR';
}

function countOf(payload: Payload, key: string): number {
  return Math.max(0, integerOf(payload, key) ?? 0);
}

function milliseconds(value: number | null): string | null {
  return value === null ? null : value.toFixed(3);
}

/** Names beyond are counted together: a name in every decision would be as many as there are decisions. */
const NAMES_MAX = 1_000;
const OTHERS = '(others)';

/** Counters by name. */
export class Counters {
  readonly #counters = new Map<string, DecisionCounter>();

  add(name: string, payload: Payload): void {
    const key = this.#counters.has(name) || this.#counters.size < NAMES_MAX ? name : OTHERS;
    let counter = this.#counters.get(key);
    if (counter === undefined) {
      counter = new DecisionCounter();
      this.#counters.set(key, counter);
    }
    counter.add(payload);
  }

  /** The largest first. */
  figures(): readonly (DecisionFigures & { name: string })[] {
    return [...this.#counters]
      .map(([name, counter]) => ({ name, ...counter.figures() }))
      .sort((left, right) => right.decisions - left.decisions || compareText(left.name, right.name));
  }
}

/** How often each name came. */
export class Tally {
  readonly #counts = new Map<string, number>();

  add(name: string): void {
    const key = this.#counts.has(name) || this.#counts.size < NAMES_MAX ? name : OTHERS;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  /** In the order of the names. */
  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#counts].sort(([left], [right]) => compareText(left, right)));
  }
}
