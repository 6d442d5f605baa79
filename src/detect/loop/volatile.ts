/** Ids and times, which are new in every answer that says the same. */

const VOLATILE_FIELD =
  /(?:^|_|-|[a-z](?=[IUG]))(?:ids?_?|Ids?|uuid|guid|etag|nonce|timestamp|ts|time|now|took|elapsed|duration|latency)(?:_?(?:ms|s|sec|seconds))?$|(?:created|updated|sent|requested|fetched|modified|generated)_?at$/i;
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const LONG_HEX = /^[0-9a-f]{16,}$/i;
const MOMENT = /^(?:\d{4}-\d\d-\d\dT)?\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?$/i;
const EPOCH = /^1\d{9}(?:\d{3}|\d{6}|\d{9})?(?:\.\d+)?$/;
const FIELD_NAME = /["']?[\w-]+["']?\s*[:=]/g;
/** An empty list says that there is none. */
const SAYS_SOMETHING = /[\p{L}\p{N}]|\[\s*\]|\{\s*\}/u;
const TOKEN_LENGTH_MAX = 64;
/** `12:30` is the shortest time. */
const SHAPE_LENGTH_MIN = 5;
/** With more than this left, something is. */
const BARE_LENGTH_MAX = 200;

const [QUOTE, APOSTROPHE, BACKSLASH, BLANK, COLON, EQUALS] = [34, 39, 92, 32, 58, 61];

/** The text without its ids and times; as it is where nothing but names of fields would be left, since ids were asked for. */
export function withoutVolatile(text: string): string {
  const kept: string[] = [];
  const known = new Map<string, boolean>();
  let keptTo = 0;
  let tokenStart = -1;
  let hasDigit = false;
  for (let index = 0; index <= text.length; index += 1) {
    const unit = index === text.length ? 0 : text.charCodeAt(index);
    if (isTokenUnit(unit)) {
      if (tokenStart < 0) tokenStart = index;
      if (isDigit(unit)) hasDigit = true;
      continue;
    }
    if (
      hasDigit &&
      (isVolatileValue(text, tokenStart, index) || isVolatileField(nameBefore(text, tokenStart), known))
    ) {
      kept.push(text.slice(keptTo, tokenStart));
      keptTo = index;
    }
    tokenStart = -1;
    hasDigit = false;
  }
  if (kept.length === 0) return text;
  const bare = kept.join('') + text.slice(keptTo);
  return bare.length > BARE_LENGTH_MAX || SAYS_SOMETHING.test(bare.replace(FIELD_NAME, '')) ? bare : text;
}

function isDigit(unit: number): boolean {
  return unit >= 48 && unit <= 57;
}

/** Letters and digits of ASCII, and what ids and times have between them: `+-.:_`. */
function isTokenUnit(unit: number): boolean {
  if (unit >= 97) return unit <= 122;
  if (unit >= 65) return unit <= 90 || unit === 95;
  return (unit >= 48 && unit <= COLON) || unit === 43 || unit === 45 || unit === 46;
}

function isWordUnit(unit: number): boolean {
  return isTokenUnit(unit) && unit !== COLON && unit !== 43 && unit !== 46;
}

function isVolatileValue(text: string, start: number, end: number): boolean {
  const length = end - start;
  if (length < SHAPE_LENGTH_MIN) return false;
  if (length > TOKEN_LENGTH_MAX) return LONG_HEX.test(text.slice(start, end));
  const token = text.slice(start, end).replace(/[.:]+$/, '');
  if (token.includes(':')) return MOMENT.test(token);
  return token.length >= 10 && (EPOCH.test(token) || UUID.test(token) || LONG_HEX.test(token));
}

function isVolatileField(name: string, known: Map<string, boolean>): boolean {
  if (name === '') return false;
  let isVolatile = known.get(name);
  if (isVolatile === undefined) {
    isVolatile = VOLATILE_FIELD.test(name);
    known.set(name, isVolatile);
  }
  return isVolatile;
}

/** Of `name: value`, `"name":"value"` and `name='value'`; empty where no name is. */
function nameBefore(text: string, start: number): string {
  const sign = skipBack(text, start) - 1;
  const unit = text.charCodeAt(sign);
  if (unit !== COLON && unit !== EQUALS) return '';
  const end = skipBack(text, sign);
  let begin = end;
  while (begin > 0 && end - begin < TOKEN_LENGTH_MAX && isWordUnit(text.charCodeAt(begin - 1))) begin -= 1;
  return text.slice(begin, end);
}

/** Back over blanks and quotes. */
function skipBack(text: string, from: number): number {
  let index = from;
  for (; index > 0; index -= 1) {
    const unit = text.charCodeAt(index - 1);
    if (unit !== BLANK && unit !== QUOTE && unit !== APOSTROPHE && unit !== BACKSLASH) break;
  }
  return index;
}
