import { factsOf, type Work } from './work.js';

/** Own time of an operation (`callee` null), or what lies between a call and its callee's work. */
export interface Timing {
  doer: string;
  callee: string | null;
  operation: string;
  /** Milliseconds, in no order. */
  values: number[];
}

export interface FailureCount {
  doer: string;
  operation: string;
  /** Where nothing below had failed. */
  failed: number;
  total: number;
  /** How often it was where one hands work to another. */
  atBoundary: number;
}

export interface SavedWorkFigures {
  works: number;
  timings: readonly Timing[];
  failures: readonly FailureCount[];
}

/** Values remembered of one timing: quantiles by twentieths need no more, and what was usual long ago is forgotten. */
const VALUES_MAX = 256;
/** Timings, and counts of failures: some hundred agents with some dozen operations each; the ones not seen longest go. */
const OPERATIONS_MAX = 5_000;
/** Counts are halved here, so that they follow a slow change. */
const COUNT_MAX = 4_096;

/** What a fleet's work was like: how long its operations took on their own, and how often they failed. */
export class WorkFigures {
  #works = 0;
  readonly #timings = new Map<string, Timing>();
  readonly #failures = new Map<string, FailureCount>();

  static restore({ works, timings, failures }: SavedWorkFigures): WorkFigures {
    const figures = new WorkFigures();
    figures.#works = works;
    for (const timing of timings) figures.#timings.set(timingKey(timing), { ...timing, values: [...timing.values] });
    for (const count of failures) figures.#failures.set(failureKey(count), { ...count });
    return figures;
  }

  toJSON(): SavedWorkFigures {
    return { works: this.#works, timings: [...this.#timings.values()], failures: [...this.#failures.values()] };
  }

  /** Trees that were added. */
  get works(): number {
    return this.#works;
  }

  get timings(): Iterable<Timing> {
    return this.#timings.values();
  }

  get failures(): Iterable<FailureCount> {
    return this.#failures.values();
  }

  timingLike(timing: Timing): Timing | undefined {
    return this.#timings.get(timingKey(timing));
  }

  failuresLike(count: FailureCount): FailureCount | undefined {
    return this.#failures.get(failureKey(count));
  }

  add(root: Work): void {
    this.#works += 1;
    for (const { work, callees, restMs, isOwnFailure, isBoundary } of factsOf(root)) {
      const { doer, operation } = work;
      for (const callee of callees.length === 0 ? [null] : callees) this.#time({ doer, callee, operation }, restMs);
      this.#count({ doer, operation }, { isOwnFailure, isBoundary });
    }
  }

  #time(about: Omit<Timing, 'values'>, restMs: number): void {
    const fresh: Timing = { ...about, values: [] };
    const timing = touch(this.#timings, timingKey(fresh), fresh);
    timing.values.push(restMs);
    if (timing.values.length > VALUES_MAX) timing.values.shift();
  }

  #count(about: Pick<FailureCount, 'doer' | 'operation'>, seen: { isOwnFailure: boolean; isBoundary: boolean }): void {
    const fresh: FailureCount = { ...about, failed: 0, total: 0, atBoundary: 0 };
    const count = touch(this.#failures, failureKey(fresh), fresh);
    count.total += 1;
    count.failed += Number(seen.isOwnFailure);
    count.atBoundary += Number(seen.isBoundary);
    if (count.total < COUNT_MAX) return;
    count.total = Math.round(count.total / 2);
    count.failed = Math.round(count.failed / 2);
    count.atBoundary = Math.round(count.atBoundary / 2);
  }
}

/** What the map has at the key, else the fresh one; it becomes the newest of a bounded map. */
function touch<Value>(map: Map<string, Value>, key: string, fresh: Value): Value {
  const value = map.get(key) ?? fresh;
  map.delete(key);
  map.set(key, value);
  if (map.size <= OPERATIONS_MAX) return value;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
  return value;
}

function timingKey({ doer, callee, operation }: Timing): string {
  return JSON.stringify([doer, callee, operation]);
}

function failureKey({ doer, operation }: FailureCount): string {
  return JSON.stringify([doer, operation]);
}
