import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/clock.js';
import { readConfig } from '../../../src/config.js';
import { createDelivery } from '../../../src/demo/delivery.js';
import { readOptions } from '../../../src/demo/options.js';
import { type Demo, progressOf, sendPast, sendPresent } from '../../../src/demo/run.js';
import type { SpanPlan } from '../../../src/demo/scenario/span-plan.js';
import { Tally } from '../../../src/demo/tally.js';
import { openTruthLog, type TruthLine } from '../../../src/demo/truth.js';

const HOUR_MS = 3_600_000;
const goOn = new AbortController().signal;

let folder = '';
beforeAll(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'demo-'));
});
afterAll(() => fs.rm(folder, { recursive: true }));

interface Sent {
  plan: SpanPlan;
  endMs: number;
  traceId: string;
}

function startDemo(...args: string[]): { demo: Demo; sent: Sent[] } {
  const config = readConfig({ MIDWATCH_DATA_DIR: folder });
  const options = readOptions(['--seed', '5', ...args], { config, nowMs: 0 });
  if (options === 'help') expect.fail('no help was asked for');
  const sent: Sent[] = [];
  const send = (plan: SpanPlan, endMs: number): string => {
    const traceId = `trace-${sent.length}`;
    sent.push({ plan, endMs, traceId });
    return traceId;
  };
  const delivery = createDelivery({
    url: options.url,
    headers: { authorization: 'Bearer key', 'x-fleet-id': 'north' },
  });
  const sender = { send, flush: async () => {}, close: async () => {} };
  const truth = openTruthLog(path.join(folder, `${args.join('')}.jsonl`));
  return { demo: { options, sender, delivery, truth, tally: new Tally(), clock: systemClock }, sent };
}

describe('the demo', () => {
  it('sends the past thinned, oldest first, and nothing from before it', async () => {
    const { demo, sent } = startDemo('--backfill', '2');
    const nowMs = Date.now();
    await sendPast(demo, goOn);
    const ends = sent.map(({ endMs }) => endMs);
    expect(ends).toEqual([...ends].sort((left, right) => left - right));
    expect(Math.min(...ends)).toBeGreaterThan(nowMs - 2 * HOUR_MS);
    expect(Math.max(...ends)).toBeLessThan(Date.now());
    expect(demo.tally.decisions / 720).toBeCloseTo(1, 0);
    await demo.truth.close();
  });

  it('sends no past when none is asked for', async () => {
    const { demo, sent } = startDemo('--backfill', '0');
    await sendPast(demo, goOn);
    expect(sent).toEqual([]);
    await demo.truth.close();
  });

  it('sends the present as it happens until its time is over, and logs each fault with its trace', async () => {
    const { demo, sent } = startDemo('--rate', '1000', '--duration', '1s');
    const startMs = Date.now();
    await sendPresent(demo, goOn);
    await demo.truth.close();
    expect(Date.now() - startMs).toBeGreaterThanOrEqual(990);
    for (const { endMs } of sent) expect(Math.abs(endMs - startMs - 500)).toBeLessThan(1_500);

    const text = await fs.readFile(path.join(folder, '--rate1000--duration1s.jsonl'), 'utf8');
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line): TruthLine => JSON.parse(line));
    expect(lines.slice(0, 2).map(({ kind }) => kind)).toEqual(['VERSION_DRIFT', 'LOAD_SKEW']);
    const ofTraces = lines.flatMap((line) => ('traceId' in line && line.traceId !== null ? [line.traceId] : []));
    expect(ofTraces.length).toBeGreaterThan(5);
    const traceIds = new Set(sent.map(({ traceId }) => traceId));
    for (const traceId of ofTraces) expect(traceIds.has(traceId)).toBe(true);
    const counted = [...progressOf(demo).faults.values()].reduce((sum, count) => sum + count, 0);
    expect(counted).toBe(lines.length);
  });

  it('stops at once when it is interrupted', async () => {
    const { demo } = startDemo('--rate', '1');
    const interruption = new AbortController();
    const running = sendPresent(demo, interruption.signal);
    interruption.abort();
    await running;
    expect(demo.tally.decisions).toBeLessThan(10);
    await demo.truth.close();
  });
});
