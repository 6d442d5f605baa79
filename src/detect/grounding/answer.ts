import { monthOf, multiplierOf, numberOfWord } from './reading/figures.js';
import { scan, type TokenKind } from './reading/scan.js';
import { wordOf } from './reading/vocabulary.js';

export interface AnswerToken {
  kind: TokenKind;
  /** Lower case, without accents. */
  plain: string;
  /** Number of its stem among those of the answer, from 1. */
  id: number;
  start: number;
  end: number;
  sentence: number;
  /** Says something by itself: no function word. */
  isContent: boolean;
  /** Speaks of the answer itself or to the reader. */
  isFraming: boolean;
  /** Capitalised where a common word would not be. */
  isName: boolean;
}

export interface Answer {
  text: string;
  tokens: readonly AnswerToken[];
  sentenceCount: number;
  /** Stem to the number its tokens carry. */
  ids: ReadonlyMap<string, number>;
}

/** Of one answer: a longer one is judged by its beginning. Ten pages say enough of whether it is made up. */
const ANSWER_LENGTH_MAX = 20_000;

const CAPITAL = /^\p{Lu}/u;
/** Behind these a common word may be capitalised as well: headings, labels, list items, quotations. */
const OPENING = /(?:^|[\n.!?:;*#•\-–—"“”'‘([|>_`])\s*$/;
/** What is left of a label, as in `Price per Person:` and `**Total for 3 Days**`. */
const LABEL_END = /^[\p{L}\p{N} ()/&-]*(?::|\*\*:|\*\*\n|\n-{3})/u;
/** Behind a name that somebody is called by: `Thank you, Emma!` */
const ADDRESSED_END = /^[.!?:]$/;
const LABEL_LENGTH_MAX = 30;
/** Terms rather than names: IBAN, URLs. */
const ACRONYM = /^\p{Lu}+(?:s|'s)?$/u;
const LIST_MARKER_END = /^[.)]\s/;
const LINE_START = /(?:^|\n)[\s*#>-]*$/;
const LIST_NUMBER_LENGTH_MAX = 2;
const LOOK_BACK = 4;

export function readAnswer(whole: string): Answer {
  const text = whole.slice(0, ANSWER_LENGTH_MAX);
  const ids = new Map<string, number>();
  const tokens: AnswerToken[] = [];
  const sentenceCount = scan(text, (kind, start, end, sentence) => {
    const raw = text.slice(start, end);
    if (kind === 'FIGURE' && isListNumber(text, start, end)) return;
    const word = wordOf(raw);
    let id = ids.get(word.stem);
    if (id === undefined) {
      id = ids.size + 1;
      ids.set(word.stem, id);
    }
    const { plain } = word;
    const isContent = kind !== 'WORD' || !word.isFunctionWord;
    const isName = kind === 'WORD' && isContent && isNameAt(text, raw, start) && !isTimeWord(plain);
    const token = { kind, plain, id, start, end, sentence, isContent, isName, isFraming: isContent && word.isFraming };
    tokens.push(token);
  });
  return { text, tokens, sentenceCount, ids };
}

function isNameAt(text: string, raw: string, start: number): boolean {
  if (raw.length < 2 || !CAPITAL.test(raw) || ACRONYM.test(raw)) return false;
  if (OPENING.test(text.slice(Math.max(0, start - LOOK_BACK), start))) return false;
  const lineStart = text.lastIndexOf('\n', start) + 1;
  if (text[lineStart] === '#') return false;
  const end = start + raw.length;
  if (text.slice(start - 2, start) === ', ' && ADDRESSED_END.test(text.charAt(end))) return false;
  return !LABEL_END.test(text.slice(end, end + LABEL_LENGTH_MAX));
}

const TIME_WORD = /^(?:mon|tues|wednes|thurs|fri|satur|sun)day$|^(?:am|pm)$/;

/** Days of the week follow from dates; months belong to the figure beside them. */
function isTimeWord(plain: string): boolean {
  return (
    TIME_WORD.test(plain) ||
    monthOf(plain) > 0 ||
    multiplierOf(plain) !== undefined ||
    numberOfWord(plain) !== undefined
  );
}

function isListNumber(text: string, start: number, end: number): boolean {
  if (end - start > LIST_NUMBER_LENGTH_MAX || !LIST_MARKER_END.test(text.slice(end, end + 2))) return false;
  return LINE_START.test(text.slice(Math.max(0, start - LOOK_BACK - 2), start));
}

export interface SentencePlace {
  sentence: number;
  start: number;
  end: number;
}

/** From the first word of each sentence to its last. */
export function placesOfSentences({ tokens }: Answer): SentencePlace[] {
  const places: SentencePlace[] = [];
  for (const { sentence, start, end } of tokens) {
    const place = places.at(-1);
    if (place?.sentence === sentence) place.end = end;
    else places.push({ sentence, start, end });
  }
  return places;
}
