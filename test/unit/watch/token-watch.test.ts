import { expect, it } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../src/time.js';
import { TokenWatch } from '../../../src/watch/token-watch.js';
import { makeDecision } from '../../support/decision.js';
import { newMemory } from '../../support/watcher.js';

const START_MS = Date.parse('2026-11-26T00:00:00Z');
const AGENTS = ['a', 'b', 'c', 'd', 'e'];

it('an hour in which many agents burn is said of two of them and then of the fleet', () => {
  const watch = new TokenWatch(newMemory());
  const use = (agent: string, atMs: number) =>
    watch.observe(
      'default',
      makeDecision({
        agent,
        startedAtMs: atMs - 500,
        endedAtMs: atMs,
        tokens: { ...makeDecision({}).tokens, input: 4_000 },
      }),
      { isLooping: false, nowMs: atMs },
    );
  for (let hour = 0; hour < 30; hour += 1) {
    for (const agent of AGENTS) expect(use(agent, START_MS + hour * HOUR_MS)).toEqual([]);
  }
  const surgeMs = START_MS + DAY_MS + 6 * HOUR_MS;
  const seen = Array.from({ length: 40 }, (_, index) =>
    AGENTS.flatMap((agent) => use(agent, surgeMs + index * MINUTE_MS)),
  );
  expect(seen.flat()).toMatchObject([
    { kind: 'TOKEN_BURN', agent: 'a' },
    { kind: 'TOKEN_BURN', agent: 'b' },
    { kind: 'TOKEN_BURN', agent: null, summary: expect.stringContaining('first of all') },
  ]);
});
