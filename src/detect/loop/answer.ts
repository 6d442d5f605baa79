/** What a call gave, as hashes: without the ids and times that make every answer new. */

import { excerptOf, hashText } from './hash.js';
import { withoutVolatile } from './volatile.js';

export interface Answered {
  isError: boolean;
  /** Equal for answers that differ in ids and times alone; null when the answer is not known. */
  key: number | null;
  /** Tells one kind of answer to different questions from another: of errors, what does not repeat the question. */
  kind: number | null;
  /** Work elsewhere is not over, and to ask again is all there is to do. */
  isPending: boolean;
  /** It has begun, too: whatever was asked for is being looked at, not asked for anew. */
  isRunning: boolean;
  /** How much equal answers to different questions say: nothing when it only confirms, much when it is long. */
  weight: 'NONE' | 'SHORT' | 'LONG';
}

export interface Given {
  result: string | null;
  errorMessage: string | null;
  isError: boolean;
}

const ERROR_OPENING = /^\s*(?:\{\s*"error"\s*:\s*[^nf\s]|["'[(]?(?:error|exception|traceback)\b)/i;
/** Begun and moving, or not begun yet: as a state, not as any word in a text. */
const RUNNING =
  /\b(?:status|state|phase|stage)["']?\s*[:=]\s*["']?(?:running|in[ _-]?progress)\b|\b(?:progress|percent\w*)["']?\s*[:=]\s*["']?\d|^\W*(?:running|in progress)\W*$|\bstill (?:running|working|in progress)\b/i;
const QUEUED =
  /\b(?:status|state|phase|stage)["']?\s*[:=]\s*["']?(?:pending|queued|processing|waiting|start(?:ed|ing)|submitted)\b|^\W*(?:pending|queued|processing|waiting)\W*$|\bnot (?:yet )?(?:ready|done|finished|complete)\b|\bstill (?:pending|queued|processing|waiting)\b/i;
const PENDING_LENGTH_MAX = 400;
const CONFIRMATION =
  /\b(?:ok|okay|done|success\w*|complete[ds]?|created|sent|updated|deleted|removed|added|saved|posted|written|booked|confirmed|true)\b/i;
const CONFIRMATION_LENGTH_MAX = 200;
const SHORT_LENGTH = 4;
const LONG_LENGTH = 80;
const WORD = /[\p{L}\p{N}_]+/gu;
const ERROR_WORDS_MAX = 64;

/** `vocabulary` is of the words of the question. */
export function readAnswer(given: Given, vocabulary: () => ReadonlySet<string>): Answered {
  const { result } = given;
  const isError = given.isError || (result !== null && ERROR_OPENING.test(result));
  const told = isError ? [given.errorMessage ?? '', result ?? ''].join('\n').trim() : result;
  if (told === null) return { isError, key: null, kind: null, isPending: false, isRunning: false, weight: 'NONE' };
  const text = excerptOf(told).trim();
  const key = hashText(withoutVolatile(text));
  const isShort = text.length <= PENDING_LENGTH_MAX;
  const isRunning = isShort && RUNNING.test(text);
  const isPending = isRunning || (isShort && QUEUED.test(text));
  if (isError)
    return { isError, key, kind: kindOfError(text, vocabulary()), isPending: false, isRunning: false, weight: 'NONE' };
  return { isError, key, kind: key, isPending, isRunning, weight: weightOf(text) };
}

function kindOfError(text: string, vocabulary: ReadonlySet<string>): number {
  const words = text.toLowerCase().match(WORD) ?? [];
  const own = words.slice(0, ERROR_WORDS_MAX).filter((word) => !/\d/.test(word) && !vocabulary.has(word));
  return hashText(own.join(' '));
}

function weightOf(text: string): Answered['weight'] {
  if (text.length <= CONFIRMATION_LENGTH_MAX && CONFIRMATION.test(text)) return 'NONE';
  if (text === 'null' || text === 'None' || text.length < SHORT_LENGTH) return 'NONE';
  return text.length < LONG_LENGTH ? 'SHORT' : 'LONG';
}
