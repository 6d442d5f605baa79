import type { Convention } from '../convention.js';
import { genaiKindOf } from '../genai.js';

/** The span the Anthropic SDK makes of each of its requests: GenAI names, HTTP attributes and `anthropic.*`. */
const SCOPE_PREFIX = 'com.anthropic.sdk';

export const anthropicSdk: Convention = {
  name: 'anthropic-sdk',
  kindOf: (wire) => (wire.scope.name.startsWith(SCOPE_PREFIX) ? genaiKindOf(wire) : null),
  aliases: { finishReasons: ['gen_ai.response.finish_reasons', 'anthropic.message.stop_reason'] },
};
