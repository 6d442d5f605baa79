import { sumKnownDollars } from '../../cost/dollars.js';
import { isStorableText } from '../../decision/filter.js';
import { findDecisionsOfTrace, TRACE_DECISIONS_MAX } from '../../decision/kin.js';
import type { DecisionRow } from '../../decision/row.js';
import { builder } from '../builder.js';
import type { GraphQLContext } from '../context.js';
import { OutcomeEnum } from '../enums.js';
import { DecisionRef, type TokenCounts, TokenUsageRef, TraceRef, type TraceValue } from '../refs.js';

TraceRef.implement({
  description: 'Every decision of one trace, as a call tree: begin at the roots and follow their children.',
  fields: (t) => ({
    traceId: t.exposeString('traceId', { description: 'Its id.' }),
    startedAt: t.field({
      type: 'DateTime',
      description: 'When its first decision started.',
      resolve: (trace) => new Date(firstStartMs(trace)),
    }),
    endedAt: t.field({
      type: 'DateTime',
      description: 'When its last decision ended.',
      resolve: (trace) => new Date(lastEndMs(trace)),
    }),
    latencyMs: t.float({
      description: 'From its first start to its last end, in milliseconds.',
      resolve: (trace) => lastEndMs(trace) - firstStartMs(trace),
    }),
    tokens: t.field({
      type: TokenUsageRef,
      description: 'Tokens used by all of its decisions.',
      resolve: ({ decisions }) => sumTokens(decisions),
    }),
    costUsd: t.float({
      nullable: true,
      description: 'What its decisions of known cost cost together, in US dollars; null when none is known.',
      resolve: ({ decisions }) => sumCosts(decisions),
    }),
    unpricedDecisions: t.int({
      description: 'How many of its decisions used tokens and have no known cost: what `costUsd` lacks.',
      resolve: ({ decisions }) => decisions.filter(isUnpriced).length,
    }),
    outcome: t.field({
      type: OutcomeEnum,
      description: 'ERROR when one of its roots failed: an error a caller coped with is none of the whole.',
      operations: ['decisions.read'],
      resolve: async (trace, _args, context) => {
        const roots = await findRoots(trace, {}, context);
        return roots.some(({ outcome }) => outcome === 'ERROR') ? 'ERROR' : 'SUCCESS';
      },
    }),
    roots: t.field({
      type: [DecisionRef],
      description: 'Its decisions that no other decision of it invoked, in order of start.',
      operations: ['decisions.read'],
      resolve: findRoots,
    }),
    decisions: t.field({
      type: [DecisionRef],
      description: `All of its decisions in order of start, the first ${TRACE_DECISIONS_MAX} at most.`,
      operations: ['decisions.read'],
      resolve: ({ decisions }) => decisions,
    }),
  }),
});

builder.queryField('trace', (t) =>
  t.field({
    type: TraceRef,
    nullable: true,
    description: 'Every decision of one trace. Example: `trace(traceId: "4bf9…") { roots { id children { id } } }`.',
    operations: ['decisions.read'],
    args: { traceId: t.arg.string({ required: true, description: 'The trace’s id.' }) },
    resolve: async (_root, { traceId }, { fleet, services: { pool, calendar } }) => {
      const decisions = isStorableText(traceId) ? await findDecisionsOfTrace({ pool, calendar, fleet }, traceId) : [];
      return decisions.length === 0 ? null : { traceId, decisions };
    },
  }),
);

async function findRoots(
  { decisions }: TraceValue,
  _args: object,
  { loaders }: GraphQLContext,
): Promise<DecisionRow[]> {
  const ids = new Set(decisions.map(({ id }) => id));
  const parents = await Promise.all(decisions.map((decision) => loaders.parent.load(decision)));
  return decisions.filter((_decision, index) => !ids.has(parents[index]?.id ?? ''));
}

function firstStartMs({ decisions }: TraceValue): number {
  return decisions.reduce((first, { startedAt }) => Math.min(first, startedAt.getTime()), Number.POSITIVE_INFINITY);
}

function lastEndMs({ decisions }: TraceValue): number {
  return decisions.reduce((last, { endedAt }) => Math.max(last, endedAt.getTime()), Number.NEGATIVE_INFINITY);
}

function sumTokens(decisions: readonly DecisionRow[]): TokenCounts {
  const sum = (column: keyof TokenCounts) => decisions.reduce((total, decision) => total + decision[column], 0);
  return {
    inputTokens: sum('inputTokens'),
    outputTokens: sum('outputTokens'),
    cacheReadTokens: sum('cacheReadTokens'),
    cacheWriteTokens: sum('cacheWriteTokens'),
    reasoningTokens: sum('reasoningTokens'),
  };
}

/** Added as exact decimals: only the sum becomes a float. */
function sumCosts(decisions: readonly DecisionRow[]): number | null {
  const sum = sumKnownDollars(decisions.map(({ costUsd }) => costUsd));
  return sum === null ? null : Number(sum);
}

function isUnpriced({ costUsd, inputTokens, outputTokens }: DecisionRow): boolean {
  return costUsd === null && inputTokens + outputTokens > 0;
}
