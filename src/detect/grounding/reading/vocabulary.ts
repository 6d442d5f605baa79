import { bearsOnFigures, type Reading, readFigure } from './figures.js';
import { isFraming, isFunctionWord, plainForm, stem } from './wording.js';

/** A word with all that is asked of it while texts are read. */
export interface Word {
  /** Lower case, without accents. */
  plain: string;
  stem: string;
  isFunctionWord: boolean;
  isFraming: boolean;
  /** Is a figure itself, or says what the figure beside it means. */
  bearsOnFigures: boolean;
  /** What it means as a figure; null when it does not begin with a digit. */
  reading: Reading | null;
}

/** Some megabytes; most texts of a language are made of fewer words. When it is full it starts anew. */
const WORDS_MAX = 50_000;
/** A longer piece of a text keeps the whole text in memory. */
const CACHED_LENGTH_MAX = 12;
const FIGURE = /^\p{Nd}/u;
const known = new Map<string, Word>();

/** Texts of agents are made of the same words over and over: each is looked into once. Figures are new every time. */
export function wordOf(raw: string): Word {
  if (beginsWithDigit(raw)) return figureOf(plainForm(raw));
  const cached = known.get(raw);
  if (cached !== undefined) return cached;
  const plain = plainForm(raw);
  const stemmed = stem(plain);
  const word: Word = {
    plain,
    stem: stemmed,
    isFunctionWord: isFunctionWord(plain),
    isFraming: isFraming(stemmed),
    bearsOnFigures: bearsOnFigures(plain),
    reading: FIGURE.test(plain) ? readFigure(plain) : null,
  };
  if (raw.length > CACHED_LENGTH_MAX) return word;
  if (known.size >= WORDS_MAX) known.clear();
  known.set(raw, word);
  return word;
}

function beginsWithDigit(raw: string): boolean {
  const unit = raw.charCodeAt(0);
  return unit >= 48 && unit <= 57;
}

function figureOf(plain: string): Word {
  const reading = readFigure(plain);
  return { plain, stem: plain, isFunctionWord: false, isFraming: false, bearsOnFigures: false, reading };
}
