import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  CHROMIUM,
  DESKTOP,
  NEEDS_CHROMIUM,
  openBrowser,
  openScreen,
  openWindow,
  PHONE,
  show,
  WALL,
} from '../support/browser.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import type { TestServer } from '../support/server.js';
import { until } from '../support/wait.js';
import { decisionOf, failingTrace, loopingDecision, recordAll } from '../support/watched-fleet.js';
import { importBill, openAlerts, startWatched } from '../support/watched-server.js';

const TRACE = '00000000000000000000000000004712';
/** Markup, a bidirectional override, a zero width space and an escape, as an agent may write them. */
const HOSTILE = `<img src=x onerror="window.hacked=1"><script>window.hacked=1</script> \u202eevil\u200b\u001b[31m`;

const SCREENS = [
  ['overview', '/'],
  ['fleet', '/fleet'],
  ['map of calls', '/fleet?view=map'],
  ['load', '/fleet?view=load'],
  ['versions', '/fleet?view=versions'],
  ['agent', '/fleet/refunds-eu'],
  ['decisions', '/decisions'],
  ['decision', `/decisions/${TRACE}-fraud-eu`],
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
  let database: TestDatabase;
  let server: TestServer;
  let browser: Browser;

  beforeAll(async () => {
    database = await createDatabase();
    server = await startWatched(database.url);
    browser = await openBrowser();
    await recordAll(server, [
      ...Array.from({ length: 20 }, () => decisionOf('support-eu')),
      ...failingTrace(TRACE),
      loopingDecision('refunds-eu'),
    ]);
    await importBill(server);
    await until(async () => (await openAlerts(server)).length > 0);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    await database?.drop();
  });

  const settled = async (page: Page) => {
    await page.getByRole('main').waitFor();
    await expect.poll(() => page.getByText('Loading', { exact: true }).count(), { timeout: 20_000 }).toBe(0);
  };

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

  it('shows what agents wrote as text, with what would not be seen named', async () => {
    const hostile = decisionOf(`agent ${HOSTILE}`.slice(0, 120), {
      input: HOSTILE,
      output: HOSTILE,
      requestType: HOSTILE.slice(0, 60),
      outcome: 'ERROR',
      errorType: '<b>type</b>',
      errorMessage: HOSTILE,
      steps: [
        {
          kind: 'TOOL_CALL',
          name: HOSTILE.slice(0, 60),
          toolName: HOSTILE.slice(0, 60),
          arguments: JSON.stringify({ [HOSTILE]: HOSTILE }),
          result: HOSTILE,
          startedAt: new Date(Date.now() - 1_000).toISOString(),
          durationMs: 10,
        },
      ],
    });
    await recordAll(server, [hostile]);
    const visit = await openWindow(browser);
    const { page } = visit;
    await openScreen(visit, server);
    for (const path of ['/', '/fleet', '/fleet?view=load', '/decisions', `/decisions/${hostile.id}`]) {
      await page.goto(server.url + path);
      await settled(page);
      await page.getByText('<img src=x', { exact: false }).first().waitFor();
      expect(await page.evaluate(() => 'hacked' in window)).toBe(false);
      expect(await page.locator('main img, main script').count()).toBe(0);
      const shown = await page.getByRole('main').innerText();
      expect(['\u202e', '\u200b', '\u001b'].filter((character) => shown.includes(character))).toEqual([]);
    }
    await page.getByText('U+202E').first().waitFor();
    expect(visit.complaints).toEqual([]);
    await visit.close();
  });

  it('can be gone through by keys alone', async () => {
    const visit = await openWindow(browser);
    const { page } = visit;
    await openScreen(visit, server);
    await settled(page);
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).getByText('Go to fleet').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor({ state: 'hidden' });
    // On a busy machine the second key may come too late to belong to the first.
    await until(async () => {
      await page.keyboard.type('gd');
      return page.url().endsWith('/decisions');
    });
    await page.getByRole('list', { name: 'Decisions, newest first' }).getByRole('listitem').first().waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    await page.keyboard.press('Enter');
    await page.getByRole('region', { name: 'What happened' }).waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').fill('sup eu');
    await page.getByRole('option', { name: /support-eu/ }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: /support-eu/ }).waitFor();
    expect(visit.complaints).toEqual([]);
    await visit.close();
  });

  it('asks little: the overview comes in three requests, and its script is small', async () => {
    const visit = await openWindow(browser);
    const { page } = visit;
    await openScreen(visit, server);
    await page.context().storageState();
    const asked: string[] = [];
    let scriptBytes = 0;
    page.on('request', (request) => {
      if (!request.url().includes('/assets/') && request.resourceType() === 'fetch') asked.push(request.url());
    });
    page.on('response', async (response) => {
      if (response.url().endsWith('.js')) scriptBytes += Number((await response.allHeaders())['content-length'] ?? 0);
    });
    await page.goto(server.url);
    await settled(page);
    await page.getByRole('heading', { name: 'Needs a person' }).waitFor();
    expect(asked.length).toBeLessThanOrEqual(3);
    expect(scriptBytes).toBeGreaterThan(10_000);
    expect(scriptBytes).toBeLessThan(200_000);
    await visit.close();
  });

  it('keeps content from roles that may not see it, and says so', async () => {
    const visit = await openWindow(browser);
    const { page } = visit;
    await openScreen(visit, server, { path: `/decisions/${TRACE}-fraud-eu`, roles: ['VIEWER'] });
    await page.getByText('not shown to your role').waitFor();
    await page.getByText('Intact, checked in this browser').waitFor();
    expect(await page.getByText('TX-9496052').count()).toBe(0);
    expect(visit.complaints).toEqual([]);
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
