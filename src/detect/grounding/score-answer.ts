import { type Answer, placesOfSentences, readAnswer } from './answer.js';
import { type Claim, type ClaimKind, findClaims } from './claim.js';
import { compare } from './comparison.js';
import { claimedDeeds, countUndone, wordsOfName } from './deed.js';
import { type Features, figuresOfSentences, type Measured, measure } from './features.js';
import { type Shape, score } from './model.js';
import { readStances } from './stance.js';

export interface Source {
  text: string;
  /** Of the tool that returned it; null for texts that were looked up, handed over or asked. */
  toolName: string | null;
}

export interface Question {
  answer: string;
  question: string;
  /** What the answer had to go by. */
  sources: readonly Source[];
  /** Tools that ran without an error, whether their results are known or not; null when others may have done the work. */
  doneBy: readonly string[] | null;
  /** Some of what was looked up is not known. */
  isPartial: boolean;
}

export interface Unsupported {
  kind: ClaimKind;
  /** Quoted from the answer, shortened. */
  text: string;
  start: number;
  end: number;
}

export interface AnswerScore {
  /** From 0, grounded, to 1, made up. */
  score: number;
  /** Parts of the answer that no source supports, in its order, the most telling of them only. */
  unsupported: Unsupported[];
  /** Figures, dates, identifiers and addresses that no source has; names are not among them. */
  unsupportedFigures: number;
  /** Deeds the answer claims and no tool was called for. */
  undone: number;
  /** Share of what it states, beyond the question's words, that the sources say. */
  sourcedShare: number;
}

/** Of all sources of one answer: more is not read, and what is not read would make any answer look made up. */
const SOURCES_LENGTH_MAX = 400_000;

/**
 * Holds an answer against its sources, by their words and values, without calling a model. Null when there is nothing to
 * judge by: no answer, no source, or more sources than can be read.
 */
export function scoreAnswer(question: Question): AnswerScore | null {
  const measured = measureAnswer(question);
  if (measured === null) return null;
  const { comparison, claims, undone, features, shape } = measured;
  return {
    score: score(features, shape),
    unsupported: [...quoteClaims(measured), ...quoteSentences(measured)]
      .sort((left, right) => left.start - right.start)
      .slice(0, QUOTES_MAX),
    unsupportedFigures: comparison.isCut
      ? 0
      : claims.filter((claim) => isTelling(claim) && claim.kind !== 'NAME').length,
    undone,
    sourcedShare: features.sourcedShare,
  };
}

/** The figures the score is made of, which it is also trained on. */
export function measureAnswer({
  answer: text,
  question,
  sources,
  doneBy,
  isPartial,
}: Question): (Measured & Judged) | null {
  const readable = sources.filter(({ text: source }) => source.trim() !== '');
  const length = readable.reduce((sum, { text: source }) => sum + source.length, 0);
  if (readable.length === 0 || length > SOURCES_LENGTH_MAX) return null;
  const answer = readAnswer(text);
  if (answer.tokens.length === 0) return null;
  const compared = compare(answer, readable.map(withName), question);
  const comparison = { ...compared, isCut: compared.isCut || isPartial };
  const claims = findClaims(answer, comparison, question);
  const stances = readStances(answer);
  const undone = doneBy === null ? 0 : countUndone(claimedDeeds(answer.text), doneBy);
  const sentences = figuresOfSentences(answer, comparison);
  const measured = { answer, comparison, claims, stances, sentences, undone };
  const shape = { words: answer.tokens.length, isToolAnswer: sources.some(({ toolName }) => toolName !== null) };
  return { ...measured, features: measure(measured), shape };
}

interface Judged {
  features: Features;
  shape: Shape;
}

/** What a tool is called says what its result is about. */
function withName({ text, toolName }: Source): string {
  return toolName === null ? text : `${wordsOfName(toolName).join(' ')}\n${text}`;
}

function isTelling({ isSupported, isWeak }: Claim): boolean {
  return !isSupported && !isWeak;
}

const QUOTES_MAX = 20;
const QUOTE_LENGTH_MAX = 120;

function quote({ text }: Answer, kind: ClaimKind, start: number, end: number): Unsupported {
  const whole = text.slice(start, end);
  return { kind, text: whole.length > QUOTE_LENGTH_MAX ? `${whole.slice(0, QUOTE_LENGTH_MAX)}…` : whole, start, end };
}

function quoteClaims({ answer, claims, comparison }: Measured): Unsupported[] {
  if (comparison.isCut) return [];
  return claims
    .filter(isTelling)
    .slice(0, QUOTES_MAX)
    .map(({ kind, start, end }) => quote(answer, kind, start, end));
}

/** From this share of words without support on, a sentence is quoted as a whole. */
const SENTENCE_SHARE = 0.6;
const SENTENCE_CONTENT_MIN = 4;

function quoteSentences({ answer, sentences, stances: { isUnstated } }: Measured): Unsupported[] {
  return placesOfSentences(answer).flatMap(({ sentence, start, end }) => {
    const { content = 0, unsupported = 0 } = sentences[sentence] ?? {};
    if (isUnstated[sentence] === 1 || content < SENTENCE_CONTENT_MIN) return [];
    return unsupported >= content * SENTENCE_SHARE ? [quote(answer, 'SENTENCE', start, end)] : [];
  });
}
