/**
 * Recording with figures, the compaction of what it writes included, against recording without: decisions of eight spans each,
 * read and assembled beforehand, in alternating rounds on two databases.
 */
import { gunzipSync } from 'node:zlib';
import { systemClock } from '../src/clock.js';
import { assembleTrace } from '../src/decision/assembly/assemble.js';
import { priceDecision } from '../src/decision/assembly/price.js';
import type { Span } from '../src/decision/assembly/span.js';
import type { Recordable } from '../src/decision/record/record.js';
import { Recorder } from '../src/decision/record/recorder.js';
import { readSpan } from '../src/ingest/convention/read.js';
import { DEFAULT_DECODE_LIMITS } from '../src/ingest/decode/limits.js';
import { decodeTracesProtobuf } from '../src/ingest/decode/protobuf.js';
import { compactRollups } from '../src/metric/compact.js';
import { type FigureWriter, SliceBook } from '../src/metric/write.js';
import { DEFAULT_SETTINGS } from '../src/settings/settings.js';
import { createDatabase, startPostgres, type TestDatabase } from '../test/support/postgres.js';
import { encodeRequest } from './fleet-traffic.js';
import { median, spread } from './rounds.js';

const BATCH = 500;
const BATCHES_PER_ROUND = 12;
const ROUNDS = 7;
const GOAL = 0.8;

const NO_FIGURES: FigureWriter = { write: async () => undefined, forget: () => undefined };

export async function run(): Promise<void> {
  const postgres = await startPostgres();
  const measured = await createDatabase(postgres.url);
  const plain = await createDatabase(postgres.url);
  try {
    const recorders = {
      measured: recorderOn(measured, new SliceBook(DEFAULT_SETTINGS.cardinality)),
      plain: recorderOn(plain, NO_FIGURES),
    };
    const times = { measured: [] as number[], plain: [] as number[] };
    for (let round = 0; round <= ROUNDS; round += 1) {
      const names = round % 2 === 0 ? (['measured', 'plain'] as const) : (['plain', 'measured'] as const);
      for (const name of names) {
        const batches = Array.from({ length: BATCHES_PER_ROUND }, drawBatch);
        const startMs = performance.now();
        for (const items of batches) await submit(recorders[name], items);
        if (name === 'measured') await compactRollups(measured.recorderPool);
        if (round > 0) times[name].push(performance.now() - startMs);
      }
    }
    report(times);
  } finally {
    await measured.drop();
    await plain.drop();
    await postgres.stop();
  }
}

function report(times: { measured: number[]; plain: number[] }): void {
  const rate = (ms: number[]) => Math.round((BATCH * BATCHES_PER_ROUND * 1_000) / median(ms));
  console.log(`rollup: ${BATCH} decisions a transaction, ${ROUNDS} rounds of ${BATCHES_PER_ROUND}`);
  console.log(`  with figures     ${rate(times.measured)} decisions/s, compacted`);
  console.log(`  without figures  ${rate(times.plain)} decisions/s`);
  console.log(`  ratio            ${spread(times.plain, times.measured)} (goal: at least ${GOAL})`);
}

function recorderOn({ recorderPool: pool }: TestDatabase, writer: FigureWriter): Recorder {
  return new Recorder({ pool, writer, announce: () => undefined, observe: () => undefined, clock: systemClock });
}

async function submit(recorder: Recorder, items: Recordable[]): Promise<void> {
  await recorder.submit({ fleet: 'default', items, links: [], superseded: [], sightings: [], doneJournalIds: [] });
}

function drawBatch(): Recordable[] {
  const { spans } = decodeTracesProtobuf(gunzipSync(encodeRequest(BATCH)), DEFAULT_DECODE_LIMITS);
  const traces = new Map<string, Span[]>();
  for (const span of spans.map((wire) => readSpan(wire))) {
    const members = traces.get(span.traceId) ?? [];
    members.push(span);
    traces.set(span.traceId, members);
  }
  return [...traces.values()].flatMap(assembleTrace).map((assembled) => ({
    decision: priceDecision(assembled, () => null),
    spanIds: assembled.spanIds,
    journalIds: [1],
    mode: 'seal',
    sampled: true,
    hasKin: false,
  }));
}
