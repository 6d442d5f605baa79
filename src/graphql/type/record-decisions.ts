import { judgeDecisions } from '../../decision/judge.js';
import { findRecorded } from '../../decision/record/standing.js';
import type { DecisionRow } from '../../decision/row.js';
import { NO_LABEL_VALUES } from '../../decision/sampling/classify.js';
import { findDecisions } from '../../decision/store.js';
import { DECISIONS_MAX, readDecisions } from '../../ingest/record-decisions.js';
import { builder } from '../builder.js';
import { OutcomeEnum, RiskClassEnum, StepKindEnum } from '../enums.js';
import { payloadUnion } from '../failure.js';
import { parseGlobalId } from '../global-id.js';
import { DecisionRef } from '../refs.js';
import { TokenUsageInput } from './token-usage.js';

const StepInput = builder.inputType('StepInput', {
  description: 'One element of the reasoning chain.',
  fields: (t) => ({
    kind: t.field({ type: StepKindEnum, required: true, description: 'What it is.' }),
    name: t.string({ required: true, description: 'What it is called, 1 to 200 characters.' }),
    startedAt: t.field({ type: 'DateTime', required: true, description: 'When it began.' }),
    durationMs: t.float({ required: true, description: 'How long it took, in milliseconds.' }),
    model: t.string({ description: 'The model it called.' }),
    tokens: t.field({ type: TokenUsageInput, description: 'Tokens it used.' }),
    toolName: t.string({ description: 'The tool it called.' }),
    arguments: t.string({ description: 'What the tool was given.' }),
    result: t.string({ description: 'What the tool answered.' }),
    input: t.string({ description: 'What went in.' }),
    output: t.string({ description: 'What came out.' }),
    outcome: t.field({ type: OutcomeEnum, description: 'How it ended; SUCCESS when left out.' }),
    errorMessage: t.string({ description: 'What the error said.' }),
  }),
});

const DecisionInput = builder.inputType('DecisionInput', {
  description: 'A complete decision. Texts are at most 1 MiB each, names and ids at most 200 characters.',
  fields: (t) => ({
    id: t.string({
      required: true,
      description:
        'Your own id, unique in the fleet: recording it again changes nothing. 1 to 200 characters, not of the form ' +
        '`<traceId>-<spanId>` in hex, which is kept for decisions made from spans.',
    }),
    agent: t.string({ required: true, description: 'The name of the agent that made it.' }),
    agentVersion: t.string({ description: 'The agent’s version.' }),
    traceId: t.string({ description: 'The trace it is part of.' }),
    parentId: t.string({ description: 'The id of the decision that invoked it.' }),
    conversationId: t.string({ description: 'The conversation it is part of.' }),
    userId: t.string({
      description: 'For whom: the user of the agent, who can be erased by it. Kept and erased with the content.',
    }),
    requestType: t.string({ description: 'What kind of request it answered.' }),
    riskClass: t.field({
      type: RiskClassEnum,
      description:
        'How much depends on it. When left out, the first rule of midwatch.yaml that holds says; ROUTINE when none does.',
    }),
    customerSegment: t.string({ description: 'Whom it was for.' }),
    region: t.string({ description: 'Where it was made.' }),
    environment: t.string({ description: 'Production, staging and the like.' }),
    provider: t.string({ description: 'The model’s provider.' }),
    model: t.string({ description: 'The model that answered.' }),
    startedAt: t.field({ type: 'DateTime', required: true, description: 'When the request came.' }),
    endedAt: t.field({
      type: 'DateTime',
      required: true,
      description: 'When the answer was complete; not before the start.',
    }),
    queueMs: t.float({ description: 'Waiting before work began, in milliseconds.' }),
    timeToFirstTokenMs: t.float({ description: 'From request to the first token of the answer, in milliseconds.' }),
    tokens: t.field({
      type: TokenUsageInput,
      description: 'Tokens it used; those of its steps together when left out.',
    }),
    costUsd: t.float({ description: 'What it cost in US dollars; computed from its tokens when left out.' }),
    outcome: t.field({ type: OutcomeEnum, description: 'How it ended; SUCCESS when left out.' }),
    errorType: t.string({ description: 'The class of its error, `error.type`.' }),
    errorMessage: t.string({ description: 'What the error said.' }),
    input: t.string({ description: 'What it was asked.' }),
    output: t.string({ description: 'What it answered.' }),
    hallucinationScore: t.float({ description: 'From 0, grounded, to 1, made up.' }),
    steps: t.field({ type: [StepInput], description: 'Its reasoning chain, in order, at most 1,000 steps.' }),
  }),
});

const RecordDecisionsInput = builder.inputType('RecordDecisionsInput', {
  description: 'The decisions to record. One that is not valid refuses them all.',
  fields: (t) => ({
    decisions: t.field({
      type: [DecisionInput],
      required: true,
      description: `At most ${DECISIONS_MAX}, each id once.`,
    }),
  }),
});

const RecordDecisionsSuccess = builder
  .objectRef<{ decisions: DecisionRow[]; duplicates: string[] }>('RecordDecisionsSuccess')
  .implement({
    description: 'Every decision is sealed.',
    fields: (t) => ({
      decisions: t.expose('decisions', {
        type: [DecisionRef],
        description:
          'The decisions in the order of the input, sealed; duplicates as they stand, without those past their retention.',
      }),
      duplicates: t.exposeStringList('duplicates', {
        description: 'The ids that had been recorded before; nothing of them was changed.',
      }),
    }),
  });

const RecordDecisionsPayload = payloadUnion('RecordDecisionsPayload', {
  description: 'What came of `recordDecisions`.',
  success: RecordDecisionsSuccess,
  failures: ['VALIDATION_FAILED', 'FORBIDDEN'],
});

builder.mutationField('recordDecisions', (t) =>
  t.field({
    type: RecordDecisionsPayload,
    description:
      'Records and seals complete decisions; answers once that is durable, so a retry is safe. ' +
      'Example: `recordDecisions(input: { decisions: […] }) { ... on RecordDecisionsSuccess { duplicates } }`.',
    operations: ['telemetry.send'],
    refusals: ['VALIDATION_FAILED', 'FORBIDDEN'],
    args: { input: t.arg({ type: RecordDecisionsInput, required: true, description: 'The decisions to record.' }) },
    resolve: async (_root, { input }, { fleet, services: { pool, recorder, priceOf, sampler, watcher } }) => {
      const isReserved = (id: string) => parseGlobalId(id).type !== 'Decision';
      const decisions = readDecisions(input.decisions, {
        priceOf,
        isReserved,
        classify: (decision) => sampler.classify(decision, NO_LABEL_VALUES),
      });
      if (decisions.length === 0) return { decisions: [], duplicates: [] };
      const ids = decisions.map(({ id }) => id);
      // Whoever judges decisions learns from them: from what a caller sends again, nothing.
      const known = await findRecorded(pool, fleet, ids);
      const news = decisions.filter(({ id }) => !known.has(id));
      const { duplicates: late } = await recorder.record(
        fleet,
        await judgeDecisions({ sampler, watcher }, fleet, news),
      );
      const duplicates = ids.filter((id) => known.has(id) || late.includes(id));
      const recorded = await findDecisions(pool, fleet, ids);
      return { decisions: ids.flatMap((id) => recorded.get(id) ?? []), duplicates };
    },
  }),
);
