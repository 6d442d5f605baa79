import { readFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endContradiction, keepContradiction } from '../../src/ledger/contradiction.js';
import { CHROMIUM, NEEDS_CHROMIUM, openBrowser, openScreen, openWindow, show, type Visit } from '../support/browser.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import type { TestServer } from '../support/server.js';
import { until } from '../support/wait.js';
import { decisionOf, failingTrace, loopingDecision, recordAll } from '../support/watched-fleet.js';
import { importBill, openAlerts, startWatched } from '../support/watched-server.js';

const TRACE = '00000000000000000000000000004713';
const LIVE_MS_MAX = 2_000;

/** The times of a decision of then. */
function ago(ms: number): { startedAt: string; endedAt: string } {
  const endMs = Date.now() - ms;
  return { startedAt: new Date(endMs - 1_000).toISOString(), endedAt: new Date(endMs).toISOString() };
}

describe.skipIf(CHROMIUM === null)(`somebody who acts${NEEDS_CHROMIUM}`, () => {
  let database: TestDatabase;
  let server: TestServer;
  let browser: Browser;
  /** One window for all: each test begins on a screen of its own. */
  let visit: Visit;
  let page: Visit['page'];

  beforeAll(async () => {
    database = await createDatabase();
    server = await startWatched(database.url);
    browser = await openBrowser();
    await recordAll(server, [
      ...Array.from({ length: 12 }, () => decisionOf('support-eu')),
      ...failingTrace(TRACE),
      // Long enough ago for a rule that is tried on the past to have looked at it.
      ...Array.from({ length: 3 }, () => decisionOf('billing-eu', { ...ago(12 * 60_000), outcome: 'ERROR' })),
      loopingDecision('refunds-use'),
    ]);
    await importBill(server);
    await until(async () => (await openAlerts(server)).length === 3);
    visit = await openWindow(browser);
    page = visit.page;
    await openScreen(visit, server);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    await database?.drop();
  });

  it('takes an alert on with a comment, and adds another', async () => {
    await show(page, '/alerts');
    const inbox = page.getByRole('list', { name: 'Alerts, those that began last first' });
    await inbox.getByRole('listitem').filter({ hasText: 'fraud-eu' }).getByRole('link').click();
    const alert = page.getByRole('region', { name: 'alert' });
    await alert.getByRole('textbox', { name: 'Comment' }).fill('The vendor was told.');
    await alert.getByRole('button', { name: 'Acknowledge' }).click();
    const history = alert.getByRole('region', { name: 'What happened' });
    await history.getByText('Taken on').waitFor();
    await history.getByText('The vendor was told.').waitFor();
    await inbox.getByRole('listitem').filter({ hasText: 'taken on by' }).waitFor();
    await alert.getByRole('textbox', { name: 'Comment' }).fill('They answer by noon.');
    await alert.getByRole('button', { name: 'Comment' }).click();
    await history.getByText('They answer by noon.').waitFor();
    await page.getByRole('group', { name: 'State' }).getByRole('button', { name: 'Not taken on' }).click();
    await expect.poll(() => inbox.getByRole('listitem').count()).toBe(2);
    expect(visit.complaints).toEqual([]);
  });

  it('sees that somebody else took an alert on meanwhile', async () => {
    await page.route('**/graphql', async (route) => {
      const response = await route.fetch();
      if (route.request().postData()?.includes('query Alerts(')) {
        // The list was read; the page does not follow it yet.
        const [id] = await waiting();
        await server.graphql(`mutation { acknowledgeAlert(input: { id: "${id}" }) { __typename } }`);
      }
      await route.fulfill({ response });
    });
    await show(page, '/alerts?severity=CRITICAL');
    const inbox = page.getByRole('list', { name: 'Alerts, those that began last first' });
    await expect.poll(() => inbox.getByText('taken on by').count()).toBe(2);
    await page.unrouteAll({ behavior: 'ignoreErrors' });
  });

  async function waiting(): Promise<string[]> {
    const { data } = await server.graphql<{ alerts: { nodes: { id: string }[] } }>(
      '{ alerts(first: 20, filter: { states: [FIRING], isAcknowledged: false }) { nodes { id } } }',
    );
    return data.alerts.nodes.map(({ id }) => id);
  }

  it('silences an alert, told what that covers, and ends the silence', async () => {
    await show(page, '/alerts');
    const inbox = page.getByRole('list', { name: 'Alerts, those that began last first' });
    await inbox.getByRole('listitem').filter({ hasText: 'routing-eu' }).getByRole('link').click();
    await page.getByRole('region', { name: 'alert' }).getByRole('button', { name: 'Silence …' }).click();
    const dialog = page.getByRole('dialog', { name: 'Silence alerts' });
    await dialog.getByText('Covers 1 of 3 alerts').waitFor();
    await dialog.getByRole('textbox', { name: 'Pattern of agent' }).fill('*-eu');
    await dialog.getByText('Covers 3 of 3 alerts').waitFor();
    await dialog.getByRole('textbox', { name: 'Why' }).fill('The vendor is migrating');
    await dialog.getByRole('button', { name: 'Silence', exact: true }).click();
    await dialog.waitFor({ state: 'hidden' });
    await show(page, '/alerts/silences');
    const silence = page.getByRole('listitem').filter({ hasText: 'The vendor is migrating' });
    await silence.getByText('In force').waitFor();
    await silence.getByRole('button', { name: 'End it now' }).click();
    await silence.getByText('Over').waitFor();
    expect(visit.complaints).toEqual([]);
  });

  it('sees a new anomaly within two seconds', async () => {
    await show(page, '/anomalies');
    await page.getByText('Live', { exact: true }).waitFor();
    const feed = page.getByRole('list', { name: 'Anomalies, newest first' });
    // It keeps still while somebody points at it.
    await page.mouse.move(0, 0);
    await feed.getByRole('listitem').first().waitFor();
    await recordAll(server, [loopingDecision('kyc-eu')]);
    await feed.getByText('kyc-eu').waitFor({ timeout: LIVE_MS_MAX });
  });

  it('writes a rule, told where it is wrong and what it would have fired', async () => {
    await show(page, '/alerts/rules/');
    const condition = page.getByRole('textbox', { name: 'What is wrong' });
    await condition.fill('error_rate >> 10%');
    await page.getByRole('alert').filter({ hasText: 'at character 13' }).waitFor();
    expect(await condition.getAttribute('aria-invalid')).toBe('true');
    await condition.fill('error_rate > 10%');
    await page.getByText(/(Once|\d+ times), for/).waitFor();
    await page.getByRole('textbox', { name: 'Name' }).fill('Too many fail');
    await page.getByRole('button', { name: 'Put it in force' }).click();
    await page.getByRole('link', { name: 'Too many fail' }).waitFor();
    expect(visit.complaints).toEqual([]);
  });

  it('sees what is spent by model, against the budget and against the bill', async () => {
    await show(page, '/cost');
    await page.getByRole('combobox', { name: 'By agent' }).selectOption({ label: 'By model' });
    const parts = page.getByRole('region', { name: 'Cost by model' });
    await parts.getByRole('row').filter({ hasText: 'gpt-4o' }).waitFor();
    await page.getByText(/of \$5\.00/).waitFor();
    const bills = page.getByRole('region', { name: 'Ours against the bills' });
    await bills.getByRole('row').filter({ hasText: '$12.50' }).waitFor();
    await page.getByText(/billed and not seen/).waitFor();
    expect(visit.complaints).toEqual([]);
  });

  it('checks the ledger, and takes a bundle of it along', async () => {
    await show(page, '/ledger');
    await page.getByRole('button', { name: 'Verify now' }).click();
    await page.getByText('Intact').waitFor();
    await page.getByText('Checkpoint, keys, and how to check it elsewhere').click();
    await page
      .getByText(/^— midwatch\//m)
      .first()
      .waitFor();
    await page.getByRole('combobox', { name: 'Every kind' }).selectOption('ALERT');
    const entries = page.getByRole('list', { name: 'Entries, newest first' });
    await expect.poll(() => entries.getByText('Decision', { exact: true }).count()).toBe(0);
    await entries.getByRole('link').first().click();
    await page.getByText('Proven, in this browser').waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download the bundle' }).click(),
    ]);
    const lines = readFileSync(await download.path(), 'utf8')
      .trim()
      .split('\n');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ type: 'manifest', fleet: 'default', content: 'withheld' });
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ type: 'end' });
    expect(visit.complaints).toEqual([]);
  });

  it('sees why the ledger stands still, and what it owes', async () => {
    const told = { fleet: 'default', witness: 'w.example', at: new Date() };
    await keepContradiction(database.pool, { ...told, kind: 'AHEAD', witnessSize: 9_999, ownSize: 9, evidence: null });
    // The screen reads where the ledger stands when it is opened.
    const openAnew = async () => {
      await show(page, '/reports');
      await page.getByRole('button', { name: 'Ask for it' }).waitFor();
      await show(page, '/ledger');
    };
    try {
      await openAnew();
      await page.getByText('The witness w.example has cosigned 9,999 entries, this database has 9.').waitFor();
      const download = page.waitForEvent('download');
      await page.getByRole('link', { name: 'Download the bundle' }).click();
      await (await download).path();
      await openAnew();
      await page.getByText(/owed, the first since/).waitFor();
    } finally {
      await endContradiction(database.pool, told);
    }
    expect(visit.complaints).toEqual([]);
  });

  it('asks for a report, sees how far it is, and downloads it', async () => {
    await show(page, '/reports');
    await page.getByRole('button', { name: 'For an auditor' }).click();
    await page.getByRole('button', { name: 'Ask for it' }).click();
    const report = page.getByRole('list', { name: 'Reports, newest first' }).getByRole('listitem').first();
    await report.getByText('Done').waitFor({ timeout: 45_000 });
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      report.getByRole('link', { name: /^PDF/ }).click(),
    ]);
    expect(
      readFileSync(await download.path())
        .subarray(0, 5)
        .toString(),
    ).toBe('%PDF-');
    expect(visit.complaints).toEqual([]);
  });

  it('makes a key, sees it once, and revokes it', async () => {
    await show(page, '/settings');
    await page.getByRole('textbox', { name: 'What the key is for' }).fill('collector-eu');
    await page.getByRole('combobox', { name: 'Role of the key' }).selectOption('VIEWER');
    await page.getByRole('button', { name: 'Make a key' }).click();
    const key = /mw_\w+/.exec((await page.getByText(/^mw_\w+$/).textContent()) ?? '')?.[0] ?? '';
    const ask = () =>
      fetch(`${server.url}/agents`, { headers: { authorization: `Bearer ${key}`, 'x-fleet-id': 'default' } });
    expect((await ask()).status).toBe(200);
    await page.getByRole('button', { name: 'I have it' }).click();
    expect(await page.getByText(key).count()).toBe(0);
    const row = page.getByRole('row').filter({ hasText: 'collector-eu' });
    await row.getByRole('button', { name: 'Revoke collector-eu …' }).click();
    await row.getByRole('button', { name: 'Revoke: nobody gets in with it' }).click();
    await row.getByText('Revoked').waitFor();
    // Keys that were let in are remembered for a moment.
    await until(async () => (await ask()).status === 401);
    expect(visit.complaints).toEqual([]);
  });
});
