import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../clock.js';
import type { Delivery } from './delivery.js';
import type { DemoOptions } from './options.js';
import type { Progress } from './screen.js';
import type { Sender } from './sender.js';
import type { Tally } from './tally.js';
import { STANDING_FAULTS } from './traffic/incident.js';
import { rhythmAt } from './traffic/rhythm.js';
import { generateTraffic, type Request } from './traffic/traffic.js';
import type { TruthLog } from './truth.js';

const BACKFILL_DECISIONS_PER_S = 0.1;
/** Requests sent before the exporters get time to send them on. */
const BURST_REQUESTS_MAX = 200;

/** The demo while it runs: what it sends with, and what it has sent. */
export interface Demo {
  options: DemoOptions;
  sender: Sender;
  delivery: Delivery;
  truth: TruthLog;
  tally: Tally;
  clock: Clock;
}

export function progressOf({ delivery, truth, tally }: Demo): Progress {
  const { acceptedSpans, lostSpans, lastError } = delivery;
  return { decisions: tally.decisions, acceptedSpans, lostSpans, lastError, faults: truth.faults };
}

/** Sends ordinary traffic for the time before now, as fast as the server takes it. */
export async function sendPast(demo: Demo, signal: AbortSignal): Promise<void> {
  const { seed, backfillMs } = demo.options;
  const fromMs = demo.clock.now() - backfillMs;
  let sent = 0;
  for (const request of generateTraffic({ seed, decisionsPerS: BACKFILL_DECISIONS_PER_S, mood: 'ordinary' })) {
    if (request.elapsedS * 1_000 >= backfillMs || signal.aborted) break;
    sendRequest(demo, request, fromMs + request.elapsedS * 1_000);
    sent += 1;
    if (sent % BURST_REQUESTS_MAX === 0) await demo.sender.flush();
  }
  await demo.sender.flush();
}

/** Sends requests as they happen, each when it ends, until the duration is over or the signal fires. */
export async function sendPresent(demo: Demo, signal: AbortSignal): Promise<void> {
  const { clock, options, truth } = demo;
  const startMs = clock.now();
  const endMs = startMs + (options.durationMs ?? Number.POSITIVE_INFINITY);
  for (const fault of STANDING_FAULTS) truth.recordFault(fault, { traceId: null, atMs: startMs });
  const mood = options.hasFaults ? 'faulty' : 'ordinary';

  let dueMs = startMs;
  let previousS = 0;
  let burst = 0;
  for (const request of generateTraffic({ ...options, mood })) {
    dueMs += ((request.elapsedS - previousS) * 1_000) / rhythmAt(dueMs);
    previousS = request.elapsedS;
    burst += 1;
    const waitMs = Math.min(dueMs, endMs) - clock.now();
    if (waitMs > 0 || burst % BURST_REQUESTS_MAX === 0) await waitUnless(signal, Math.max(waitMs, 0));
    if (signal.aborted || dueMs >= endMs) return;
    sendRequest(demo, request, clock.now());
  }
}

function sendRequest(demo: Demo, { plan, faults, beginning }: Request, atMs: number): void {
  for (const fault of beginning) demo.truth.recordFault(fault, { traceId: null, atMs });
  const traceId = demo.sender.send(plan, atMs);
  for (const fault of faults) demo.truth.recordFault(fault, { traceId, atMs });
  demo.tally.add(plan, atMs);
}

async function waitUnless(signal: AbortSignal, ms: number): Promise<void> {
  try {
    await wait(ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
