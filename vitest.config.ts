import { defineConfig } from 'vitest/config';

/** Without this, tests and libraries would each load a graphql of their own, and its types would not recognise each other. */
const alias = [{ find: /^graphql$/, replacement: 'graphql/index.js' }];

const project = (name: string, include: string[], timeoutMs: number) => ({
  test: { name, include, alias, testTimeout: timeoutMs, hookTimeout: timeoutMs },
});

export default defineConfig({
  test: {
    projects: [
      project('unit', ['test/unit/**/*.test.ts', 'test/property/**/*.test.ts'], 20_000),
      {
        test: {
          ...project('integration', ['test/integration/**/*.test.ts'], 30_000).test,
          globalSetup: ['test/support/postgres.ts'],
        },
      },
      {
        test: {
          ...project('e2e', ['test/e2e/**/*.test.ts'], 60_000).test,
          globalSetup: ['test/support/postgres.ts'],
        },
      },
    ],
  },
});
