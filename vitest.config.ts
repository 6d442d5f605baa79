import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** Without this, tests and libraries would each load a graphql of their own, and its types would not recognise each other. */
const alias = [{ find: /^graphql$/, replacement: 'graphql/index.js' }];

const CORES = availableParallelism();

const project = (name: string, include: string[], timeoutMs: number) => ({
  name,
  include,
  alias,
  testTimeout: timeoutMs,
  // As long as `until` waits: a second is nothing on a machine that has other work.
  expect: { poll: { timeout: 15_000 } },
  hookTimeout: timeoutMs,
});

/**
 * Tests that wait a part of their time, for processes, PostgreSQL and timers, so that one file more than there are cores
 * keeps these busy. Those of several projects run together: where few of one are left, another fills the time.
 */
const together = {
  // Each file has a database and servers of its own; what modules keep is no business of theirs.
  isolate: false,
  maxWorkers: CORES + 1,
  sequence: { groupOrder: 1 },
};
const waiting = { ...together, globalSetup: ['test/support/postgres.ts'] };

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...project('unit', ['test/unit/**/*.test.ts'], 20_000),
          // Pure code has no state to keep apart, and loading it anew for every file costs as much as running the tests.
          isolate: false,
          maxWorkers: CORES,
        },
      },
      // Seconds for a file: thousands of cases each, the demo's traffic, benchmarks. They compute while others wait.
      { test: { ...project('property', ['test/property/**/*.test.ts'], 60_000), ...together } },
      {
        test: {
          ...project('integration', ['test/integration/**/*.test.ts', 'test/attack/**/*.test.ts'], 30_000),
          ...waiting,
        },
      },
      { test: { ...project('e2e', ['test/e2e/**/*.test.ts'], 60_000), ...waiting } },
      // After all others: what a person waits for cannot be told from what a busy machine makes them wait for.
      {
        test: { ...project('browser', ['test/browser/**/*.test.ts'], 60_000), ...waiting, sequence: { groupOrder: 2 } },
      },
    ],
  },
});
