import type { Attributes } from '@opentelemetry/api';
import type { ModelProfile } from '../model.js';
import type { Random } from '../random.js';

interface CallSize {
  model: ModelProfile;
  /** The part of the input that is the same in every call: instructions and tool definitions. */
  fixedTokens: number;
  /** The rest of the input. */
  messageTokens: number;
  outputTokens: number;
  /** Whether the same conversation called this model before. */
  isRepeated: boolean;
}

/** Providers cache prompts in blocks of this many tokens. */
const CACHE_BLOCK_TOKENS = 128;
/** How often another conversation has left the fixed part in the provider's cache. */
const WARM_CACHE_SHARE = 0.5;

/** `gen_ai.usage.*` of one call: input includes what the cache gave, output includes reasoning. */
export function drawUsage(size: CallSize, random: Random): Attributes {
  const reasoning = size.model.isReasoning ? Math.round(random.lognormal(160, 0.5)) : 0;
  return {
    'gen_ai.usage.input_tokens': size.fixedTokens + size.messageTokens,
    'gen_ai.usage.output_tokens': size.outputTokens + reasoning,
    ...(size.model.isReasoning ? { 'gen_ai.usage.reasoning.output_tokens': reasoning } : {}),
    ...cacheUsage(size, random.chance(WARM_CACHE_SHARE)),
  };
}

function cacheUsage({ model, fixedTokens, isRepeated }: CallSize, isWarm: boolean): Attributes {
  if (model.cache === 'none') return {};
  const blocks = Math.floor(fixedTokens / CACHE_BLOCK_TOKENS) * CACHE_BLOCK_TOKENS;
  const read = isRepeated || isWarm ? blocks : 0;
  if (model.cache === 'automatic') return { 'gen_ai.usage.cache_read.input_tokens': read };
  return {
    'gen_ai.usage.cache_read.input_tokens': read,
    'gen_ai.usage.cache_creation.input_tokens': read === 0 ? blocks : 0,
  };
}

/** What one call used: input includes what was read from and written to a cache, output includes reasoning. */
export interface CallUsage {
  inputTokens: number;
  outputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
}

/** The inverse of `drawUsage`: nothing where nothing is said. */
export function readUsage(attributes: Attributes): CallUsage {
  const count = (key: string) => Number(attributes[`gen_ai.usage.${key}`] ?? 0);
  return {
    inputTokens: count('input_tokens'),
    outputTokens: count('output_tokens'),
    cacheReadTokens: count('cache_read.input_tokens'),
    cacheWriteTokens: count('cache_creation.input_tokens'),
  };
}
