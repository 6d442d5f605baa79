import { EventEmitter } from 'node:events';

/**
 * Says "fleet F has reached N" after a commit, nothing more: subscribers read from the record by cursor, so losing a
 * message or a slow listener does no harm.
 */
export class Bus {
  readonly #emitter = new EventEmitter().setMaxListeners(0);
  readonly #reached = new Map<string, number>();

  /** The highest seq announced for the fleet since the start of this process; −1 when none was. */
  reached(fleet: string): number {
    return this.#reached.get(fleet) ?? -1;
  }

  announce(fleet: string, seq: number): void {
    if (seq <= this.reached(fleet)) return;
    this.#reached.set(fleet, seq);
    this.#emitter.emit(fleet, seq);
  }

  /** Calls `listener` with each new height; returns what ends it. */
  listen(fleet: string, listener: (seq: number) => void): () => void {
    this.#emitter.on(fleet, listener);
    return () => this.#emitter.off(fleet, listener);
  }
}
