import type { Message } from '../../decision/transcript.js';

/** Messages that were told before: how many of how many, and in which step of the chain, as it is numbered there. */
export interface Repeated {
  count: number;
  of: number;
  place: number;
}

/** The step that something is told of, and what those before it were told. */
export interface Telling {
  told: ToldMessages;
  /** The step's number in the chain. */
  place: number;
}

/** What the steps of a chain were given so far: a model is given again all that it was given before, and a little more. */
export class ToldMessages {
  #newest: { place: number; messages: readonly string[] } | null = null;

  /** How many messages a step begins with that the step before it was given; null where it is none. Takes note of them. */
  take(messages: readonly Message[], place: number): Repeated | null {
    const before = this.#newest;
    const texts = messages.map((message) => JSON.stringify(message));
    this.#newest = { place, messages: texts };
    if (before === null) return null;
    const differing = texts.findIndex((text, index) => text !== before.messages[index]);
    const count = differing < 0 ? texts.length : differing;
    return count === 0 ? null : { count, of: before.messages.length, place: before.place };
  }
}
