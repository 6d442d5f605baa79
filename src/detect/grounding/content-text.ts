/** The texts that content holds: prompts, answers, arguments and results are text, JSON, or JSON in strings of JSON. */

/** Content as it came, or as it was parsed already. */
export type Content = string | object;

/** Members that say what a message is, not what it says. */
const ENVELOPE_KEYS: ReadonlySet<string> = new Set(['id', 'role', 'type', 'finish_reason', 'finishReason', 'index']);

/**
 * Every text and number in the content, numbers written out; without what only addresses it. The last comes first: content
 * can be nested deeper than a call may be.
 */
export function textsIn(content: Content): string[] {
  const texts: string[] = [];
  const pending: unknown[] = [content];
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    if (typeof value === 'number') texts.push(String(value));
    else if (typeof value === 'string') {
      const structure = structureIn(value);
      if (structure === null) texts.push(value);
      else pending.push(structure);
    } else if (Array.isArray(value)) pending.push(...value.slice(0, MEMBERS_MAX));
    else if (typeof value === 'object' && value !== null) {
      for (const key of Object.keys(value)) {
        if (!ENVELOPE_KEYS.has(key)) pending.push(key, (value as Record<string, unknown>)[key]);
      }
    }
  }
  return texts;
}

/** Of one array: more at once would not fit a call. */
const MEMBERS_MAX = 50_000;

const STRUCTURE = /^\s*[[{]/;

function structureIn(text: string): object | null {
  if (!STRUCTURE.test(text)) return null;
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' ? parsed : null;
  } catch {
    // Text that only looks like JSON, or JSON that was cut off.
    return null;
  }
}
