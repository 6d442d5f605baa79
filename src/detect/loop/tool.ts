/** What a tool's name says of what calling it again means. */

/** Done twice, these are done twice: what matters is that they happened, not what they answer. */
const EFFECT_VERBS = new Set(
  `send create delete pay refund charge book order purchase buy transfer submit publish post email mail notify invite cancel
  reschedule withdraw deposit issue reply forward dispatch ship`.split(/\s+/),
);
/** An `order_history` is no order. */
const LOOKING_WORDS = new Set(
  `get list read search find fetch check view show describe query lookup look count status history details info track
  draft preview validate estimate quote`.split(/\s+/),
);
const PAUSE_VERBS = new Set(['wait', 'sleep', 'pause', 'delay']);
const NAME_LENGTH_MAX = 200;

export type ToolNature = 'EFFECT' | 'PAUSE' | 'OTHER';

export function natureOf(tool: string): ToolNature {
  const words = wordsOf(tool);
  if (words.some((word) => LOOKING_WORDS.has(word))) return 'OTHER';
  if (words.some((word) => EFFECT_VERBS.has(word))) return 'EFFECT';
  return words.some((word) => PAUSE_VERBS.has(word)) ? 'PAUSE' : 'OTHER';
}

function wordsOf(tool: string): string[] {
  return tool
    .slice(0, NAME_LENGTH_MAX)
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/);
}
