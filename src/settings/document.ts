import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type Node,
  type Pair,
  Parser,
  parseDocument,
  type Scalar,
} from 'yaml';
import { type Place, type Problems, quote } from './problem.js';

/** A value of the file. Scalars are the text that stands there: what they mean is for the reader of each key. */
export type Value = Text | List | Mapping | Nothing;

export interface Text extends Place {
  kind: 'text';
  text: string;
  /** What stands in the file for it, with its quotation marks and escapes. */
  source: string;
}

export interface List extends Place {
  kind: 'list';
  items: readonly Value[];
}

export interface Mapping extends Place {
  kind: 'mapping';
  entries: ReadonlyMap<string, Entry>;
}

/** `key:` with nothing after it, `~` or `null`. */
export interface Nothing extends Place {
  kind: 'nothing';
}

export interface Entry {
  /** Where the key stands. */
  place: Place;
  value: Value;
}

const CHARACTERS_MAX = 256 * 1024;
/** The file's own shape is nine deep, counted as the parser does. */
const DEPTH_MAX = 24;
const ITEMS_MAX = 1_000;
const ALIASES_MAX = 100;
const PLAIN_NULL = /^(~|null|Null|NULL)?$/;

/**
 * Reads YAML 1.2 with the place of every value. Never throws: what is not YAML, repeats a key, or is larger than a file of
 * settings can be is noted in `problems`. An empty file is nothing.
 */
export function readDocument(text: string, problems: Problems): Value {
  const file: Place = { line: 1, column: 1, key: '' };
  if (text.length > CHARACTERS_MAX) {
    problems.add(file, `the file is longer than ${CHARACTERS_MAX / 1024} KiB`);
    return { kind: 'nothing', ...file };
  }
  if (isTooDeep(text)) {
    problems.add(file, `values are nested more than ${DEPTH_MAX} deep`);
    return { kind: 'nothing', ...file };
  }
  const lines = linesOf(text);
  const placeOf = (offset: number, key: string): Place => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col, key };
  };
  // `failsafe` keeps scalars as they are written: 0.10 stays 0.10. Repeated keys are found here, in linear time.
  const options = { schema: 'failsafe', stringKeys: true, uniqueKeys: false, prettyErrors: false } as const;
  const document = parseDocument(text, options);
  const wrong = [...document.errors, ...document.warnings];
  for (const { pos, code, message } of wrong) {
    const what = code === 'MULTIPLE_DOCS' ? 'only one document is read: take out what begins here' : message;
    problems.add(placeOf(pos[0], ''), `this is not YAML as it should be: ${what}`);
  }
  if (wrong.length > 0 || document.contents === null) return { kind: 'nothing', ...file };
  return new Converter(text, placeOf, problems).convert(document.contents, '');
}

/** Filled here: the parser itself loses count of lines after some mistakes. */
function linesOf(text: string): LineCounter {
  const lines = new LineCounter();
  for (let start = 0; start !== -1; ) {
    lines.addNewLine(start);
    const end = text.indexOf('\n', start);
    start = end === -1 ? -1 : end + 1;
  }
  return lines;
}

/** The library recurses into what is nested, so that a deep file would end the process: this looks first, without. */
function isTooDeep(text: string): boolean {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    // What the parser yields when something is complete is of no interest here.
    for (const _ of parser.next(lexeme));
    if (parser.stack.length > DEPTH_MAX) return true;
  }
  return false;
}

/** From the library's nodes to values; an alias is the value its anchor stands for, shared, never a copy. */
class Converter {
  readonly #file: string;
  readonly #placeOf: (offset: number, key: string) => Place;
  readonly #problems: Problems;
  readonly #anchors = new Map<string, Value>();
  #aliases = 0;

  constructor(file: string, placeOf: (offset: number, key: string) => Place, problems: Problems) {
    this.#file = file;
    this.#placeOf = placeOf;
    this.#problems = problems;
  }

  convert(node: Node, key: string): Value {
    const place = this.#placeOf(node.range?.[0] ?? 0, key);
    if (isAlias(node)) return this.#resolve(node.source, place);
    const value = this.#convertOwn(node, place);
    // Only now: an alias inside its own anchor finds nothing.
    if ('anchor' in node && node.anchor !== undefined) this.#anchors.set(node.anchor, value);
    return value;
  }

  #resolve(anchor: string, place: Place): Value {
    this.#aliases += 1;
    const value = this.#anchors.get(anchor);
    if (value !== undefined && this.#aliases <= ALIASES_MAX) return value;
    this.#problems.add(
      place,
      value === undefined
        ? `no &${anchor} ends before *${anchor}: write the value out`
        : `there are more than ${ALIASES_MAX} aliases: write the values out`,
    );
    return { kind: 'nothing', ...place };
  }

  #convertOwn(node: Node, place: Place): Value {
    if (isScalar(node)) {
      const text = String(node.value);
      const isNothing = (node as Scalar).type === 'PLAIN' && PLAIN_NULL.test(text);
      if (isNothing) return { kind: 'nothing', ...place };
      return { kind: 'text', text, source: this.#file.slice(...(node.range?.slice(0, 2) ?? [])), ...place };
    }
    if (isSeq<Node>(node)) {
      const items = this.#bounded(node.items, place);
      return {
        kind: 'list',
        items: items.map((item, index) => this.convert(item, `${place.key}[${index}]`)),
        ...place,
      };
    }
    if (isMap<Scalar, Node | null>(node))
      return { kind: 'mapping', entries: this.#entries(node.items, place), ...place };
    return { kind: 'nothing', ...place };
  }

  #entries(pairs: readonly Pair<Scalar, Node | null>[], place: Place): ReadonlyMap<string, Entry> {
    const entries = new Map<string, Entry>();
    for (const { key, value } of this.#bounded(pairs, place)) {
      const name = String(key.value);
      const at = this.#placeOf(key.range?.[0] ?? 0, place.key === '' ? name : `${place.key}.${name}`);
      const first = entries.get(name);
      if (first !== undefined) {
        this.#problems.add(at, `${quote(name)} is given twice: it already stands in line ${first.place.line}`);
        continue;
      }
      entries.set(name, {
        place: at,
        value: value === null ? { kind: 'nothing', ...at } : this.convert(value, at.key),
      });
    }
    return entries;
  }

  #bounded<T>(items: readonly T[], place: Place): readonly T[] {
    if (items.length <= ITEMS_MAX) return items;
    this.#problems.add(place, `there are ${items.length} entries here: at most ${ITEMS_MAX} are read`);
    return items.slice(0, ITEMS_MAX);
  }
}
