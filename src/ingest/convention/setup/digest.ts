import { hash } from 'node:crypto';
import { compareText } from '../../../order.js';
import { isJsonObject, type JsonObject, jsonTextOf } from '../field/attribute.js';
import { lastingWording } from './wording.js';

const DIGITS = 16;
/** Characters of texts whose digests are kept, in each of two generations. */
const KEPT_CHARACTERS = 4_000_000;
const KEY_CHARACTERS = 32;
/** Texts of one key: they differ in the middle only, in a date perhaps. */
const SIMILAR_MAX = 8;

interface Known {
  text: string;
  digest: string | null;
}

/**
 * A fleet's few prompts come thousands of times: each is read and hashed once. What is not asked for again is forgotten.
 * Texts are found by their ends and then compared: a map by the whole text would hash all of it each time.
 */
class KnownDigests {
  readonly #compute: (text: string) => string | null;
  #young = new Map<string, Known[]>();
  #old = new Map<string, Known[]>();
  #youngCharacters = 0;

  constructor(compute: (text: string) => string | null) {
    this.#compute = compute;
  }

  of(text: string): string | null {
    const key = `${text.length} ${text.slice(0, KEY_CHARACTERS)}${text.slice(-KEY_CHARACTERS)}`;
    const isText = (known: Known) => known.text === text;
    const young = this.#young.get(key)?.find(isText);
    if (young !== undefined) return young.digest;
    const old = this.#old.get(key)?.find(isText);
    const digest = old === undefined ? this.#compute(text) : old.digest;
    this.#keep(key, text, digest);
    return digest;
  }

  #keep(key: string, text: string, digest: string | null): void {
    if (text.length > KEPT_CHARACTERS) return;
    if (this.#youngCharacters + text.length > KEPT_CHARACTERS) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngCharacters = 0;
    }
    // A slice would hold the whole text it was cut from.
    const known = { text: Buffer.from(text).toString(), digest };
    this.#young.set(key, [known, ...(this.#young.get(key) ?? [])].slice(0, SIMILAR_MAX));
    this.#youngCharacters += text.length;
  }
}

const prompts = new KnownDigests((sent) => {
  const wording = lastingWording(wordsOf(parsedOr(sent)));
  return wording === '' ? null : digestOf(wording);
});

const toolSets = new KnownDigests((sent) => {
  const tools = definitionsIn(parsedOr(sent)).flatMap((definition) => {
    const written = jsonTextOf(inOrder(definition));
    return written === null ? [] : [{ name: nameOf(definition), written }];
  });
  if (tools.length === 0) return null;
  tools.sort((left, right) => compareText(left.name, right.name) || compareText(left.written, right.written));
  return digestOf(tools.map(({ name, written }) => `${name} ${written}`).join('\n'));
});

/**
 * A system prompt as 16 hex digits; null for an empty one. `sent` is its text, or the JSON of what holds it: a message, or
 * a list of messages or parts. Dates, numbers and identifiers in it do not count.
 */
export function promptDigest(sent: string): string | null {
  return prompts.of(sent);
}

/**
 * A set of tools as 16 hex digits, whatever their order; null when `sent` names none. `sent` is the JSON of the list of their
 * definitions, each perhaps JSON text itself, or of their names.
 */
export function toolsDigest(sent: string): string | null {
  return toolSets.of(sent);
}

function digestOf(text: string): string {
  return hash('sha256', text).slice(0, DIGITS);
}

function parsedOr(text: string): unknown {
  const first = text.trimStart()[0];
  if (first !== '{' && first !== '[' && first !== '"') return text;
  try {
    return JSON.parse(text);
  } catch {
    // A prompt may begin with a bracket, and JSON may be cut off by an attribute length limit.
    return text;
  }
}

/** The words of a prompt in whatever form a message has: text, parts, content blocks, LangChain's constructors. */
function wordsOf(sent: unknown): string {
  if (typeof sent === 'string') return sent;
  if (Array.isArray(sent)) return sent.map(wordsOf).join('\n');
  if (!isJsonObject(sent)) return '';
  const { parts, content, text, kwargs } = sent;
  return wordsOf(parts ?? content ?? text ?? kwargs);
}

function definitionsIn(sent: unknown): unknown[] {
  if (!Array.isArray(sent)) return [];
  return sent.flatMap((each) => {
    const definition = typeof each === 'string' ? parsedOr(each) : each;
    if (!isJsonObject(definition)) return typeof definition === 'string' ? [definition] : [];
    const declared = definition.function_declarations ?? definition.functionDeclarations;
    return Array.isArray(declared) ? declared : [definition];
  });
}

function nameOf(definition: unknown): string {
  if (!isJsonObject(definition)) return String(definition);
  const described = isJsonObject(definition.function) ? definition.function : definition;
  return typeof described.name === 'string' ? described.name : '';
}

/** Where a cache breakpoint lies follows the conversation. */
const PASSING_KEYS = new Set(['cache_control']);

/** The same structure with the keys of its objects sorted. */
function inOrder(value: unknown, depth = 0): unknown {
  if (depth > DEPTH_MAX) return null;
  if (Array.isArray(value)) return value.map((each) => inOrder(each, depth + 1));
  return isJsonObject(value) ? sortedObject(value, depth) : value;
}

/** Of schemas; what lies deeper is not told apart. */
const DEPTH_MAX = 64;

function sortedObject(value: JsonObject, depth: number): JsonObject {
  const lasting = Object.entries(value).filter(([key]) => !PASSING_KEYS.has(key));
  lasting.sort(([left], [right]) => compareText(left, right));
  return Object.fromEntries(lasting.map(([key, each]) => [key, inOrder(each, depth + 1)]));
}
