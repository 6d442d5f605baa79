import { builder } from '../builder.js';
import { TokenUsageRef } from '../refs.js';

TokenUsageRef.implement({
  description:
    'Tokens used. `input` includes cache reads and writes, `output` includes reasoning, whatever the client’s convention.',
  fields: (t) => ({
    input: t.exposeInt('inputTokens', { description: 'Tokens read by the model, cached ones included.' }),
    output: t.exposeInt('outputTokens', { description: 'Tokens written by the model, reasoning included.' }),
    cacheRead: t.exposeInt('cacheReadTokens', { description: 'Input tokens that came from a cache.' }),
    cacheWrite: t.exposeInt('cacheWriteTokens', { description: 'Input tokens that were put into a cache.' }),
    reasoning: t.exposeInt('reasoningTokens', { description: 'Output tokens the model thought with.' }),
    total: t.int({
      description: 'Input and output together.',
      resolve: ({ inputTokens, outputTokens }) => inputTokens + outputTokens,
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
