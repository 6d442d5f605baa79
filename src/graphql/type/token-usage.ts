import { builder } from '../builder.js';
import { clampInt } from '../int.js';
import { TokenUsageRef } from '../refs.js';

TokenUsageRef.implement({
  description:
    'Tokens used. `input` includes cache reads and writes, `output` includes reasoning, whatever the client’s convention. ' +
    'A sum beyond 2147483647, the largest `Int`, is answered as that.',
  fields: (t) => ({
    input: t.int({
      description: 'Tokens read by the model, cached ones included.',
      resolve: ({ inputTokens }) => clampInt(inputTokens),
    }),
    output: t.int({
      description: 'Tokens written by the model, reasoning included.',
      resolve: ({ outputTokens }) => clampInt(outputTokens),
    }),
    cacheRead: t.int({
      description: 'Input tokens that came from a cache.',
      resolve: ({ cacheReadTokens }) => clampInt(cacheReadTokens),
    }),
    cacheWrite: t.int({
      description: 'Input tokens that were put into a cache.',
      resolve: ({ cacheWriteTokens }) => clampInt(cacheWriteTokens),
    }),
    reasoning: t.int({
      description: 'Output tokens the model thought with.',
      resolve: ({ reasoningTokens }) => clampInt(reasoningTokens),
    }),
    total: t.int({
      description: 'Input and output together.',
      resolve: ({ inputTokens, outputTokens }) => clampInt(inputTokens + outputTokens),
    }),
  }),
});

/** Tokens as a caller of `recordDecisions` states them. */
export const TokenUsageInput = builder.inputType('TokenUsageInput', {
  description: 'Tokens used; counts that are left out are 0.',
  fields: (t) => ({
    input: t.int({ description: 'Tokens read by the model, cached ones included.' }),
    output: t.int({ description: 'Tokens written by the model, reasoning included.' }),
    cacheRead: t.int({ description: 'Input tokens that came from a cache.' }),
    cacheWrite: t.int({ description: 'Input tokens that were put into a cache.' }),
    reasoning: t.int({ description: 'Output tokens the model thought with.' }),
  }),
});
