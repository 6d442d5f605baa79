import type { Browser, Page } from 'playwright-core';
import { expect } from 'vitest';
import { openBrowser } from './browser.js';
import { createDatabase } from './postgres.js';
import type { TestServer } from './server.js';
import { until } from './wait.js';
import { decisionOf, failingTrace, loopingDecision, recordAll } from './watched-fleet.js';
import { importBill, openAlerts, startWatched } from './watched-server.js';

export const FAILING_TRACE = '00000000000000000000000000004712';

/** A fleet with something to see on every screen, and a browser to look at it with. */
export interface ShownFleet {
  server: TestServer;
  browser: Browser;
  close(): Promise<void>;
}

export async function showFleet(): Promise<ShownFleet> {
  const database = await createDatabase();
  const server = await startWatched(database.url);
  const browser = await openBrowser();
  await recordAll(server, [
    ...Array.from({ length: 20 }, () => decisionOf('support-eu')),
    ...failingTrace(FAILING_TRACE),
    loopingDecision('refunds-eu'),
  ]);
  await importBill(server);
  await until(async () => (await openAlerts(server)).length > 0);
  return {
    server,
    browser,
    close: async () => {
      await browser.close();
      await server.stop();
      await database.drop();
    },
  };
}

/** Waits until nothing on the page is being loaded. */
export async function settled(page: Page): Promise<void> {
  await page.getByRole('main').waitFor();
  await expect.poll(() => page.getByText('Loading', { exact: true }).count(), { timeout: 20_000 }).toBe(0);
}
