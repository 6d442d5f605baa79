/**
 * How well a text answers to what was typed: 0 not at all, else more for whole words, beginnings of words and letters in a
 * row. Every letter has to come, in order.
 */
export function matchScore(text: string, typed: string): number {
  const [haystack, needle] = [text.toLowerCase(), typed.trim().toLowerCase()];
  if (needle === '') return 1;
  const at = haystack.indexOf(needle);
  if (at !== -1) return 1_000 - at + (isWordStart(haystack, at) ? 500 : 0) - haystack.length / 100;
  let score = 1;
  let from = 0;
  let last = -2;
  for (const letter of needle.replaceAll(' ', '')) {
    const found = haystack.indexOf(letter, from);
    if (found === -1) return 0;
    score += found === last + 1 ? 8 : isWordStart(haystack, found) ? 6 : 1;
    [last, from] = [found, found + 1];
  }
  return score;
}

function isWordStart(text: string, at: number): boolean {
  return at === 0 || /[^a-z0-9]/.test(text.charAt(at - 1));
}
