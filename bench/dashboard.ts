import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { CHROMIUM, openBrowser, openScreen, openWindow } from '../test/support/browser.js';
import { answerWithRows, scrollThrough } from '../test/support/many-rows.js';
import { createDatabase, startPostgres } from '../test/support/postgres.js';
import { ROOT, startServer, type TestServer } from '../test/support/server.js';
import { decisionOf, recordAll } from '../test/support/watched-fleet.js';

const SCRIPT_BYTES_MAX = 200_000;
const INTERACTIVE_MS_MAX = 1_000;
const ON_SCREEN_MS_MAX = 100;
const EVENTS_PER_S = 50;
const LOADS = 5;
const ROWS = 200_000;

/**
 * How much a browser loads, how soon the overview can be used, how 200,000 rows scroll, how long an event takes from the
 * socket to the screen, and whether following 50 events a second makes memory grow. One argument: for how many seconds to follow, 60 if left out.
 */
export async function run([seconds = '60']: readonly string[]): Promise<void> {
  weigh();
  if (CHROMIUM === null) {
    console.log('dashboard: there is no Chromium here, so nothing else was measured');
    return;
  }
  const postgres = await startPostgres();
  const database = await createDatabase(postgres.url);
  const server = await startServer({ databaseUrl: database.url });
  const browser = await openBrowser();
  try {
    await recordAll(
      server,
      Array.from({ length: 500 }, (_, at) => decisionOf(`agent-${at % 30}`)),
    );
    await timeLoads(browser, server);
    await scrollRows(browser, server);
    await followEvents(browser, server, Number(seconds));
  } finally {
    await browser.close();
    await server.stop();
    await database.drop();
    await postgres.stop();
  }
}

function weigh(): void {
  const folder = path.join(ROOT, 'dist/dashboard');
  const sizeOf = (name: string) => statSync(path.join(folder, name)).size;
  const page = readFileSync(path.join(folder, 'index.html'), 'utf8');
  const files = [...page.matchAll(/(?:src|href)="\/(assets\/[^"]+\.(?:js|css))"/g)].map(([, name]) => name as string);
  const scripts = readdirSync(path.join(folder, 'assets')).filter((name) => name.endsWith('.js.br'));
  const all = scripts.reduce((sum, name) => sum + sizeOf(`assets/${name}`), 0);
  for (const name of files) console.log(`dashboard: first load ${name} ${kilobytes(sizeOf(`${name}.br`))} in Brotli`);
  console.log(
    `dashboard: every script of every screen ${kilobytes(all)} in Brotli, at most ${kilobytes(SCRIPT_BYTES_MAX)}`,
  );
}

async function timeLoads(browser: Browser, server: TestServer): Promise<void> {
  const times: number[] = [];
  for (let load = 0; load < LOADS; load++) {
    const visit = await openWindow(browser);
    await openScreen(visit, server);
    const cdp = await visit.page.context().newCDPSession(visit.page);
    await cdp.send('Network.setCacheDisabled', { cacheDisabled: true });
    const start = performance.now();
    await visit.page.goto(server.url, { waitUntil: 'commit' });
    await visit.page.getByRole('heading', { name: 'Needs a person' }).waitFor();
    times.push(performance.now() - start);
    await visit.close();
  }
  const median = times.sort((one, other) => one - other)[Math.floor(LOADS / 2)] ?? Number.NaN;
  console.log(
    `dashboard: overview with figures, nothing cached: median ${median.toFixed(0)} ms, at most ${INTERACTIVE_MS_MAX} ms`,
  );
}

async function scrollRows(browser: Browser, server: TestServer): Promise<void> {
  const visit = await openWindow(browser);
  await answerWithRows(visit.page, ROWS);
  await openScreen(visit, server, { path: '/decisions' });
  await visit.page.getByRole('listitem').first().waitFor();
  const { rowsMax, blank, frameMs } = await scrollThrough(visit.page, { count: ROWS, stepPx: 20_000 });
  const p95 = frameMs.sort((one, other) => one - other)[Math.floor(frameMs.length * 0.95)] ?? Number.NaN;
  console.log(
    `dashboard: ${ROWS} rows, scrolled through in ${frameMs.length} steps: 95 % of frames within ${p95.toFixed(1)} ms, ` +
      `at most ${rowsMax} rows in the document, ${blank} steps blank`,
  );
  await visit.close();
}

/** Measured in the page: from the message of the socket to the row in the document. */
const MEASURE = () => {
  const heard: number[] = [];
  const times: number[] = [];
  Object.assign(window, { seenMs: times });
  const Native = window.WebSocket;
  window.WebSocket = class extends Native {
    constructor(...args: ConstructorParameters<typeof WebSocket>) {
      super(...args);
      this.addEventListener('message', ({ data }) => {
        if (String(data).includes('"next"')) heard.push(performance.now());
      });
    }
  };
  new MutationObserver(() => {
    const now = performance.now();
    for (const atMs of heard.splice(0)) times.push(now - atMs);
  }).observe(document, { childList: true, subtree: true, characterData: true });
};

async function followEvents(browser: Browser, server: TestServer, seconds: number): Promise<void> {
  const visit = await openWindow(browser);
  await visit.page.addInitScript(MEASURE);
  await openScreen(visit, server, { path: '/decisions' });
  await visit.page.getByRole('listitem').first().waitFor();
  await sendSteadily(server, Math.min(10, seconds));
  const before = await heapBytes(visit.page);
  await visit.page.evaluate(() => (window as unknown as { seenMs: number[] }).seenMs.splice(0).length);
  await sendSteadily(server, seconds);
  const after = await heapBytes(visit.page);
  const times = await visit.page.evaluate(() => (window as unknown as { seenMs: number[] }).seenMs);
  const p95 = times.sort((one, other) => one - other)[Math.floor(times.length * 0.95)] ?? Number.NaN;
  console.log(
    `dashboard: ${times.length} events, from the socket to the screen: 95 % within ${p95.toFixed(1)} ms, at most ${ON_SCREEN_MS_MAX} ms`,
  );
  console.log(
    `dashboard: heap after ${seconds} s at ${EVENTS_PER_S}/s: ${kilobytes(after)}, before ${kilobytes(before)}`,
  );
  await visit.close();
}

async function sendSteadily(server: TestServer, seconds: number): Promise<void> {
  const start = performance.now();
  for (let tick = 1; tick <= seconds * 5; tick++) {
    await recordAll(
      server,
      Array.from({ length: EVENTS_PER_S / 5 }, (_, at) => decisionOf(`agent-${at}`)),
    );
    await wait(Math.max(0, start + tick * 200 - performance.now()));
  }
}

async function heapBytes(page: Page): Promise<number> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('HeapProfiler.collectGarbage');
  const { usedSize } = await cdp.send('Runtime.getHeapUsage');
  await cdp.detach();
  return usedSize;
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1_000).toFixed(1)} kB`;
}
