import type { Browser, Response } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM, NEEDS_CHROMIUM, openScreen, openWindow } from '../support/browser.js';
import type { TestServer } from '../support/server.js';
import { FAILING_TRACE, type ShownFleet, settled, showFleet } from '../support/shown-fleet.js';
import { until } from '../support/wait.js';
import { decisionOf, recordAll } from '../support/watched-fleet.js';

/** Markup, a bidirectional override, a zero width space and an escape, as an agent may write them. */
const HOSTILE = `<img src=x onerror="window.hacked=1"><script>window.hacked=1</script> \u202eevil\u200b\u001b[31m`;

describe.skipIf(CHROMIUM === null)(`what is on the screens${NEEDS_CHROMIUM}`, () => {
  let fleet: ShownFleet;
  let server: TestServer;
  let browser: Browser;

  beforeAll(async () => {
    fleet = await showFleet();
    ({ server, browser } = fleet);
  });
  afterAll(() => fleet?.close());

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
    const scripts: Response[] = [];
    page.on('request', (request) => {
      if (!request.url().includes('/assets/') && request.resourceType() === 'fetch') asked.push(request.url());
    });
    page.on('response', (response) => {
      if (response.url().endsWith('.js')) scripts.push(response);
    });
    await page.goto(server.url);
    await settled(page);
    await page.getByRole('heading', { name: 'Needs a person' }).waitFor();
    expect(asked.length).toBeLessThanOrEqual(3);
    const sizes = await Promise.all(scripts.map(async (script) => Number(await script.headerValue('content-length'))));
    const scriptBytes = sizes.reduce((sum, size) => sum + size, 0);
    expect(scriptBytes).toBeGreaterThan(10_000);
    expect(scriptBytes).toBeLessThan(200_000);
    await visit.close();
  });

  it('keeps content from roles that may not see it, and says so', async () => {
    const visit = await openWindow(browser);
    const { page } = visit;
    await openScreen(visit, server, { path: `/decisions/${FAILING_TRACE}-fraud-eu`, roles: ['VIEWER'] });
    await page.getByText('not shown to your role').waitFor();
    await page.getByText('Intact, checked in this browser').waitFor();
    expect(await page.getByText('TX-9496052').count()).toBe(0);
    expect(visit.complaints).toEqual([]);
    await visit.close();
  });
});
