import type { StepContent } from '../../decision/row.js';
import type { GraphQLContext } from '../context.js';
import { OutcomeEnum, StepKindEnum } from '../enums.js';
import { type PlacedStep, StepRef, TokenUsageRef } from '../refs.js';

StepRef.implement({
  description: 'One element of a decision’s reasoning chain.',
  fields: (t) => ({
    index: t.exposeInt('index', { description: 'Its place in the chain, from 0.' }),
    kind: t.expose('kind', { type: StepKindEnum, description: 'What it is.' }),
    name: t.exposeString('name', { description: 'What it is called.' }),
    startedAt: t.expose('startedAt', { type: 'DateTime', description: 'When it began.' }),
    durationMs: t.exposeFloat('durationMs', { description: 'How long it took, in milliseconds.' }),
    model: t.exposeString('model', { nullable: true, description: 'The model it called.' }),
    tokens: t.field({
      type: TokenUsageRef,
      nullable: true,
      description: 'Tokens it used; null when none are known.',
      resolve: readTokens,
    }),
    costUsd: t.exposeFloat('costUsd', {
      nullable: true,
      description: 'What it cost in US dollars when it was recorded, as its digest commits to; null when unknown.',
    }),
    toolName: t.exposeString('toolName', { nullable: true, description: 'The tool it called.' }),
    outcome: t.expose('outcome', { type: OutcomeEnum, description: 'How it ended.' }),
    digest: t.exposeString('digest', {
      description:
        'The commitment to its content, hex SHA-256, salted: the entry of its decision has it in `steps`, or of a long chain the SHA-256 of those of all steps in `chain`.',
    }),
    erased: t.exposeBoolean('isErased', {
      description: 'True: its content and the salt of its digest were erased, so that nobody can tell what it was.',
    }),
    arguments: t.string({
      nullable: true,
      description: 'What the tool was given; null when that was not kept.',
      operations: ['content.read'],
      resolve: async (step, _args, context) => (await readContent(step, context))?.arguments ?? null,
    }),
    result: t.string({
      nullable: true,
      description: 'What the tool answered; null when that was not kept.',
      operations: ['content.read'],
      resolve: async (step, _args, context) => (await readContent(step, context))?.result ?? null,
    }),
    input: t.string({
      nullable: true,
      description: 'What went in; null when that was not kept.',
      operations: ['content.read'],
      resolve: async (step, _args, context) => (await readContent(step, context))?.input ?? null,
    }),
    output: t.string({
      nullable: true,
      description: 'What came out; null when that was not kept.',
      operations: ['content.read'],
      resolve: async (step, _args, context) => (await readContent(step, context))?.output ?? null,
    }),
    errorMessage: t.string({
      nullable: true,
      description: 'What the error said. It quotes what it failed on, so it counts as content.',
      operations: ['content.read'],
      resolve: async (step, _args, context) => (await readContent(step, context))?.errorMessage ?? null,
    }),
  }),
});

function readTokens({ inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, reasoningTokens }: PlacedStep) {
  if (inputTokens === null) return null;
  return {
    inputTokens,
    outputTokens: outputTokens ?? 0,
    cacheReadTokens: cacheReadTokens ?? 0,
    cacheWriteTokens: cacheWriteTokens ?? 0,
    reasoningTokens: reasoningTokens ?? 0,
  };
}

async function readContent(step: PlacedStep, { loaders }: GraphQLContext): Promise<StepContent | undefined> {
  const chain = await loaders.stepContents.load({ id: step.decisionId, sealedOn: step.sealedOn });
  return chain[step.place];
}
