import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { OtlpEncoding } from '../../src/ingest/decode/limits.js';

const CAPTURES = resolve(import.meta.dirname, '../../../shared/data/otlp');

/** Requests of real clients lie beside the repository; tests of them are skipped where they do not. */
export const hasCaptures = existsSync(CAPTURES);

export interface CapturedRequest {
  file: string;
  signal: 'traces' | 'logs' | 'metrics';
  encoding: OtlpEncoding;
  /** The body after decompression. */
  body: Buffer;
  /** Of a request of metrics: what it counts. */
  metrics: readonly CapturedMetric[];
}

export interface CapturedMetric {
  name: string;
  /** `type`: the kind of tokens; `sum` of a histogram, `value` of a counter. */
  series?: readonly { type?: string; model: string; sum?: number; value?: number }[];
}

export interface CaptureFolder {
  name: string;
  requests: CapturedRequest[];
  expected: { spansStored: number; logRecords: number; metricDataPoints: number };
}

export function readCaptures(): CaptureFolder[] {
  if (!hasCaptures) return [];
  const folders = readdirSync(CAPTURES, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders.map(({ name }) => readFolder(name));
}

function readFolder(name: string): CaptureFolder {
  const folder = join(CAPTURES, name);
  const metas = readdirSync(folder).filter((file) => file.endsWith('.meta.json'));
  const requests = metas.sort().map((meta): CapturedRequest => {
    const { file, signal, contentType, contentEncoding, expected } = JSON.parse(
      readFileSync(join(folder, meta), 'utf8'),
    );
    const sent = readFileSync(join(folder, file));
    const encoding = String(contentType).startsWith('application/json') ? 'json' : 'protobuf';
    const body = contentEncoding === 'gzip' ? gunzipSync(sent) : sent;
    return { file, signal, encoding, body, metrics: expected?.metrics ?? [] };
  });
  return { name, requests, expected: JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')).mustMatch };
}
