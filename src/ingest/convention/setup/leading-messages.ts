const SYSTEM_ROLE = /"(?:role|type)"\s*:\s*"(?:system|developer)"/;
/** Most messages begin with their role: the others need not be read to their end. */
const OTHER_ROLE = /^\{\s*"role"\s*:\s*"(?!system"|developer")/;
const OPENING_LENGTH = 64;
const LIST_OPENING = /^\s*\[/;
const WHITE_SPACE_OR_COMMA = /[\s,]*/y;

/**
 * The system messages that a JSON list of messages begins with, as JSON of a list; null when it begins with none. Reads no
 * further than the first other message: conversations are long, prompts stand first.
 */
export function leadingSystemMessages(messages: string): string | null {
  const start = LIST_OPENING.exec(messages)?.[0].length;
  if (start === undefined) return null;
  let end = start;
  for (let at = skipBetween(messages, start); messages[at] === '{'; at = skipBetween(messages, end)) {
    if (OTHER_ROLE.test(messages.slice(at, at + OPENING_LENGTH))) break;
    const close = endOfObject(messages, at);
    if (close === null || !SYSTEM_ROLE.test(messages.slice(at, close))) break;
    end = close;
  }
  return end === start ? null : `[${messages.slice(start, end)}]`;
}

function skipBetween(text: string, from: number): number {
  WHITE_SPACE_OR_COMMA.lastIndex = from;
  WHITE_SPACE_OR_COMMA.test(text);
  return WHITE_SPACE_OR_COMMA.lastIndex;
}

/** Where the object that opens at `from` has ended; null when it does not. */
function endOfObject(text: string, from: number): number | null {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') at = endOfString(text, at);
    else if (character === '{') depth += 1;
    else if (character === '}') depth -= 1;
    if (depth === 0) return at + 1;
  }
  return null;
}

/** The closing quote of the string that opens at `from`; the end of the text when it is cut off. */
function endOfString(text: string, from: number): number {
  for (let at = text.indexOf('"', from + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let escapes = 0;
    while (text[at - 1 - escapes] === '\\') escapes += 1;
    if (escapes % 2 === 0) return at;
  }
  return text.length;
}
