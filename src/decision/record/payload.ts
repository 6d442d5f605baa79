import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import type { TokenUsage } from '../../cost/token-usage.js';
import { type CanonicalValue, canonicalize, canonicalString, canonicalText } from '../../ledger/canonical.js';
import { commit, drawSalts, SALT_BYTES } from '../../ledger/commitment.js';
import type { Decision, Step } from '../decision.js';

type CanonicalObject = { [key: string]: CanonicalValue };

/** A decision with its commitments and its score, whoever it is from: what the ledger says of it, and the salts that open what it does not say. */
export interface CommittedDecision {
  decision: Decision;
  payload: CanonicalObject;
  /** Salt of the input's digest, then of the output's. */
  salt: Buffer;
  steps: { salt: Buffer; digest: string }[];
  /** Tells a repeated assembly of the same spans, which changes nothing, from one that found more. */
  revisionHash: Buffer;
}

/**
 * Steps of which an entry holds a digest each: with these and everything else it stays below the 65,535 bytes that an entry
 * bundle of C2SP tlog-tiles can hold.
 */
const STEP_DIGESTS_MAX = 512;

/**
 * Commits to a decision: each step, the input and the output by a salted digest, everything else in clear. Content
 * (prompts, answers, arguments, results, error texts, the user) is in no payload. Throws LEDGER_INTEGRITY on strings
 * JSON cannot hold.
 */
export function commitDecision(
  decision: Decision,
  { spanIds, sampled }: { spanIds: readonly string[]; sampled: boolean },
): CommittedDecision {
  const salts = drawSalts(decision.steps.length + 2);
  const saltAt = (index: number) => salts.subarray(index * SALT_BYTES, (index + 1) * SALT_BYTES);
  const steps = decision.steps.map((step, index) => {
    const salt = saltAt(index + 2);
    return { salt, digest: commit(salt, canonicalStep(step, index)) };
  });
  const facts = decisionFacts(decision);
  const hallucinationScore = decision.hallucinationScore ?? decision.groundingScore;
  const payload: CanonicalObject = {
    ...facts,
    hallucinationScore: decimal(hallucinationScore),
    input: decision.input === null ? null : commit(saltAt(0), canonicalInput(decision.input)),
    output: commit(saltAt(1), canonicalOutput(decision)),
    parentId: decision.parentId,
    sampled,
    ...(sampled && steps.length <= STEP_DIGESTS_MAX
      ? { steps: steps.map(({ digest }) => digest) }
      : { chain: commitChain(steps), stepCount: steps.length }),
  };
  return {
    decision: { ...decision, hallucinationScore },
    payload,
    salt: salts.subarray(0, 2 * SALT_BYTES),
    steps,
    revisionHash: revisionOf(facts, spanIds),
  };
}

/** One digest for the whole chain, where its steps are not kept or too many: of their digests' bytes, one after another. */
function commitChain(steps: readonly { digest: string }[]): string {
  return hash('sha256', Buffer.from(steps.map(({ digest }) => digest).join(''), 'hex'), 'hex');
}

/**
 * Identifies what a decision was made of: equal for the same spans and facts, however often they are assembled. The spans
 * stand for the content; the cost is left out, since it follows the price list, and so is the score that was judged here.
 */
export function revisionHashOf(decision: Decision, spanIds: readonly string[]): Buffer {
  return revisionOf(decisionFacts(decision), spanIds);
}

function revisionOf(facts: CanonicalObject, spanIds: readonly string[]): Buffer {
  return hash('sha256', JSON.stringify([{ ...facts, costUsd: null }, spanIds]), 'buffer');
}

/** All of a decision that is no content and does not depend on what else is known of the trace. */
function decisionFacts(decision: Decision): CanonicalObject {
  return {
    agent: decision.agent,
    agentVersion: decision.agentVersion,
    complete: decision.complete,
    conversationId: decision.conversationId,
    costUsd: decision.costUsd,
    customerSegment: decision.customerSegment,
    endedAt: timestamp(decision.endedAtMs),
    environment: decision.environment,
    errorType: decision.errorType,
    failedToolCalls: decision.failedToolCalls,
    fingerprint: decision.fingerprint,
    hallucinationScore: decimal(decision.hallucinationScore),
    latencyMs: decimal(decision.endedAtMs - decision.startedAtMs),
    model: decision.model,
    outcome: decision.outcome,
    parentSpanId: decision.parentSpanId,
    provider: decision.provider,
    queueMs: decimal(decision.queueMs),
    region: decision.region,
    requestType: decision.requestType,
    riskClass: decision.riskClass,
    spanId: decision.spanId,
    startedAt: timestamp(decision.startedAtMs),
    timeToFirstTokenMs: decimal(decision.timeToFirstTokenMs),
    tokens: tokenFacts(decision.tokens),
    toolCalls: decision.toolCalls,
    traceId: decision.traceId,
  };
}

/*
 * The canonical forms of content, which digests are made of. They are written out with their keys in the order JCS gives
 * them, since sorting keys for every step would cost more than all the hashing.
 */

/** JCS of everything a step shows, so that nothing shown can differ from what was committed to. */
export function canonicalStep(step: Step, index: number): string {
  return (
    `{"arguments":${canonicalText(step.arguments)},"costUsd":${canonicalText(step.costUsd)},` +
    `"durationMs":"${decimal(step.durationMs)}","errorMessage":${canonicalText(step.errorMessage)},"index":${index},` +
    `"input":${canonicalText(step.input)},"kind":"${step.kind}","model":${canonicalText(step.model)},` +
    `"name":${canonicalString(step.name)},"outcome":"${step.outcome}","output":${canonicalText(step.output)},` +
    `"provider":${canonicalText(step.provider)},"result":${canonicalText(step.result)},` +
    `"spanId":${canonicalText(step.spanId)},"startedAt":"${timestamp(step.startedAtMs)}",` +
    `"tokens":${step.tokens === null ? 'null' : canonicalize(tokenFacts(step.tokens))},` +
    `"toolName":${canonicalText(step.toolName)}}`
  );
}

export function canonicalInput(input: string): string {
  return `{"input":${canonicalString(input)}}`;
}

export function canonicalOutput({
  errorMessage,
  output,
  userId,
}: Pick<Decision, 'errorMessage' | 'output' | 'userId'>): string {
  return `{"errorMessage":${canonicalText(errorMessage)},"output":${canonicalText(output)},"userId":${canonicalText(userId)}}`;
}

function tokenFacts({ input, output, cacheRead, cacheWrite, reasoning }: TokenUsage): CanonicalObject {
  return { cacheRead, cacheWrite, input, output, reasoning };
}

/** RFC 3339 in UTC with milliseconds. */
export function timestamp(ms: number): string {
  return new Date(ms).toISOString();
}

/** From here on JavaScript writes numbers with an exponent. Whoever takes amounts in refuses such ones. */
const DECIMAL_BOUND = 1e21;

/** A decimal with at most six places, as text: the canonical form has no fractions. */
function decimal(value: number | null): string | null {
  if (value === null) return null;
  assert(Math.abs(value) < DECIMAL_BOUND, 'amounts are bounded where they come in');
  const text = value.toFixed(6).replace(/\.?0+$/, '');
  return text === '-0' ? '0' : text;
}
