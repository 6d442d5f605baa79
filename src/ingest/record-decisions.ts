import { dollarsFromNumber } from '../cost/dollars.js';
import type { PriceOf } from '../cost/rates.js';
import type { TokenUsage } from '../cost/token-usage.js';
import { NO_FIGURES } from '../decision/assembly/call-cost.js';
import { priceDecision } from '../decision/assembly/price.js';
import type { Decision, Outcome, RiskClass, Step, StepKind } from '../decision/decision.js';
import { NO_LABEL_VALUES } from '../decision/sampling/classify.js';
import { AppError } from '../errors.js';
import {
  COUNT_MAX,
  DURATION_MS_MAX,
  type Field,
  readAmount,
  readContent,
  readCount,
  readDurationMs,
  readName,
  readOptionalName,
  refuse,
} from './field.js';

/** Decisions in one batch at most. */
export const DECISIONS_MAX = 1_000;
const STEPS_MAX = 1_000;
const COST_USD_MAX = 1e9;

type Optional<Value> = Value | null | undefined;

export interface TokenUsageInput {
  input?: Optional<number>;
  output?: Optional<number>;
  cacheRead?: Optional<number>;
  cacheWrite?: Optional<number>;
  reasoning?: Optional<number>;
}

export interface StepInput {
  kind: StepKind;
  name: string;
  startedAt: Date;
  durationMs: number;
  model?: Optional<string>;
  tokens?: Optional<TokenUsageInput>;
  toolName?: Optional<string>;
  arguments?: Optional<string>;
  result?: Optional<string>;
  input?: Optional<string>;
  output?: Optional<string>;
  outcome?: Optional<Outcome>;
  errorMessage?: Optional<string>;
}

/** A decision as a caller of `recordDecisions` states it: types and enums are checked, values are not. */
export interface DecisionInput {
  id: string;
  agent: string;
  agentVersion?: Optional<string>;
  traceId?: Optional<string>;
  parentId?: Optional<string>;
  conversationId?: Optional<string>;
  userId?: Optional<string>;
  requestType?: Optional<string>;
  riskClass?: Optional<RiskClass>;
  customerSegment?: Optional<string>;
  region?: Optional<string>;
  environment?: Optional<string>;
  provider?: Optional<string>;
  model?: Optional<string>;
  startedAt: Date;
  endedAt: Date;
  queueMs?: Optional<number>;
  timeToFirstTokenMs?: Optional<number>;
  tokens?: Optional<TokenUsageInput>;
  costUsd?: Optional<number>;
  outcome?: Optional<Outcome>;
  errorType?: Optional<string>;
  errorMessage?: Optional<string>;
  input?: Optional<string>;
  output?: Optional<string>;
  hallucinationScore?: Optional<number>;
  steps?: Optional<readonly StepInput[]>;
}

export interface ReadDecisionsOptions {
  priceOf: PriceOf;
  /** Whether an id is kept for something else. */
  isReserved: (id: string) => boolean;
  /** The class of a decision that states none. */
  classify: (decision: Decision) => RiskClass;
}

/**
 * The decisions, priced and ready to be sealed. Throws VALIDATION_FAILED at the first value that is not valid, with its
 * path such as `decisions, 3, tokens, input`.
 */
export function readDecisions(inputs: readonly DecisionInput[], options: ReadDecisionsOptions): Decision[] {
  if (inputs.length > DECISIONS_MAX) {
    throw new AppError('VALIDATION_FAILED', `decisions holds ${inputs.length}; the most is ${DECISIONS_MAX}`, {
      path: ['decisions'],
    });
  }
  const ids = new Map<string, number>();
  return inputs.map((input, index) => {
    const field: Field<DecisionInput> = { of: input, path: ['decisions', index] };
    checkId(field, { index, ids, isReserved: options.isReserved });
    return readDecision(field, options);
  });
}

/** `<traceId>-<spanId>`: whoever took such an id would keep the decision of that span out of the ledger. */
const TELEMETRY_ID = /^[0-9a-f]{32}-[0-9a-f]{16}$/;

function checkId(
  field: Field<DecisionInput>,
  { index, ids, isReserved }: { index: number; ids: Map<string, number>; isReserved: (id: string) => boolean },
): void {
  const id = readName(field, 'id');
  if (isReserved(id)) throw refuse(field, 'id', 'begins with a prefix that is kept for other ids');
  if (TELEMETRY_ID.test(id)) throw refuse(field, 'id', 'is of the form that is kept for decisions made from spans');
  const earlier = ids.get(id);
  if (earlier !== undefined) throw refuse(field, 'id', `is that of decisions.${earlier} too`);
  ids.set(id, index);
}

function readDecision(field: Field<DecisionInput>, { priceOf, classify }: ReadDecisionsOptions): Decision {
  const { of: input } = field;
  checkLatency(field);
  const steps = readSteps(field);
  const tools = steps.filter(({ kind }) => kind === 'TOOL_CALL');
  const decision: Decision = {
    id: input.id,
    traceId: readOptionalName(field, 'traceId'),
    spanId: null,
    parentSpanId: null,
    parentId: readOptionalName(field, 'parentId'),
    agent: readName(field, 'agent'),
    agentVersion: readOptionalName(field, 'agentVersion'),
    fingerprint: null,
    requestType: readOptionalName(field, 'requestType'),
    riskClass: input.riskClass ?? 'ROUTINE',
    customerSegment: readOptionalName(field, 'customerSegment'),
    conversationId: readOptionalName(field, 'conversationId'),
    userId: readOptionalName(field, 'userId'),
    provider: readOptionalName(field, 'provider'),
    model: readOptionalName(field, 'model'),
    region: readOptionalName(field, 'region'),
    environment: readOptionalName(field, 'environment'),
    startedAtMs: input.startedAt.getTime(),
    endedAtMs: input.endedAt.getTime(),
    queueMs: readDurationMs(field, 'queueMs'),
    timeToFirstTokenMs: readDurationMs(field, 'timeToFirstTokenMs'),
    tokens: readTokens(field, input.tokens) ?? sumTokens(field, steps),
    costUsd: null,
    costSource: null,
    calls: [],
    outcome: input.outcome ?? 'SUCCESS',
    errorType: readOptionalName(field, 'errorType'),
    errorMessage: readContent(field, 'errorMessage'),
    hallucinationScore: readScore(field),
    groundingScore: null,
    toolCalls: tools.length,
    failedToolCalls: tools.filter(({ outcome }) => outcome === 'ERROR').length,
    complete: true,
    input: readContent(field, 'input'),
    output: readContent(field, 'output'),
    steps,
  };
  const priced = price(decision, readCost(field), priceOf);
  return input.riskClass ? priced : { ...priced, riskClass: classify(priced) };
}

function checkLatency(field: Field<DecisionInput>): void {
  const latencyMs = field.of.endedAt.getTime() - field.of.startedAt.getTime();
  if (latencyMs < 0) throw refuse(field, 'endedAt', 'is before startedAt');
  if (latencyMs > DURATION_MS_MAX) throw refuse(field, 'endedAt', `is more than ${DURATION_MS_MAX} ms after startedAt`);
}

function readSteps(field: Field<DecisionInput>): Step[] {
  const inputs = field.of.steps ?? [];
  if (inputs.length > STEPS_MAX) throw refuse(field, 'steps', `holds ${inputs.length}; the most is ${STEPS_MAX}`);
  const provider = readOptionalName(field, 'provider');
  return inputs.map((input, index) => {
    const step: Field<StepInput> = { of: input, path: [...field.path, 'steps', index] };
    return {
      kind: input.kind,
      name: readName(step, 'name'),
      startedAtMs: input.startedAt.getTime(),
      durationMs: readDurationMs(step, 'durationMs') ?? 0,
      provider,
      model: readOptionalName(step, 'model'),
      tokens: readTokens(step, input.tokens),
      costUsd: null,
      toolName: readOptionalName(step, 'toolName'),
      arguments: readContent(step, 'arguments'),
      result: readContent(step, 'result'),
      input: readContent(step, 'input'),
      output: readContent(step, 'output'),
      outcome: input.outcome ?? 'SUCCESS',
      errorMessage: readContent(step, 'errorMessage'),
      spanId: null,
    };
  });
}

function readTokens(field: Field<object>, input: Optional<TokenUsageInput>): TokenUsage | null {
  if (input === null || input === undefined) return null;
  const tokens: Field<TokenUsageInput> = { of: input, path: [...field.path, 'tokens'] };
  return {
    input: readCount(tokens, 'input'),
    output: readCount(tokens, 'output'),
    cacheRead: readCount(tokens, 'cacheRead'),
    cacheWrite: readCount(tokens, 'cacheWrite'),
    reasoning: readCount(tokens, 'reasoning'),
  };
}

function sumTokens(field: Field<DecisionInput>, steps: readonly Step[]): TokenUsage {
  const sum = (count: keyof TokenUsage) => {
    const total = steps.reduce((counted, { tokens }) => counted + (tokens?.[count] ?? 0), 0);
    if (total <= COUNT_MAX) return total;
    throw refuse(field, 'steps', `together use ${total} tokens (${count}); the most is ${COUNT_MAX}`);
  };
  return {
    input: sum('input'),
    output: sum('output'),
    cacheRead: sum('cacheRead'),
    cacheWrite: sum('cacheWrite'),
    reasoning: sum('reasoning'),
  };
}

function readScore(field: Field<DecisionInput>): number | null {
  return readAmount(field, 'hallucinationScore', 1);
}

function readCost(field: Field<DecisionInput>): string | null {
  const costUsd = readAmount(field, 'costUsd', COST_USD_MAX);
  return costUsd === null ? null : dollarsFromNumber(costUsd);
}

/**
 * The stated cost wins; else each step costs its tokens by its own model or the decision's, or the whole costs its own
 * tokens where no step has any.
 */
function price(decision: Decision, ownCostUsd: string | null, priceOf: PriceOf): Decision {
  const { provider, model, tokens, startedAtMs, steps } = decision;
  const isWhole = !steps.some((step) => step.tokens !== null);
  return priceDecision(
    {
      decision,
      spanIds: [],
      state: 'closed',
      isRiskClassStated: true,
      labels: NO_LABEL_VALUES,
      stepCosts: steps.map((step) => ({ ...NO_FIGURES, requestModel: step.model ?? model })),
      ownCostUsd,
      wrapperUsage: isWhole ? [{ ...NO_FIGURES, provider, model, tokens, atMs: startedAtMs }] : [],
    },
    priceOf,
  );
}
