import type { Answer, AnswerToken } from './answer.js';
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
  /** By token: 1 where it and the content word before it in its sentence stand together in a sentence of a source. */
  paired: Uint8Array;
  figures: KnownFigures;
  /** By id of a word: the numbers that stand directly behind it in the sources, as `"parcels": 3` does. */
  labelled: ReadonlyMap<number, ReadonlySet<number>>;
  /** A source was cut off on its way here: what it does not say may have been in the rest. */
  isCut: boolean;
}

/** How those that shorten content say so at its end. */
const CUT_OFF = /(?:…|\.\.\.)\s*$|(?:…|\.{3}|[[(<]|\s)[[(<]?(?:cut|truncated|omitted|shortened)\b[^\n]{0,40}$/i;
const CUT_OFF_LENGTH_MAX = 60;

/** Reads all sources once, looking for what the answer says, and the question behind them. */
export function compare(answer: Answer, sources: readonly string[], question: string): Comparison {
  const reader = new SourceReader(answer, question);
  for (const source of sources) reader.read(withoutEscapes(source));
  const sourceCounts = reader.counts.slice();
  const askedShare = reader.askedShare();
  reader.read(withoutEscapes(question));
  const { counts, runs, shared, paired, figures, labelled } = reader;
  const isCut = sources.some((source) => CUT_OFF.test(source.slice(-CUT_OFF_LENGTH_MAX)));
  return { counts, sourceCounts, runs, shared, askedShare, paired, figures, labelled, isCut };
}

/** Of one stem in an answer: each occurrence in a source is compared with all of them, and more would say no more. */
const PLACES_MAX = 64;

/** No place in the answer. */
const NOWHERE = -1;

class SourceReader {
  readonly counts: Int32Array;
  readonly runs: Int32Array;
  readonly shared: Int32Array;
  readonly paired: Uint8Array;
  readonly figures = new KnownFigures();
  readonly labelled = new Map<number, Set<number>>();
  readonly #answer: Answer;
  /** By id: the last place of the stem in the answer; by place: the one of its stem before it. */
  readonly #lastPlace: Int32Array;
  readonly #placeBefore: Int32Array;
  /** By place of a content word: the next one in its sentence. */
  readonly #nextContent: Int32Array;
  /** By token of the answer: the run that ends there, and at which word of the sources it did. */
  readonly #runLength: Int32Array;
  readonly #runWord: Int32Array;
  /** Content stems of the question, and whether a source has them. */
  readonly #asked = new Map<string, boolean>();
  #wordCount = 0;
  /** Of the sentence that is being read. */
  readonly #sharedNow: Int32Array;
  readonly #seen: number[] = [];
  readonly #seenIn: Int32Array;
  #sentence = 1;

  constructor(answer: Answer, question: string) {
    scan(question, (_kind, start, end) => {
      const word = wordOf(question.slice(start, end));
      if (!word.isFunctionWord && !word.isFraming) this.#asked.set(word.stem, false);
    });
    const stems = answer.ids.size + 1;
    const { length } = answer.tokens;
    this.#answer = answer;
    this.counts = new Int32Array(stems);
    this.runs = new Int32Array(length);
    this.shared = new Int32Array(answer.sentenceCount);
    this.paired = new Uint8Array(length);
    this.#runLength = new Int32Array(length);
    this.#runWord = new Int32Array(length).fill(NOWHERE);
    this.#seenIn = new Int32Array(stems);
    this.#sharedNow = new Int32Array(answer.sentenceCount);
    this.#lastPlace = new Int32Array(stems).fill(NOWHERE);
    this.#placeBefore = new Int32Array(length);
    this.#nextContent = new Int32Array(length).fill(NOWHERE);
    this.#indexAnswer();
  }

  #indexAnswer(): void {
    const { tokens, ids } = this.#answer;
    const places = new Uint8Array(ids.size + 1);
    let before = NOWHERE;
    for (let place = 0; place < tokens.length; place += 1) {
      const { id, isContent, sentence } = tokens[place] as AnswerToken;
      if (isContent) {
        if (before !== NOWHERE && tokens[before]?.sentence === sentence) this.#nextContent[before] = place;
        before = place;
      }
      const known = places[id] as number;
      if (known === PLACES_MAX) continue;
      places[id] = known + 1;
      this.#placeBefore[place] = this.#lastPlace[id] as number;
      this.#lastPlace[id] = place;
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
        this.figures.addFigure(word.plain, word.reading);
        if (label > 0 && word.reading.kind === 'NUMBER') this.#label(label, word.reading.values);
      } else if (kind === 'ADDRESS') this.#readAddress(raw);
      else if (word.bearsOnFigures) this.figures.addWord(word.plain);
      else this.figures.addPlainWord();
      if (this.#asked.has(word.stem)) this.#asked.set(word.stem, true);
      const id = this.#answer.ids.get(word.stem) ?? 0;
      label = kind === 'WORD' ? id : 0;
      this.#count(id);
    });
    this.#endSentence();
  }

  #label(id: number, values: readonly number[]): void {
    const known = this.labelled.get(id) ?? new Set<number>();
    for (const value of values) known.add(value);
    this.labelled.set(id, known);
  }

  /** An address also stands for the words it is made of: emma.johnson@ is Emma Johnson. */
  #readAddress(raw: string): void {
    this.figures.addAddress(plainForm(raw));
    for (const part of raw.split(/[^\p{L}\p{N}]+/u)) {
      if (part !== '') this.#count(this.#answer.ids.get(wordOf(part).stem) ?? 0);
    }
  }

  #count(id: number): void {
    this.#wordCount += 1;
    if (id === 0) return;
    this.counts[id] = (this.counts[id] as number) + 1;
    if (this.#seenIn[id] !== this.#sentence) {
      this.#seenIn[id] = this.#sentence;
      this.#seen.push(id);
    }
    for (let place = this.#lastPlace[id] as number; place !== NOWHERE; place = this.#placeBefore[place] as number) {
      const goesOn = place > 0 && this.#runWord[place - 1] === this.#wordCount - 1;
      const length = goesOn ? (this.#runLength[place - 1] as number) + 1 : 1;
      this.#runLength[place] = length;
      this.#runWord[place] = this.#wordCount;
      if (length > (this.runs[place] as number)) this.runs[place] = length;
    }
  }

  #endSentence(): void {
    if (this.#seen.length === 0) return;
    this.#sharedNow.fill(0);
    for (const id of this.#seen) this.#endStem(id);
    this.#seen.length = 0;
    this.#sentence += 1;
  }

  /** The sentence has the stem: so does each of the answer's that it is in, and maybe what follows it there. */
  #endStem(id: number): void {
    const { tokens } = this.#answer;
    let sharing = NOWHERE;
    for (let place = this.#lastPlace[id] as number; place !== NOWHERE; place = this.#placeBefore[place] as number) {
      const { isContent, sentence } = tokens[place] as AnswerToken;
      if (!isContent) continue;
      const next = this.#nextContent[place] as number;
      if (next !== NOWHERE && this.#seenIn[(tokens[next] as AnswerToken).id] === this.#sentence) this.paired[next] = 1;
      if (sentence !== sharing) this.#share(sentence);
      sharing = sentence;
    }
  }

  #share(sentence: number): void {
    const count = (this.#sharedNow[sentence] as number) + 1;
    this.#sharedNow[sentence] = count;
    if (count > (this.shared[sentence] as number)) this.shared[sentence] = count;
  }

  askedShare(): number {
    let found = 0;
    for (const isFound of this.#asked.values()) if (isFound) found += 1;
    return this.#asked.size === 0 ? 1 : found / this.#asked.size;
  }
}
