import type { Browser, WebSocket } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM, NEEDS_CHROMIUM, openBrowser, openScreen, openWindow } from '../support/browser.js';
import { answerWithRows, scrollThrough } from '../support/many-rows.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { startProxy } from '../support/proxy.js';
import { startServer, type TestServer } from '../support/server.js';
import { decisionOf, failingTrace, loopingDecision, recordAll } from '../support/watched-fleet.js';

describe.skipIf(CHROMIUM === null)(`somebody on watch${NEEDS_CHROMIUM}`, () => {
  let database: TestDatabase;
  let server: TestServer;
  let browser: Browser;

  beforeAll(async () => {
    database = await createDatabase();
    server = await startServer({ databaseUrl: database.url });
    browser = await openBrowser();
    await recordAll(server, [
      ...Array.from({ length: 30 }, () => decisionOf('support-eu', { region: 'eu-west-1' })),
      ...Array.from({ length: 5 }, () => decisionOf('support-use', { region: 'us-east-1' })),
      ...failingTrace('00000000000000000000000000004711'),
    ]);
    await recordAll(server, [loopingDecision('refunds-eu')]);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    await database?.drop();
  });

  it('is led in by the printed link, once, and nothing of it stays in the URL or the browser', async () => {
    const visit = await openWindow(browser);
    const { page } = visit;
    const link = /Dashboard\s+(\S+)/.exec(server.stdout())?.[1] ?? '';
    await page.goto(link);
    await page.getByRole('heading', { name: 'Needs a person' }).waitFor();
    expect(page.url()).toBe(`${server.url}/`);
    expect(await page.evaluate(() => JSON.stringify([localStorage, sessionStorage, document.cookie]))).toBe(
      '[{},{},""]',
    );
    await page
      .getByRole('button', { name: /^Account/ })
      .first()
      .click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.goto(link);
    await page.reload();
    await page.getByRole('alert').filter({ hasText: 'used or is too old' }).waitFor();
    expect(visit.complaints.filter((text) => !text.includes('401'))).toEqual([]);
    await visit.close();
  });

  it('is told what is wrong with a token that is none', async () => {
    const visit = await openWindow(browser);
    await visit.page.goto(`${server.url}/decisions`);
    await visit.page.getByLabel('Token or API key').fill('nonsense');
    await visit.page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await visit.page.getByRole('alert').filter({ hasText: 'not valid' }).waitFor();
    await visit.close();
  });

  it('sees the same slice on every screen, after a reload and on the way back', async () => {
    const visit = await openWindow(browser);
    const { page } = visit;
    await openScreen(visit, server);
    await page.getByRole('button', { name: 'Time: Last hour' }).click();
    await page.getByRole('button', { name: 'Last 6 hours' }).click();
    await page.getByRole('button', { name: 'Filter by' }).click();
    await page
      .getByRole('group', { name: 'Region' })
      .getByRole('button', { name: /us-east-1/ })
      .click();
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Decisions' }).first().click();
    const rows = page.getByRole('list', { name: 'Decisions, newest first' }).getByRole('listitem');
    await expect.poll(() => rows.count()).toBe(5);
    expect(page.url()).toBe(`${server.url}/decisions?last=6h&region=us-east-1`);
    await page.reload();
    await expect.poll(() => rows.count()).toBe(5);
    await page.goBack();
    await page.getByRole('heading', { name: 'Needs a person' }).waitFor();
    await page.getByRole('button', { name: 'Region us-east-1: remove' }).waitFor();
    expect(visit.complaints).toEqual([]);
    await visit.close();
  });

  it('follows an anomaly to the tool call that went wrong, and has its seal checked', async () => {
    const visit = await openWindow(browser);
    const { page } = visit;
    await openScreen(visit, server);
    const anomalies = page.getByRole('region', { name: 'Anomalies' });
    await anomalies.getByRole('link', { name: 'Loop' }).click();
    await page.getByRole('heading', { name: /refunds-eu/ }).waitFor();
    await page.getByRole('region', { name: 'What happened' }).getByText('A-4711').first().waitFor();
    await page.getByText('Intact, checked in this browser').waitFor();
    await page.getByText('The head of that tree is signed').waitFor();
    await page.goto(`${server.url}/decisions/00000000000000000000000000004711-routing-eu`);
    await page.getByRole('link', { name: /fraud-eu.*broke: timeout/ }).click();
    await page.getByRole('link', { name: /step 1, score_transaction/ }).click();
    await page.getByText('TX-9496052').waitFor();
    await page.getByText('score_transaction did not answer in time').first().waitFor();
    expect(visit.complaints).toEqual([]);
    await visit.close();
  });

  it.each([
    ['another text', (canonical: string) => canonical.replace('refunds-eu', 'refunds-xx')],
    ['another place', (canonical: string) => canonical.replace(/"seq":\d+/, '"seq":999')],
  ])('is shown that %s is not what was sealed', async (_what, tamper) => {
    const visit = await openWindow(browser);
    const { page } = visit;
    await openScreen(visit, server);
    await page.route('**/graphql', async (route) => {
      const response = await route.fetch();
      const body = await response.json();
      const entry = body.data?.decision?.ledgerEntry;
      if (entry) entry.canonical = tamper(entry.canonical);
      await route.fulfill({ response, json: body });
    });
    await page.goto(`${server.url}/decisions/00000000000000000000000000004711-refunds-eu`);
    await page.getByText('Not as it was sealed').waitFor();
    await page.getByText(/^computed [0-9a-f]{64}/).waitFor();
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await visit.close();
  });

  it('sees decisions and anomalies as they happen', async () => {
    const visit = await openWindow(browser);
    const { page } = visit;
    await openScreen(visit, server);
    await page.getByText('Live', { exact: true }).waitFor();
    await recordAll(server, [loopingDecision('kyc-eu')]);
    await page
      .getByRole('region', { name: 'Anomalies' })
      .getByText(/get_order/)
      .nth(1)
      .waitFor();
    const subscribed: string[] = [];
    page.on('websocket', (socket) => {
      socket.on('framesent', ({ payload }) => {
        if (String(payload).includes('"type":"subscribe"')) subscribed.push(String(payload));
      });
    });
    await page.goto(`${server.url}/decisions?outcome=ERROR`);
    const list = page.getByRole('list', { name: 'Decisions, newest first' });
    await list.getByRole('listitem').first().waitFor();
    await recordAll(server, [decisionOf('billing-eu', { outcome: 'ERROR', errorType: 'rate_limit' })]);
    await list.getByText('billing-eu', { exact: true }).waitFor();
    expect(subscribed).toHaveLength(1);
    expect(visit.complaints).toEqual([]);
    await visit.close();
  });

  it('misses nothing that comes between the first answer and the subscription', async () => {
    const visit = await openWindow(browser);
    const { page } = visit;
    await openScreen(visit, server);
    let late: string | null = null;
    await page.route('**/graphql', async (route) => {
      const response = await route.fetch();
      // The server has read, and knows of nothing; the page has not heard yet, and follows nothing.
      if (late !== null && route.request().postData()?.includes('resumeFrom')) {
        await recordAll(server, [loopingDecision(late)]);
        late = null;
      }
      await route.fulfill({ response });
    });
    for (const [path, agent, text] of [
      ['/decisions', 'late-decision', 'late-decision'],
      ['/anomalies', 'late-anomaly', 'late-anomaly'],
      ['/', 'late-overview', 'Loop'],
    ] as const) {
      late = agent;
      await page.goto(`${server.url}${path}?agent=${agent}`);
      const shown = page.getByRole('main').getByText(text, { exact: true });
      await shown.filter({ visible: true }).first().waitFor();
      expect(late).toBe(null);
    }
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    expect(visit.complaints).toEqual([]);
    await visit.close();
  });

  it('scrolls through 200,000 decisions, of which those alone exist that are seen', async () => {
    const visit = await openWindow(browser);
    const { page } = visit;
    await answerWithRows(page, 200_000);
    await openScreen(visit, server, { path: '/decisions' });
    await page.getByText('agent-0', { exact: true }).waitFor();
    const { rowsMax, blank } = await scrollThrough(page, { count: 200_000, stepPx: 400_000 });
    await page.getByText('agent-199999', { exact: true }).waitFor();
    expect(rowsMax).toBeLessThan(100);
    expect(blank).toBe(0);
    expect(visit.complaints).toEqual([]);
    await visit.close();
  });

  it('loses nothing when the connection breaks, and is told meanwhile how old things are', async () => {
    const link = await startProxy(server.url);
    const visit = await openWindow(browser);
    const { page } = visit;
    await openScreen(visit, server, { at: link.url.replace(/\/$/, ''), path: '/decisions?agent=watchful' });
    await page.getByText('No decision is like that').waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    await recordAll(server, [decisionOf('watchful')]);
    const rows = page.getByRole('list', { name: 'Decisions, newest first' }).getByRole('listitem');
    await expect.poll(() => rows.count()).toBe(1);
    await link.set('refused');
    await page.getByText('Reconnecting').waitFor();
    await page.getByText(/as of .* ago/).waitFor();
    await recordAll(
      server,
      Array.from({ length: 7 }, () => decisionOf('watchful')),
    );
    await link.set('open');
    await page.getByText('Live', { exact: true }).waitFor({ timeout: 30_000 });
    await expect.poll(() => rows.count()).toBe(8);
    await visit.close();
    await link.close();
  });

  it('says nothing of a connection on a screen that follows nothing', async () => {
    const visit = await openWindow(browser);
    const { page } = visit;
    const sockets: WebSocket[] = [];
    page.on('websocket', (socket) => sockets.push(socket));
    await openScreen(visit, server, { path: '/decisions' });
    await page.getByText('Live', { exact: true }).waitFor();
    const closed = sockets.at(-1)?.waitForEvent('close');
    await page.getByRole('link', { name: 'Reports', exact: true }).click();
    await page.getByRole('heading', { name: 'Reports', exact: true }).waitFor();
    await closed;
    await expect.poll(() => page.getByRole('status', { name: 'Connection' }).count()).toBe(0);
    await visit.close();
  });
});
