/**
 * Whether the whole text is what the pattern says; `*` stands for any characters, none included, everything else for
 * itself. Never backtracks: the time grows with the text, whatever the pattern.
 */
export function matchesPattern(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  const end = text.length - last.length;
  let from = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, from);
    // The leftmost place of each part leaves the most room for those after it.
    if (found === -1 || found + part.length > end) return false;
    from = found + part.length;
  }
  return true;
}

/** Whether a list of patterns holds for a name: null holds for all, any other for a name that one of its patterns matches. */
export function holdsFor(patterns: readonly string[] | null, name: string | null): boolean {
  return patterns === null || (name !== null && patterns.some((pattern) => matchesPattern(pattern, name)));
}
