import type { Group } from './group.js';

interface Held<Failure extends object> {
  group: Promise<Group | Failure>;
  holders: number;
}

/** The groups there are, each for as long as somebody holds it. */
export class Groups<Failure extends object> {
  readonly #held = new Map<string, Held<Failure>>();

  get size(): number {
    return this.#held.size;
  }

  /** Runs `use` with the group of that key, which `create` makes or refuses when there is none. */
  async with(
    key: string,
    create: () => Promise<Group | Failure>,
    use: (group: Group | Failure) => Promise<void>,
  ): Promise<void> {
    const held = this.#held.get(key) ?? { group: create(), holders: 0 };
    this.#held.set(key, held);
    held.holders += 1;
    try {
      await use(await held.group);
    } finally {
      held.holders -= 1;
      if (held.holders === 0) await this.#end(key, held);
    }
  }

  async #end(key: string, { group }: Held<Failure>): Promise<void> {
    this.#held.delete(key);
    const ended = await group;
    if ('stop' in ended) ended.stop();
  }
}
