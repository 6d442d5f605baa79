/**
 * Recording the demo's decisions with every detector that looks at decisions against recording them without: in alternating
 * rounds on two databases, what they learn saved after each round. As in the server, a batch is judged while the one before
 * it is committed.
 */
import { systemClock } from '../src/clock.js';
import type { Recordable } from '../src/decision/record/record.js';
import type { RecorderThread } from '../src/decision/record/recorder-thread.js';
import type { Watcher } from '../src/decision/watcher.js';
import { createLog } from '../src/log.js';
import { DEFAULT_SETTINGS } from '../src/settings/settings.js';
import { DecisionWatch } from '../src/watch/decision-watch.js';
import { Memory } from '../src/watch/memory.js';
import { type SeenRequest, seenTraffic } from '../test/support/demo-traffic.js';
import { createDatabase, startPostgres, type TestDatabase } from '../test/support/postgres.js';
import { NO_WATCH } from '../test/support/watcher.js';
import { median, spread } from './rounds.js';

const FLEET = 'default';
const BATCH = 500;
const BATCHES_PER_ROUND = 8;
const ROUNDS = 7;
const GOAL = 0.7;
/** Transactions that wait for their commit at a time. */
const IN_FLIGHT = 2;

interface Side {
  recorder: RecorderThread;
  watcher: Watcher;
  save: () => Promise<void>;
}

export async function run(): Promise<void> {
  const postgres = await startPostgres();
  const [watched, plain] = [await createDatabase(postgres.url), await createDatabase(postgres.url)];
  try {
    const memory = new Memory({ pool: watched.pool, log: createLog('silent') });
    const watcher = new DecisionWatch({
      memory,
      settings: () => DEFAULT_SETTINGS,
      clock: systemClock,
      log: createLog('silent'),
    });
    const sides: Record<'watched' | 'plain', Side> = {
      watched: { recorder: await recorderOn(watched), watcher, save: () => memory.save() },
      plain: { recorder: await recorderOn(plain), watcher: NO_WATCH, save: async () => undefined },
    };
    await watcher.prepare(FLEET);
    const times = { watched: [] as number[], plain: [] as number[] };
    let judgingMs = 0;
    const traffic = seenTraffic({ seed: 11, decisionsPerS: 5, mood: 'faulty', startMs: Date.now() });
    for (let round = 0; round <= ROUNDS; round += 1) {
      const batches = Array.from({ length: BATCHES_PER_ROUND }, () => draw(traffic));
      for (const name of round % 2 === 0 ? (['watched', 'plain'] as const) : (['plain', 'watched'] as const)) {
        const startMs = performance.now();
        const committing: Promise<unknown>[] = [];
        for (const batch of batches) {
          const { submit, judgedMs } = judge(sides[name], batch);
          judgingMs += judgedMs;
          await committing.at(-IN_FLIGHT);
          committing.push(submit());
        }
        await Promise.all(committing);
        await sides[name].save();
        if (round > 0) times[name].push(performance.now() - startMs);
      }
    }
    report(times, judgingMs / ((ROUNDS + 1) * BATCHES_PER_ROUND * BATCH));
    await sides.watched.recorder.close();
    await sides.plain.recorder.close();
  } finally {
    await watched.drop();
    await plain.drop();
    await postgres.stop();
  }
}

function report(times: { watched: number[]; plain: number[] }, judgingMs: number): void {
  const rate = (ms: number[]) => Math.round((BATCH * BATCHES_PER_ROUND * 1_000) / median(ms));
  console.log(`detect: ${BATCH} requests of the demo a transaction, ${ROUNDS} rounds of ${BATCHES_PER_ROUND}`);
  console.log(
    `  with all detectors  ${rate(times.watched)} requests/s, of each ${Math.round(judgingMs * 1_000)} µs judging`,
  );
  console.log(`  without detectors   ${rate(times.plain)} requests/s`);
  console.log(`  ratio               ${spread(times.plain, times.watched)} (goal: at least ${GOAL})`);
}

/** A thread runs what was built, not what is loaded here. */
const BUILT = new URL('../dist/decision/record/recorder-thread.js', import.meta.url).href;

async function recorderOn({ pool, url }: TestDatabase): Promise<RecorderThread> {
  const { rows } = await pool.query('SELECT epoch FROM installation');
  const built: typeof import('../src/decision/record/recorder-thread.js') = await import(BUILT);
  return new built.RecorderThread({
    url,
    role: null,
    epoch: rows[0].epoch,
    logLevel: 'silent',
    cardinality: DEFAULT_SETTINGS.cardinality,
    announce: () => undefined,
    observe: () => undefined,
  });
}

function draw(traffic: Generator<SeenRequest, never>): SeenRequest[] {
  return Array.from({ length: BATCH }, () => traffic.next().value);
}

function judge({ recorder, watcher }: Side, requests: readonly SeenRequest[]) {
  const startMs = performance.now();
  const judged = requests.map(({ decisions }) => {
    const fresh = decisions.map(({ decision }) => decision);
    return watcher.judge({ fleet: FLEET, fresh, amended: [], trace: fresh, isSettled: true });
  });
  const judgedMs = performance.now() - startMs;
  const items = requests.flatMap(({ decisions }, index) =>
    decisions.map(({ decision, assembled }): Recordable => {
      const groundingScore = judged[index]?.scores.get(decision.id) ?? null;
      const { spanIds } = assembled;
      return {
        decision: { ...decision, groundingScore },
        spanIds,
        journalIds: [1],
        mode: 'seal',
        sampled: true,
        hasKin: true,
      };
    }),
  );
  const sightings = judged.flatMap((each) => each.sightings);
  const batch = { fleet: FLEET, items, links: [], superseded: [], sightings, doneJournalIds: [] };
  return { judgedMs, submit: () => recorder.submit(batch) };
}
