import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type AssembledDecision, assembleTrace } from '../../../../src/decision/assembly/assemble.js';
import { readSpan } from '../../../../src/ingest/convention/read.js';
import { DEFAULT_DECODE_LIMITS } from '../../../../src/ingest/decode/limits.js';
import { decodeTracesProtobuf } from '../../../../src/ingest/decode/protobuf.js';
import { callers, chainOf } from '../../../support/assembled.js';

const VECTORS = resolve(import.meta.dirname, '../../../vectors/otlp');

/** The decisions of a request that holds one trace. */
function assembleRequest(file: string): AssembledDecision[] {
  const { spans } = decodeTracesProtobuf(readFileSync(resolve(VECTORS, file)), DEFAULT_DECODE_LIMITS);
  return assembleTrace(spans.map(readSpan));
}

describe('what real clients send', () => {
  it('of an OpenAI agent that hands over is a decision of each agent, the second called by the first', () => {
    const assembled = assembleRequest('openai-agents-handoff.bin');
    expect(callers(assembled)).toEqual(['Triage', 'Triage > Billing']);
    expect(assembled.map(chainOf)).toEqual([['MODEL_CALL response', 'HANDOFF Billing'], ['MODEL_CALL response']]);
    expect(assembled.map(({ decision }) => decision.tokens)).toMatchObject([
      { input: 131, output: 37 },
      { input: 142, output: 44, cacheRead: 64 },
    ]);
  });

  it('of Vercel through OpenInference counts the wrapper once and is named after its service', () => {
    const [only, ...others] = assembleRequest('openinference-vercel.bin');
    expect(others).toEqual([]);
    expect(only?.decision).toMatchObject({
      agent: 'oi-vercel-app',
      model: 'gpt-4o-mini-2024-07-18',
      tokens: { input: 131, output: 37, reasoning: 0 },
    });
    expect(only === undefined ? [] : chainOf(only)).toEqual(['MODEL_CALL ai.generateText.doGenerate']);
  });
});
