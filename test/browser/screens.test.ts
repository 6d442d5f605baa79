import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM, DESKTOP, NEEDS_CHROMIUM, openScreen, openWindow, PHONE, show, WALL } from '../support/browser.js';
import type { TestServer } from '../support/server.js';
import { FAILING_TRACE, type ShownFleet, settled, showFleet } from '../support/shown-fleet.js';
import { decisionOf } from '../support/watched-fleet.js';

const SCREENS = [
  ['overview', '/'],
  ['fleet', '/fleet'],
  ['map of calls', '/fleet?view=map'],
  ['load', '/fleet?view=load'],
  ['versions', '/fleet?view=versions'],
  ['agent', '/fleet/refunds-eu'],
  ['decisions', '/decisions'],
  ['decision', `/decisions/${FAILING_TRACE}-fraud-eu`],
  ['anomalies', '/anomalies'],
  ['anomaly', '/anomalies?anomaly=1'],
  ['alerts', '/alerts'],
  ['alert', '/alerts?alert=1'],
  ['rules', '/alerts/rules'],
  ['rule', '/alerts/rules/error_rate%20%3E%205%25'],
  ['rule that cannot be read', '/alerts/rules/?condition=error_rate%20%3E'],
  ['silences', '/alerts/silences'],
  ['cost', '/cost'],
  ['ledger', '/ledger'],
  ['entry', '/ledger?seq=1'],
  ['reports', '/reports'],
  ['settings', '/settings'],
  ['nothing', '/nowhere'],
  ['no such decision', '/decisions/none'],
] as const;

describe.skipIf(CHROMIUM === null)(`every screen${NEEDS_CHROMIUM}`, () => {
  let fleet: ShownFleet;
  let server: TestServer;
  let browser: Browser;

  beforeAll(async () => {
    fleet = await showFleet();
    ({ server, browser } = fleet);
  });
  afterAll(() => fleet?.close());

  it.each([
    ['a phone, dark', { viewport: PHONE, colorScheme: 'dark' }, true],
    ['a desktop, light', { viewport: DESKTOP, colorScheme: 'light' }, true],
    // Its colours are those of a desktop.
    ['a wall', { viewport: WALL }, false],
  ] as const)('is accessible and fits on %s', { timeout: 120_000 }, async (_what, window, hasOwnColors) => {
    const visit = await openWindow(browser, window);
    const { page } = visit;
    await openScreen(visit, server);
    const faults: string[] = [];
    for (const [name, path] of SCREENS) {
      await show(page, path);
      await settled(page);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      if (width > window.viewport.width) faults.push(`${name}: ${width} px wide`);
      for (const fault of await violations(page, hasOwnColors)) faults.push(`${name}: ${fault}`);
    }
    await page.getByRole('button', { name: 'Search and commands' }).click();
    await page.getByRole('combobox', { name: /Go to/ }).waitFor();
    for (const fault of await violations(page)) faults.push(`palette: ${fault}`);
    expect(faults).toEqual([]);
    expect(visit.complaints).toEqual([]);
    await visit.close();
  });

  it('is accessible before anybody signed in', async () => {
    const visit = await openWindow(browser);
    await visit.page.goto(server.url);
    await visit.page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await violations(visit.page)).toEqual([]);
    await visit.close();
  });

  it('of a fleet that sent nothing yet says how to, and becomes the overview with the first decision', async () => {
    await server.graphql('mutation { createFleet(input: { id: "new-fleet" }) { __typename } }');
    const visit = await openWindow(browser);
    const { page } = visit;
    await openScreen(visit, server, { path: '/?fleet=new-fleet' });
    await page.getByRole('heading', { name: /Nothing has been sent to new-fleet/ }).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Make a key' }).click();
    const environment = page.getByText(/OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer%20mw_/);
    await environment.waitFor();
    const text = (await environment.textContent()) ?? '';
    expect(text).toContain(`OTEL_EXPORTER_OTLP_ENDPOINT=${server.url}`);
    const key = /Bearer%20(mw_\w+)/.exec(text)?.[1] ?? '';
    const variables = { input: { decisions: [decisionOf('first-agent')] } };
    const query = 'mutation ($input: RecordDecisionsInput!) { recordDecisions(input: $input) { __typename } }';
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` };
    await fetch(`${server.url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
    await page.getByRole('heading', { name: 'Needs a person' }).waitFor();
    await page.getByRole('link', { name: 'first-agent' }).first().waitFor();
    expect(visit.complaints).toEqual([]);
    await visit.close();
  });
});

/** What axe finds against WCAG 2.2 AA, with where. */
async function violations(page: Page, withColors = true): Promise<string[]> {
  // What lies under bars that stand still would count as covered: the whole page is on the screen.
  const before = page.viewportSize() ?? DESKTOP;
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  if (height > before.height) await page.setViewportSize({ width: before.width, height });
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source);
  const found = await page.evaluate(async (enabled) => {
    const { axe: loaded } = window as unknown as { axe: typeof axe };
    const { violations } = await loaded.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
      rules: { 'color-contrast': { enabled } },
      resultTypes: ['violations'],
    });
    return violations.map(
      ({ id, nodes }) =>
        `${id} ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join(' | ')}`,
    );
  }, withColors);
  if (height > before.height) await page.setViewportSize(before);
  return found;
}
