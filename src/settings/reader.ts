import type { Mapping, Value } from './document.js';
import { nearest } from './nearest.js';
import { type Place, type Problems, quote } from './problem.js';

/** Makes something of a value; undefined when it cannot, and then `problems` says why. */
export type Reader<T> = (value: Value, problems: Problems) => T | undefined;

const KIND_NAMES = { text: 'a single value', list: 'a list', mapping: 'keys with values', nothing: 'empty' } as const;
const WORD_MAX = 200;

/** A reader of single values: `expected` completes "… is not". */
export function single<T>(expected: string, parse: (text: string) => T | undefined): Reader<T> {
  return (value, problems) => {
    if (value.kind !== 'text') return problems.add(value, `must be ${expected}, but is ${KIND_NAMES[value.kind]}`);
    const parsed = parse(value.text);
    return parsed === undefined ? problems.add(value, `${quote(value.text)} is not ${expected}`) : parsed;
  };
}

/** A reader of one of some words, each of which stands for a value. */
export function choice<T extends string>(words: Readonly<Record<string, T>>): Reader<T> {
  const names = Object.keys(words);
  const expected = `one of ${names.join(', ')}`;
  return (value, problems) => {
    if (value.kind !== 'text') return problems.add(value, `must be ${expected}, but is ${KIND_NAMES[value.kind]}`);
    const found = Object.hasOwn(words, value.text) ? words[value.text] : undefined;
    return found ?? problems.add(value, `${quote(value.text)} is not ${expected}${suggest(value.text, names)}`);
  };
}

/** A reader of lists; the items that cannot be read are left out, and are problems. */
export function list<T>(item: Reader<T>, example: string): Reader<readonly T[]> {
  return (value, problems) => {
    if (value.kind !== 'list') {
      return problems.add(value, `must be a list such as ${example}, but is ${KIND_NAMES[value.kind]}`);
    }
    return value.items.map((each) => item(each, problems)).filter((each) => each !== undefined);
  };
}

/** A reader of lists that have no two items of the same name. */
export function distinctList<T>(item: Reader<T>, nameOf: (item: T) => string, example: string): Reader<readonly T[]> {
  return (value, problems) => {
    const names = new Set<string>();
    const once: Reader<T> = (each) => {
      const read = item(each, problems);
      if (read === undefined) return undefined;
      const name = nameOf(read);
      if (names.has(name)) return problems.add(each, `${name} is given twice`);
      names.add(name);
      return read;
    };
    return list(once, example)(value, problems);
  };
}

/** A reader of keys that the user chooses, each with a value. */
export function record<T>(entry: Reader<T>, example: string): Reader<Readonly<Record<string, T>>> {
  return (value, problems) => {
    if (value.kind !== 'mapping') {
      return problems.add(value, `must be keys with values such as ${example}, but is ${KIND_NAMES[value.kind]}`);
    }
    const read = [...value.entries].map(([key, each]) => [key, entry(each.value, problems)] as const);
    return Object.fromEntries(read.filter((each): each is readonly [string, T & {}] => each[1] !== undefined));
  };
}

/** A reader of single values that name something: no control characters, which neither a screen nor the database takes. */
export function word(expected: string): Reader<string> {
  return single(`${expected} of at most ${WORD_MAX} characters`, (text) =>
    text.length <= WORD_MAX && /^[^\p{Cc}\p{Cs}]+$/u.test(text) ? text : undefined,
  );
}

/** A reader of names of environment variables. Never quotes what is written: it may be the secret itself. */
export function variable(example: string, secret: string): Reader<string> {
  return (value, problems) =>
    value.kind === 'text' && /^[A-Za-z_][A-Za-z0-9_]*$/.test(value.text)
      ? value.text
      : problems.add(
          value,
          `must be the name of an environment variable, such as ${example}, never the ${secret} itself`,
        );
}

/** A reader of `true` and `false`. */
export const flag: Reader<boolean> = single('true or false', (text) =>
  text === 'true' ? true : text === 'false' ? false : undefined,
);

/** `fraud-*`. */
export const pattern: Reader<string> = word('a name or a pattern such as fraud-*');

/** A list that holds when one of its patterns does: an empty one never would, and is refused. */
export const patterns: Reader<readonly string[]> = (value, problems) => {
  const read = list(pattern, '[fraud-*]')(value, problems);
  return value.kind === 'list' && value.items.length === 0
    ? problems.add(value, 'the list is empty: leave the key out, or write [*] for all')
    : read;
};

/** One mapping of the file whose keys are known. Made for what is absent too: all its keys are absent then. */
export class Section<K extends string> {
  readonly place: Place;
  readonly #mapping: Mapping | undefined;
  readonly #problems: Problems;

  /** Notes a value that is no mapping, and every key that is not known, with the known one most like it. */
  constructor(value: Value, known: readonly K[], problems: Problems) {
    this.place = value;
    this.#problems = problems;
    this.#mapping = value.kind === 'mapping' ? value : undefined;
    if (value.kind === 'text' || value.kind === 'list') {
      problems.add(value, `must be keys with values, of ${known.join(', ')}, but is ${KIND_NAMES[value.kind]}`);
    }
    for (const [key, { place }] of this.#mapping?.entries ?? []) {
      if ((known as readonly string[]).includes(key)) continue;
      const hint = suggest(key, known) || `: the keys here are ${known.join(', ')}`;
      problems.add({ ...place, key: value.key }, `unknown key ${quote(key)}${hint}`);
    }
  }

  /** The fallback for what is absent or empty, and for what cannot be read, which is a problem. */
  read<T, F>(key: K, reader: Reader<T>, fallback: F): T | F {
    const value = this.value(key);
    const read = value.kind === 'nothing' ? undefined : reader(value, this.#problems);
    return read === undefined ? fallback : read;
  }

  /** Undefined for what cannot be read or is absent; both are problems. `needs` says what to write. */
  require<T>(key: K, reader: Reader<T>, needs: string): T | undefined {
    const value = this.value(key);
    if (value.kind !== 'nothing') return reader(value, this.#problems);
    // Where the section itself is no mapping, that is the problem.
    return this.#mapping && this.#problems.add(value, `is missing: ${needs}`);
  }

  has(key: K): boolean {
    return this.value(key).kind !== 'nothing';
  }

  value(key: K): Value {
    const absent = { ...this.place, key: this.place.key === '' ? key : `${this.place.key}.${key}` };
    return this.#mapping?.entries.get(key)?.value ?? { ...absent, kind: 'nothing' };
  }
}

/** `: did you mean …?`, or nothing when no name is like it. */
export function suggest(written: string, names: Iterable<string>): string {
  const name = nearest(written, names);
  return name === undefined ? '' : `: did you mean ${name}?`;
}
