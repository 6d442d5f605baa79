import { describe, expect, it } from 'vitest';
import type { Span, SpanUsage } from '../../../src/decision/assembly/span.js';
import { readSpan } from '../../../src/ingest/convention/read.js';
import { decodeTracesJson } from '../../../src/ingest/decode/json.js';
import { DEFAULT_DECODE_LIMITS } from '../../../src/ingest/decode/limits.js';
import { decodeTracesProtobuf } from '../../../src/ingest/decode/protobuf.js';
import type { OtlpSpan } from '../../../src/ingest/telemetry.js';
import { type CaptureFolder, hasCaptures, readCaptures } from '../../support/otlp-captures.js';

const DECODERS = { json: decodeTracesJson, protobuf: decodeTracesProtobuf };

/** What `expected.json` says a folder holds. */
interface Facts {
  spansStored: number;
  inputTokensInclCache: number;
  outputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  reasoningTokens: number;
  errorSpans: number;
  services: string[];
  models: string[];
  conversations: string[];
  users: string[];
  customerSegments: string[];
  workflows: string[];
  toolExecutions: { name: string; ok: boolean | null }[];
  agents: { name: string; id?: string; version?: string }[];
  retrievals: { spanId?: string; documents: number }[];
}

function factsOf({ expected }: CaptureFolder): Facts {
  return expected as CaptureFolder['expected'] & Facts;
}

function tokensOf(facts: Facts): Record<string, number> {
  const { inputTokensInclCache, outputTokens, cacheReadTokens, cacheWriteTokens, reasoningTokens } = facts;
  return { inputTokensInclCache, outputTokens, cacheReadTokens, cacheWriteTokens, reasoningTokens };
}

function decodedOf({ requests }: CaptureFolder): OtlpSpan[] {
  return requests
    .filter(({ signal }) => signal === 'traces')
    .flatMap(({ encoding, body }) => DECODERS[encoding](body, DEFAULT_DECODE_LIMITS).spans);
}

const distinct = (values: (string | null)[]): string[] => [...new Set(values.filter((value) => value !== null))].sort();

const isCall = ({ kind }: Span): boolean => kind === 'model' || kind === 'embedding';

/** A tool failed if it says so or if, as with Claude Code, the execution beneath it does. */
function toolExecutions(spans: Span[]): string[] {
  const tools = spans.filter(({ kind }) => kind === 'tool');
  const isFailed = (tool: Span) =>
    [tool, ...spans.filter(({ parentSpanId, kind }) => parentSpanId === tool.spanId && kind === 'step')].some(
      ({ failure }) => failure !== null,
    );
  return tools.map((tool) => `${tool.toolName} ${isFailed(tool) ? 'failed' : 'ok'}`).sort();
}

describe.skipIf(!hasCaptures)('captured requests (skipped without ../shared/data/otlp)', () => {
  describe.each(readCaptures())('$name', (folder) => {
    const facts = factsOf(folder);
    const wire = decodedOf(folder);
    const spans = wire.map(readSpan);

    it('holds the models that answered, or were asked where none did', () => {
      const calls = spans.filter(isCall);
      expect(distinct(calls.map((span) => span.responseModel ?? span.requestModel))).toEqual(facts.models);
    });

    it('counts the tokens of every model call, cache included', () => {
      const outer = new Set(spans.filter(isCall).map(({ parentSpanId }) => parentSpanId));
      const calls = spans.filter((span) => isCall(span) && !outer.has(span.spanId));
      const sum = (kind: keyof SpanUsage) => calls.reduce((total, { usage }) => total + (usage?.[kind] ?? 0), 0);
      expect({
        inputTokensInclCache: sum('input'),
        outputTokens: sum('output'),
        cacheReadTokens: sum('cacheRead'),
        cacheWriteTokens: sum('cacheWrite'),
        reasoningTokens: sum('reasoning'),
      }).toMatchObject(tokensOf(facts));
    });

    it('names every tool and says which failed', () => {
      const expected = facts.toolExecutions.map(({ name, ok }) => `${name} ${ok === false ? 'failed' : 'ok'}`);
      expect(toolExecutions(spans)).toEqual(expected.sort());
    });

    it('finds conversations, users and customer segments', () => {
      expect(distinct(spans.map(({ conversationId }) => conversationId))).toEqual([...facts.conversations].sort());
      expect(distinct(spans.map(({ userId }) => userId))).toEqual([...facts.users].sort());
      expect(distinct(spans.map(({ customerSegment }) => customerSegment))).toEqual([...facts.customerSegments].sort());
    });

    it('counts the failed spans', () => {
      expect(spans.filter(({ failure }) => failure !== null)).toHaveLength(facts.errorSpans);
    });

    it('names agents and workflows', () => {
      const agents = spans.filter(({ kind }) => kind === 'agent');
      expect(distinct(agents.map(({ agentName }) => agentName))).toEqual(
        distinct(facts.agents.map(({ name }) => name)),
      );
      expect(distinct(agents.map(({ agentId }) => agentId))).toEqual(
        distinct(facts.agents.map(({ id }) => id ?? null)),
      );
      expect(distinct(spans.map(({ workflow }) => workflow))).toEqual([...facts.workflows].sort());
    });

    it('keeps the documents of every retrieval', () => {
      const retrieved = spans
        .filter(({ kind }) => kind === 'retrieval')
        .map(({ output }) => JSON.parse(output ?? '[]').length);
      expect(retrieved).toEqual(facts.retrievals.map(({ documents }) => documents));
    });

    it('reads every span', () => {
      expect(distinct(spans.map(({ service }) => service))).toEqual(facts.services);
      expect(spans).toHaveLength(facts.spansStored);
    });
  });
});
