/**
 * How far the journal has been worked off: a request is done when every span of it belongs to something committed, or to
 * nothing. Counts are in memory only; after a restart the journal's pending rows are read again and counted anew.
 */
export class Watermark {
  readonly #open = new Map<number, number>();
  readonly #abandoned = new Set<number>();
  #spans = 0;

  /** Spans that are not settled yet. */
  get openSpans(): number {
    return this.#spans;
  }

  expect(journalId: number, spans: number): void {
    if (spans === 0) return;
    this.#open.set(journalId, (this.#open.get(journalId) ?? 0) + spans);
    this.#spans += spans;
  }

  /** Settles one span for each id given; returns the requests that are done by it. */
  settle(journalIds: Iterable<number>): number[] {
    const done: number[] = [];
    for (const id of journalIds) {
      const left = (this.#open.get(id) ?? 0) - 1;
      this.#spans -= 1;
      if (left > 0) this.#open.set(id, left);
      else {
        this.#open.delete(id);
        if (!this.#abandoned.delete(id)) done.push(id);
      }
    }
    return done;
  }

  /** Gives spans up, one for each id: their requests will not be done, and so stay in the journal. */
  abandon(journalIds: readonly number[]): void {
    for (const id of journalIds) this.#abandoned.add(id);
    this.settle(journalIds);
  }
}
