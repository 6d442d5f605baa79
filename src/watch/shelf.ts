import type { RememberedRow } from './memory-store.js';

interface Place {
  fleet: string;
  subject: string;
}

/** What a detector keeps on its shelf. */
export interface ShelfOptions<State> {
  /** States held, of all fleets: those set longest ago make room. */
  max: number;
  /** For states that are more than their JSON: the inverse of their `toJSON`. */
  revive?: (saved: never) => State;
}

/** One detector's states, by fleet and subject. */
export class Shelf<State> {
  readonly detector: string;
  readonly #max: number;
  readonly #revive: ((saved: never) => State) | undefined;
  readonly #states = new Map<string, State>();
  readonly #changed = new Set<string>();

  constructor(detector: string, { max, revive }: ShelfOptions<State>) {
    this.detector = detector;
    this.#max = max;
    this.#revive = revive;
  }

  get(fleet: string, subject: string): State | null {
    return this.#states.get(keyOf({ fleet, subject })) ?? null;
  }

  /** What is held of one fleet. */
  entries(fleet: string): [subject: string, state: State][] {
    const prefix = keyOf({ fleet, subject: '' });
    return [...this.#states].flatMap(([key, state]): [string, State][] =>
      key.startsWith(prefix) ? [[key.slice(prefix.length), state]] : [],
    );
  }

  /** Null forgets the subject. To be called for a state that was changed in place, too. */
  set(fleet: string, subject: string, state: State | null): void {
    const key = keyOf({ fleet, subject });
    const wasKnown = this.#states.delete(key);
    if (state === null) {
      if (wasKnown) this.#changed.add(key);
      return;
    }
    this.#changed.add(key);
    this.#place(key, state);
  }

  /** Takes in what was saved, unless something newer is there. */
  restore({ fleet, subject, state }: Place & { state: string }): void {
    const key = keyOf({ fleet, subject });
    if (this.#states.has(key)) return;
    const saved: unknown = JSON.parse(state);
    this.#place(key, this.#revive === undefined ? (saved as State) : this.#revive(saved as never));
  }

  /** How many states changed and were not taken yet. */
  get changes(): number {
    return this.#changed.size;
  }

  /** What changed since it was last asked, to be saved: at most `max`, those that changed first. */
  takeChanges(max: number): RememberedRow[] {
    const rows: RememberedRow[] = [];
    for (const key of this.#changed) {
      if (rows.length === max) break;
      const state = this.#states.get(key);
      rows.push({
        ...placeOf(key),
        detector: this.detector,
        state: state === undefined ? null : JSON.stringify(state),
      });
      this.#changed.delete(key);
    }
    return rows;
  }

  /** What could not be saved counts as changed again. */
  putBack({ fleet, subject }: Place): void {
    this.#changed.add(keyOf({ fleet, subject }));
  }

  #place(key: string, state: State): void {
    this.#states.set(key, state);
    if (this.#states.size <= this.#max) return;
    const [oldest] = this.#states.keys();
    if (oldest === undefined) return;
    this.#states.delete(oldest);
    this.#changed.add(oldest);
  }
}

function keyOf({ fleet, subject }: Place): string {
  return `${fleet}\n${subject}`;
}

/** A fleet's id has no line breaks. */
function placeOf(key: string): Place {
  const end = key.indexOf('\n');
  return { fleet: key.slice(0, end), subject: key.slice(end + 1) };
}
