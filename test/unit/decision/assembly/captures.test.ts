import { describe, expect, it } from 'vitest';
import { type AssembledDecision, assembleTrace } from '../../../../src/decision/assembly/assemble.js';
import type { Span } from '../../../../src/decision/assembly/span.js';
import type { Decision, Step } from '../../../../src/decision/decision.js';
import { readSpan } from '../../../../src/ingest/convention/read.js';
import { decodeTracesJson } from '../../../../src/ingest/decode/json.js';
import { DEFAULT_DECODE_LIMITS } from '../../../../src/ingest/decode/limits.js';
import { decodeTracesProtobuf } from '../../../../src/ingest/decode/protobuf.js';
import { type CaptureFolder, hasCaptures, readCaptures } from '../../../support/otlp-captures.js';

/** The facts of a folder that its `expected.json` states under `mustMatch`. */
interface Facts {
  llmCalls: number;
  embeddingCalls: number;
  failed: number;
  inputTokensInclCache: number;
  outputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  reasoningTokens: number;
  toolExecutions: { name: string; ok: boolean | null }[];
  agents: { name: string; parent?: string; version?: string }[];
  models: string[];
  rootCauses: { traceId: string; message: string | null }[];
}

const folders = readCaptures().map((folder) => ({ folder: folder.name, ...assembleFolder(folder) }));

function assembleFolder(folder: CaptureFolder): { facts: Facts; assembled: AssembledDecision[] } {
  const byTrace = new Map<string, Span[]>();
  for (const { signal, encoding, body } of folder.requests) {
    if (signal !== 'traces') continue;
    const decode = encoding === 'json' ? decodeTracesJson : decodeTracesProtobuf;
    for (const span of decode(body, DEFAULT_DECODE_LIMITS).spans.map(readSpan)) {
      byTrace.set(span.traceId, [...(byTrace.get(span.traceId) ?? []), span]);
    }
  }
  const facts: unknown = folder.expected;
  return { facts: facts as Facts, assembled: [...byTrace.values()].flatMap((spans) => assembleTrace(spans)) };
}

const decisionsOf = (assembled: AssembledDecision[]): Decision[] => assembled.map(({ decision }) => decision);

const stepsOf = (assembled: AssembledDecision[], kind: Step['kind']): Step[] =>
  decisionsOf(assembled).flatMap(({ steps }) => steps.filter((step) => step.kind === kind));

const sum = (counts: number[]): number => counts.reduce((total, count) => total + count, 0);

describe.skipIf(!hasCaptures)('captures of real clients (skipped: ../shared/data/otlp is absent)', () => {
  describe.each(folders)('$folder', ({ facts, assembled }) => {
    it('has each model call once', () => {
      const calls = stepsOf(assembled, 'MODEL_CALL');
      expect(calls).toHaveLength(facts.llmCalls + facts.embeddingCalls);
      expect(calls.filter((step) => step.outcome === 'ERROR')).toHaveLength(facts.failed);
    });

    it('has each token once', () => {
      const tokens = decisionsOf(assembled).map((decision) => decision.tokens);
      expect({
        inputTokensInclCache: sum(tokens.map((each) => each.input)),
        outputTokens: sum(tokens.map((each) => each.output)),
        cacheReadTokens: sum(tokens.map((each) => each.cacheRead)),
        cacheWriteTokens: sum(tokens.map((each) => each.cacheWrite)),
        reasoningTokens: sum(tokens.map((each) => each.reasoning)),
      }).toEqual({
        inputTokensInclCache: facts.inputTokensInclCache,
        outputTokens: facts.outputTokens,
        cacheReadTokens: facts.cacheReadTokens,
        cacheWriteTokens: facts.cacheWriteTokens,
        reasoningTokens: facts.reasoningTokens,
      });
    });

    it('has each tool execution with its outcome', () => {
      const executions = stepsOf(assembled, 'TOOL_CALL').map((step) => `${step.toolName} ${step.outcome}`);
      // Where the wire does not say how a tool ended, it counts as a success.
      const expected = facts.toolExecutions.map(({ name, ok }) => `${name} ${ok === false ? 'ERROR' : 'SUCCESS'}`);
      expect(executions.sort()).toEqual(expected.sort());
    });

    it('has a decision of each agent, with its version', () => {
      const decisions = decisionsOf(assembled);
      for (const { name, version } of facts.agents) {
        const agents = decisions.filter((decision) => decision.agent === name);
        expect(agents, name).not.toEqual([]);
        if (version !== undefined)
          expect(new Set(agents.map((decision) => decision.agentVersion))).toEqual(new Set([version]));
      }
    });

    it('has the models that answered', () => {
      const models = stepsOf(assembled, 'MODEL_CALL').map((step) => step.model);
      expect([...new Set(models)].sort()).toEqual([...facts.models].sort());
    });

    it('shows what went wrong first, in the step and in every decision that failed of it', () => {
      for (const { traceId, message } of facts.rootCauses) {
        const ofTrace = decisionsOf(assembled).filter((decision) => decision.traceId === traceId);
        const failed = ofTrace.filter((decision) => decision.outcome === 'ERROR');
        const messages = ofTrace.flatMap(({ steps }) => steps.map((step) => step.errorMessage));
        expect(messages).toContain(message);
        const recovered = ofTrace.every(({ failedToolCalls, outcome }) => outcome === 'SUCCESS' && failedToolCalls > 0);
        expect(recovered || failed.every((decision) => decision.errorMessage === message)).toBe(true);
      }
    });

    it('leaves nothing waiting', () => {
      expect(assembled.filter(({ state }) => state !== 'closed')).toEqual([]);
    });
  });

  it('links the decisions of three services in a row', () => {
    const chains = folders.filter(({ folder }) => folder.startsWith('spec-multi-agent'));
    expect(chains.length).toBeGreaterThan(0);
    for (const { assembled } of chains) {
      const decisions = decisionsOf(assembled);
      const agentOf = new Map(decisions.map((decision) => [decision.id, decision.agent]));
      const calls = decisions.map(({ agent, parentId }) => `${agentOf.get(parentId ?? '') ?? 'caller'} > ${agent}`);
      const once = ['BillingAgent > LedgerAgent', 'Orchestrator > BillingAgent', 'caller > Orchestrator'];
      expect(calls.sort()).toEqual(once.flatMap((call) => [call, call]));
    }
  });

  it('links a sub-agent that the model chose to the agent that asked', () => {
    const adk = folders.find(({ folder }) => folder === 'google-adk--json');
    const decisions = decisionsOf(adk?.assembled ?? []);
    const root = decisions.find((decision) => decision.agent === 'root_agent');
    expect(decisions.filter((decision) => decision.parentId === root?.id).map(({ agent }) => agent)).toEqual([
      'billing_agent',
    ]);
  });
});
