/** Cuts text into words, figures and addresses in one pass, in any script, with their places. */

export type TokenKind = 'WORD' | 'FIGURE' | 'ADDRESS';

/** What is told of each token; an offset instead of the text, which most readers of sources need not make. */
export type Visit = (kind: TokenKind, start: number, end: number, sentence: number) => void;

const [OTHER, LETTER, DIGIT, UNSPACED, END, NEWLINE] = [1, 2, 3, 4, 5, 6];
/** Class of each UTF-16 unit, found when it is first met. */
const classes = new Uint8Array(0x1_0000);
const UNSPACED_SCRIPT =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

function classify(unit: number): number {
  const character = String.fromCharCode(unit);
  if (character === '\n') return NEWLINE;
  if ('.!?。！？'.includes(character)) return END;
  if (/\p{Nd}/u.test(character)) return DIGIT;
  if (UNSPACED_SCRIPT.test(character)) return UNSPACED;
  return /[\p{L}\p{M}\p{N}]/u.test(character) ? LETTER : OTHER;
}

function classAt(text: string, at: number): number {
  if (at >= text.length) return 0;
  const unit = text.charCodeAt(at);
  const known = classes[unit] ?? 0;
  if (known !== 0) return known;
  const found = classify(unit);
  classes[unit] = found;
  return found;
}

const [POINT, COMMA, COLON, DASH, SLASH, APOSTROPHE, CURLY_APOSTROPHE, AT] = [46, 44, 58, 45, 47, 39, 0x20_19, 64];

/** Returns the number of sentences. Lines are sentences: lists and records end theirs without a full stop. */
export function scan(text: string, visit: Visit): number {
  let sentence = 0;
  let isEmpty = true;
  let at = 0;
  while (at < text.length) {
    const start = at;
    const found = classAt(text, at);
    if (found === LETTER || found === DIGIT) {
      at = found === LETTER ? wordEnd(text, at) : figureEnd(text, at);
      const end = addressEnd(text, start, at);
      visit(end > at ? 'ADDRESS' : found === LETTER ? 'WORD' : 'FIGURE', start, Math.max(end, at), sentence);
      at = Math.max(end, at);
      isEmpty = false;
    } else if (found === UNSPACED) {
      while (classAt(text, at) === UNSPACED) at += 1;
      visitPairs(start, at, (first, end) => visit('WORD', first, end, sentence));
      isEmpty = false;
    } else {
      at += 1;
      const isEnd = found === NEWLINE || (found === END && (at === text.length || isBreak(text, at)));
      if (isEnd && !isEmpty) {
        sentence += 1;
        isEmpty = true;
      }
    }
  }
  return isEmpty ? sentence : sentence + 1;
}

/** Scripts without spaces are read as overlapping pairs of characters, as search engines do. */
function visitPairs(start: number, end: number, visit: (first: number, end: number) => void): void {
  if (end - start <= 2) visit(start, end);
  else for (let first = start; first + 1 < end; first += 1) visit(first, first + 2);
}

function isBreak(text: string, at: number): boolean {
  const next = classAt(text, at);
  return next !== LETTER && next !== DIGIT;
}

function wordEnd(text: string, start: number): number {
  let at = start;
  for (;;) {
    const found = classAt(text, at);
    if (found === LETTER || found === DIGIT) at += 1;
    else if (isApostrophe(text.charCodeAt(at)) && classAt(text, at + 1) === LETTER) at += 2;
    else return at;
  }
}

function isApostrophe(unit: number): boolean {
  return unit === APOSTROPHE || unit === CURLY_APOSTROPHE;
}

/** Digits with single separators between them, and the letters of a unit or an identifier right behind. */
function figureEnd(text: string, start: number): number {
  let at = start;
  for (;;) {
    const found = classAt(text, at);
    if (found === DIGIT || found === LETTER) at += 1;
    else if (joinsDigits(text, start, at) && classAt(text, at + 1) === DIGIT) at += 2;
    else return at;
  }
}

function joinsDigits(text: string, start: number, at: number): boolean {
  const unit = text.charCodeAt(at);
  if (classAt(text, at - 1) !== DIGIT) return false;
  if (unit === POINT || unit === COMMA || unit === COLON) return true;
  // 2024-05-15 and 05/15/2024 are one figure; 10-11 and 3/4 are two.
  return (unit === DASH || unit === SLASH) && isDateBetween(text, start);
}

const DATE = /(?:\d{4}-\d\d?-\d\d?|\d\d?\/\d\d?\/\d{4})(?!\d)/y;

function isDateBetween(text: string, start: number): boolean {
  DATE.lastIndex = start;
  return DATE.test(text);
}

/** Longest address that is looked at; a longer one is cut into words. */
const ADDRESS_LENGTH_MAX = 500;
/** Before the at sign (RFC 5321, 4.5.3.1.1). */
const MAILBOX_LENGTH_MAX = 64;

/** Where an e-mail address or URL that begins at `start` ends; `start` when none does. */
function addressEnd(text: string, start: number, firstEnd: number): number {
  const next = text.charCodeAt(firstEnd);
  if (next === COLON && text.startsWith('://', firstEnd)) return runEnd(text, start);
  if (next === POINT && firstEnd - start === 3 && text.startsWith('www', start)) return runEnd(text, start);
  // An e-mail address: parts of its first half joined by points, dashes and plus signs, then an at sign.
  let at = firstEnd;
  while (at - start <= MAILBOX_LENGTH_MAX) {
    const unit = text.charCodeAt(at);
    if (unit === AT) return classAt(text, at + 1) >= LETTER ? runEnd(text, start) : start;
    const found = classAt(text, at);
    if (found !== LETTER && found !== DIGIT && !(isJoint(unit) && classAt(text, at + 1) >= LETTER)) return start;
    at += 1;
  }
  return start;
}

function isJoint(unit: number): boolean {
  return unit === POINT || unit === DASH || unit === 95 || unit === 43;
}

const ADDRESS_STOP = /[\s<>"'`()[\]{},;|\\]/;

function runEnd(text: string, start: number): number {
  let at = start;
  while (at < text.length && at - start < ADDRESS_LENGTH_MAX && !ADDRESS_STOP.test(text.charAt(at))) at += 1;
  while (at > start && /[.:!?*_]/.test(text.charAt(at - 1))) at -= 1;
  return at;
}

const ESCAPE = /\\(?:u([0-9a-f]{4})|x([0-9a-f]{2})|[nrt])/gi;

/** Line breaks and letters that were left escaped; offsets change, which nobody asks for in sources. */
export function withoutEscapes(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(ESCAPE, (_escape, long?: string, short?: string) => {
    const code = long ?? short;
    return code === undefined ? '\n' : String.fromCharCode(Number.parseInt(code, 16));
  });
}
