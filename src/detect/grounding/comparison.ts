import type { Answer } from './answer.js';
import { KnownFigures } from './reading/known-figures.js';
import { scan, withoutEscapes } from './reading/scan.js';
import { wordOf } from './reading/vocabulary.js';
import { plainForm } from './reading/wording.js';

/** What the sources say of an answer's words. Arrays are indexed by the token's number in the answer or by its stem's `id`. */
export interface Comparison {
  /** By id: how often it occurs. */
  counts: Int32Array;
  /** The same without the question: repeating it proves nothing. */
  sourceCounts: Int32Array;
  /** By token: the longest run of words that ends with it and stands in a source just so. */
  runs: Int32Array;
  /** By sentence: most content stems that one sentence of a source shares with it. */
  shared: Int32Array;
  /** Share of what the question is about that the sources speak of. */
  askedShare: number;
  /** Neighbouring content stems of the answer that stand together in a sentence of a source, by `pairKey`. */
  pairs: ReadonlySet<number>;
  figures: KnownFigures;
  /** By id of a word: the numbers that stand directly behind it in the sources, as `"parcels": 3` does. */
  labelled: ReadonlyMap<number, ReadonlySet<number>>;
  /** A source was cut off on its way here: what it does not say may have been in the rest. */
  isCut: boolean;
}

/** How those that shorten content say so at its end. */
const CUT_OFF = /(?:…|\.\.\.)\s*$|(?:…|\.{3}|[[(<]|\s)[[(<]?(?:cut|truncated|omitted|shortened)\b[^\n]{0,40}$/i;
const CUT_OFF_LENGTH_MAX = 60;
const PAIR_BASE = 0x1_0000;

export function pairKey(first: number, second: number): number {
  return first * PAIR_BASE + second;
}

/** Reads all sources once, looking for what the answer says, and the question behind them. */
export function compare(answer: Answer, sources: readonly string[], question: string): Comparison {
  const reader = new SourceReader(answer, question);
  for (const source of sources) reader.read(withoutEscapes(source));
  const sourceCounts = reader.comparison().counts.slice();
  const askedShare = reader.askedShare();
  reader.read(withoutEscapes(question));
  return {
    ...reader.comparison(),
    sourceCounts,
    askedShare,
    isCut: sources.some((source) => CUT_OFF.test(source.slice(-CUT_OFF_LENGTH_MAX))),
  };
}

/** Of one stem in an answer: each occurrence in a source is compared with all of them, and more would say no more. */
const PLACES_MAX = 64;

class SourceReader {
  readonly #answer: Answer;
  readonly #counts: Int32Array;
  readonly #runs: Int32Array;
  readonly #shared: Int32Array;
  readonly #pairs = new Set<number>();
  readonly #figures = new KnownFigures();
  readonly #labelled = new Map<number, Set<number>>();
  /** By id: places of the stem in the answer, last first; content stems that follow it there; sentences it is in. */
  readonly #places: number[][];
  readonly #followers: number[][];
  readonly #sentencesOf: number[][];
  /** By token of the answer: the run that ends there, and at which word of the sources it did. */
  readonly #runLength: Int32Array;
  readonly #runWord: Int32Array;
  /** Content stems of the question, and whether a source has them. */
  readonly #asked = new Map<string, boolean>();
  #wordCount = 0;
  /** Of the sentence that is being read. */
  readonly #sharedNow: Int32Array;
  #seen: number[] = [];
  readonly #seenIn: Int32Array;
  #sentence = 1;

  constructor(answer: Answer, question: string) {
    scan(question, (_kind, start, end) => {
      const word = wordOf(question.slice(start, end));
      if (!word.isFunctionWord && !word.isFraming) this.#asked.set(word.stem, false);
    });
    const size = answer.ids.size + 1;
    this.#answer = answer;
    this.#counts = new Int32Array(size);
    this.#runs = new Int32Array(answer.tokens.length);
    this.#runLength = new Int32Array(answer.tokens.length);
    this.#runWord = new Int32Array(answer.tokens.length).fill(-1);
    this.#shared = new Int32Array(answer.sentenceCount);
    this.#seenIn = new Int32Array(size);
    this.#sharedNow = new Int32Array(answer.sentenceCount);
    const lists = () => Array.from({ length: size }, (): number[] => []);
    this.#places = lists();
    this.#followers = lists();
    this.#sentencesOf = lists();
    this.#indexAnswer();
  }

  #indexAnswer(): void {
    let before = 0;
    let sentence = -1;
    for (const [index, token] of this.#answer.tokens.entries()) {
      const places = this.#places[token.id];
      if (places !== undefined && places.length < PLACES_MAX) places.unshift(index);
      if (token.sentence !== sentence) before = 0;
      sentence = token.sentence;
      if (!token.isContent) continue;
      const followers = this.#followers[before];
      if (before > 0 && followers !== undefined && followers.length < PLACES_MAX && !followers.includes(token.id)) {
        followers.push(token.id);
      }
      before = token.id;
      const sentences = this.#sentencesOf[token.id];
      if (sentences === undefined || sentences.length >= PLACES_MAX) continue;
      if (sentences.at(-1) !== sentence) sentences.push(sentence);
    }
  }

  read(text: string): void {
    let current = 0;
    let label = 0;
    // No run goes on from one source into the next.
    this.#wordCount += 1;
    scan(text, (kind, start, end, sentence) => {
      if (sentence !== current) this.#endSentence();
      current = sentence;
      const raw = text.slice(start, end);
      const word = wordOf(raw);
      if (kind === 'FIGURE' && word.reading !== null) {
        this.#figures.addFigure(word.plain, word.reading);
        if (label > 0 && word.reading.kind === 'NUMBER') this.#label(label, word.reading.values);
      } else if (kind === 'ADDRESS') this.#readAddress(raw);
      else if (word.bearsOnFigures) this.#figures.addWord(word.plain);
      else this.#figures.addPlainWord();
      if (this.#asked.has(word.stem)) this.#asked.set(word.stem, true);
      const id = this.#answer.ids.get(word.stem) ?? 0;
      label = kind === 'WORD' ? id : 0;
      this.#count(id);
    });
    this.#endSentence();
  }

  #label(id: number, values: readonly number[]): void {
    const known = this.#labelled.get(id) ?? new Set<number>();
    for (const value of values) known.add(value);
    this.#labelled.set(id, known);
  }

  /** An address also stands for the words it is made of: emma.johnson@ is Emma Johnson. */
  #readAddress(raw: string): void {
    this.#figures.addAddress(plainForm(raw));
    for (const part of raw.split(/[^\p{L}\p{N}]+/u)) {
      if (part !== '') this.#count(this.#answer.ids.get(wordOf(part).stem) ?? 0);
    }
  }

  #count(id: number): void {
    this.#wordCount += 1;
    if (id === 0) return;
    this.#counts[id] = (this.#counts[id] ?? 0) + 1;
    if (this.#seenIn[id] !== this.#sentence) {
      this.#seenIn[id] = this.#sentence;
      this.#seen.push(id);
    }
    for (const place of this.#places[id] ?? []) {
      const goesOn = this.#runWord[place - 1] === this.#wordCount - 1;
      const length = goesOn ? (this.#runLength[place - 1] ?? 0) + 1 : 1;
      this.#runLength[place] = length;
      this.#runWord[place] = this.#wordCount;
      if (length > (this.#runs[place] ?? 0)) this.#runs[place] = length;
    }
  }

  #endSentence(): void {
    if (this.#seen.length === 0) return;
    this.#sharedNow.fill(0);
    for (const id of this.#seen) {
      for (const follower of this.#followers[id] ?? []) {
        if (this.#seenIn[follower] === this.#sentence) this.#pairs.add(pairKey(id, follower));
      }
      for (const sentence of this.#sentencesOf[id] ?? []) this.#share(sentence);
    }
    this.#seen = [];
    this.#sentence += 1;
  }

  #share(sentence: number): void {
    const count = (this.#sharedNow[sentence] ?? 0) + 1;
    this.#sharedNow[sentence] = count;
    if (count > (this.#shared[sentence] ?? 0)) this.#shared[sentence] = count;
  }

  askedShare(): number {
    const found = [...this.#asked.values()].filter((isFound) => isFound).length;
    return this.#asked.size === 0 ? 1 : found / this.#asked.size;
  }

  comparison(): Omit<Comparison, 'sourceCounts' | 'askedShare' | 'isCut'> {
    return {
      counts: this.#counts,
      runs: this.#runs,
      shared: this.#shared,
      pairs: this.#pairs,
      figures: this.#figures,
      labelled: this.#labelled,
    };
  }
}
