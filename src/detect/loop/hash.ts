/** Fast hashes of texts, to tell them apart without keeping them: 53 bits, so that they are whole numbers in JSON. */

const FIRST_SEED = 0x9e3779b9;
const SECOND_SEED = 0x85ebca6b;
const FIRST_FACTOR = 0x01000193;
const SECOND_FACTOR = 0xc2b2ae35;
const HIGH_BITS = 2 ** 32;
const LOW_21_BITS = 0x1fffff;

/** From here on scripts have no blanks between words, by and large. */
const IDEOGRAPHS = 0x2e80;

/** Of what two texts of the same length could differ in unseen, a loop's answers hardly ever differ in that alone. */
const HEAD_LENGTH = 3_072;
const MIDDLE_LENGTH = 512;
const TAIL_LENGTH = 1_024;

/** FNV-1a beside a second mix of the same characters, neither of them proof against an adversary. */
export function hashText(text: string): number {
  let first = FIRST_SEED;
  let second = SECOND_SEED;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    first = Math.imul(first ^ unit, FIRST_FACTOR);
    second = Math.imul(second ^ unit ^ (second >>> 15), SECOND_FACTOR);
  }
  return join(first, second);
}

/** A text short enough to be read on the way: long ones by head, middle, tail and length. */
export function excerptOf(text: string): string {
  if (text.length <= HEAD_LENGTH + MIDDLE_LENGTH + TAIL_LENGTH) return text;
  const middle = text.length >> 1;
  const parts = [text.slice(0, HEAD_LENGTH), text.slice(middle, middle + MIDDLE_LENGTH), text.slice(-TAIL_LENGTH)];
  return `${parts.join('\n')}\n${text.length}`;
}

/**
 * Of the letters and digits alone, whatever their case and what is between them, with the number of words. Letters beyond ASCII
 * count as they are.
 */
export function hashWords(text: string, lengthMax: number): { hash: number; count: number } {
  const end = Math.min(text.length, lengthMax);
  let first = FIRST_SEED;
  let second = SECOND_SEED;
  let count = 0;
  let isWithin = false;
  for (let index = 0; index < end; index += 1) {
    let unit = text.charCodeAt(index);
    if (unit >= 65 && unit <= 90) unit += 32;
    const isOfWord = unit >= 128 || (unit >= 97 && unit <= 122) || (unit >= 48 && unit <= 57);
    if (isOfWord && (!isWithin || unit >= IDEOGRAPHS)) count += 1;
    if (isOfWord) {
      first = Math.imul(first ^ unit, FIRST_FACTOR);
      second = Math.imul(second ^ unit ^ (second >>> 15), SECOND_FACTOR);
    }
    isWithin = isOfWord;
  }
  return { hash: join(first, second), count };
}

function join(first: number, second: number): number {
  const mixed = second ^ (first >>> 13);
  return ((mixed ^ (mixed >>> 16)) & LOW_21_BITS) * HIGH_BITS + (first >>> 0);
}
