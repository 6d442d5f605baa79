/** The words of a model's answer, to hear when it says the same again and does nothing. */

import { hashWords } from './hash.js';

/** Labels, yes and no are said often by models that sort; to repeat oneself takes a sentence. */
const WORDS_MIN = 5;
const LENGTH_MAX = 4_096;
const JSON_LENGTH_MAX = 65_536;
/** Enough of the words to find them again in a prompt. */
const OPENING_LENGTH = 60;
/** What was said last stands at the end of the next prompt. */
const PROMPT_TAIL_LENGTH = 16_384;
const WORD = /[\p{L}\p{N}]+/gu;

export interface Said {
  hash: number;
  /** The first words, bare of punctuation. */
  opening: string;
}

/** Null when the model said nothing of its own: a call of a tool, data, a label. */
export function readWords(output: string): Said | null {
  const text = textOf(output);
  if (text === null) return null;
  const { hash, count } = hashWords(text, LENGTH_MAX);
  return count < WORDS_MIN ? null : { hash, opening: plainOf(text.slice(0, OPENING_LENGTH)) };
}

/** Whether a prompt goes on from what was said; a prompt that does not is another task, whose answer may be the same. */
export function followsUpon(prompt: string, { opening }: Pick<Said, 'opening'>): boolean {
  return plainOf(prompt.slice(-PROMPT_TAIL_LENGTH)).includes(opening);
}

/** In a prompt that is JSON, line ends are escaped. */
function plainOf(text: string): string {
  return (text.replaceAll('\\n', ' ').toLowerCase().match(WORD) ?? []).join(' ');
}

function textOf(output: string): string | null {
  const opening = output.trimStart()[0];
  if (opening !== '[' && opening !== '{') return output;
  if (output.length > JSON_LENGTH_MAX) return null;
  try {
    return textOfMessages(JSON.parse(output));
  } catch {
    // Not JSON after all, or cut off: nothing that could be told from data.
    return null;
  }
}

/** Of `[{ role, parts: [{ type: 'text', content }] }]` and `[{ role, content }]`; null for anything else. */
function textOfMessages(value: unknown): string | null {
  const messages = Array.isArray(value) ? value : [value];
  const texts: string[] = [];
  for (const message of messages) {
    if (typeof message !== 'object' || message === null) return null;
    const { role, parts, content, tool_calls: toolCalls } = message as Record<string, unknown>;
    if (role === undefined || (Array.isArray(toolCalls) && toolCalls.length > 0)) return null;
    for (const part of Array.isArray(parts) ? parts : [content]) {
      const text = textOfPart(part);
      if (text === null) return null;
      texts.push(text);
    }
  }
  return texts.join('\n');
}

function textOfPart(part: unknown): string | null {
  if (typeof part === 'string') return part;
  if (typeof part !== 'object' || part === null) return null;
  const { type, content, text } = part as Record<string, unknown>;
  if (type === 'reasoning') return '';
  if (type !== undefined && type !== 'text') return null;
  if (typeof content === 'string') return content;
  return typeof text === 'string' ? text : null;
}
