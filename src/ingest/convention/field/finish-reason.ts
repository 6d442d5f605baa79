import type { AttributeValue } from '../../telemetry.js';
import { structureOf } from './attribute.js';

/** Why a model stopped, in OpenAI's words, from each provider's own. */
const REASONS = new Map<string, string>(
  Object.entries({
    stop: [
      'stop',
      'end_turn',
      'endturn',
      'stop_sequence',
      'stopsequence',
      'completed',
      'complete',
      'eos',
      'eos_token',
      'end',
      'finish_reason_stop',
    ],
    tool_calls: ['tool_calls', 'tool_call', 'tool_use', 'tool-calls', 'tool-use', 'tooluse', 'function_call'],
    length: ['length', 'max_tokens', 'max_output_tokens', 'maxtokens', 'model_length', 'finish_reason_max_tokens'],
    content_filter: [
      'content_filter',
      'content-filter',
      'content_filtered',
      'safety',
      'blocklist',
      'prohibited_content',
    ],
  }).flatMap(([reason, names]) => names.map((name): [string, string] => [name, reason])),
);

/**
 * Finish reasons, each once, in the order sent: from an array, a JSON array in a string, a list with commas or a single word.
 * Words without a common meaning stay as sent, in lower case.
 */
export function finishReasonsOf(sent: AttributeValue | undefined): string[] {
  const words = wordsOf(sent).map((word) => word.trim().toLowerCase());
  return [...new Set(words.filter((word) => word !== '').map((word) => REASONS.get(word) ?? word))];
}

function wordsOf(sent: AttributeValue | undefined): string[] {
  const list = structureOf(sent);
  if (Array.isArray(list)) return list.filter((word) => typeof word === 'string');
  return typeof sent === 'string' ? sent.split(',') : [];
}
