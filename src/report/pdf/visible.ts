/** Control characters, format characters (bidirectional ones among them), private use and what is no character at all. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Cn}\p{Zl}\p{Zp}]/gu;

/** Whether text is what most is made of: printable ASCII, which every face can draw and of which nothing hides. */
export const isPlain = (text: string) => /^[ -~]*$/.test(text);

/**
 * Text of which nothing acts and nothing hides: what has no look of its own is shown by its code point, such as
 * ‹U+202E›. Line breaks and tabs become spaces unless `keepLines` holds.
 */
export function makeVisible(text: string, { keepLines = false } = {}): string {
  if (isPlain(text)) return text;
  const lined = text.replaceAll(/\r\n?|\u0085|\u2028|\u2029/g, '\n').replaceAll('\t', ' ');
  return (keepLines ? lined : lined.replaceAll('\n', ' ')).replaceAll(HIDDEN, (character) =>
    character === '\n' ? '\n' : codePointOf(character),
  );
}

/** `‹U+0007›`. */
export function codePointOf(character: string): string {
  const hex = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return `‹U+${hex}›`;
}
