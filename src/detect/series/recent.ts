/** The last few values of a series, oldest first. */
export class Recent {
  readonly #size: number;
  readonly #values: number[];

  constructor(size: number, values: readonly number[] = []) {
    this.#size = size;
    this.#values = [...values];
  }

  add(value: number): void {
    this.#values.push(value);
    if (this.#values.length > this.#size) this.#values.shift();
  }

  minimum(): number {
    return Math.min(...this.#values);
  }

  mean(): number {
    return this.#values.reduce((sum, value) => sum + value, 0) / this.#values.length;
  }

  /** The upper median of the last `count`. */
  medianOfLast(count: number): number {
    const sorted = this.#values.slice(-count).sort((a, b) => a - b);
    return sorted[sorted.length >> 1] ?? Number.NaN;
  }

  toJSON(): number[] {
    return [...this.#values];
  }
}
