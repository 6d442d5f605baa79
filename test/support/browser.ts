import { existsSync } from 'node:fs';
import path from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import type { Role } from '../../src/access/policy.js';
import type { TestServer } from './server.js';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const APPLICATIONS = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

const inPath = (process.env.PATH ?? '')
  .split(path.delimiter)
  .flatMap((folder) => NAMES.map((name) => path.join(folder, name)));

/** The Chromium of this machine; null when it has none. */
export const CHROMIUM = [...inPath, ...APPLICATIONS].find((file) => existsSync(file)) ?? null;

/** Beside the name of what is skipped. */
export const NEEDS_CHROMIUM =
  CHROMIUM === null ? ' (skipped: there is no Chromium here; apt-get install chromium)' : '';

export function openBrowser(): Promise<Browser> {
  // Chromium’s own sandbox does not start as root, as which tests run in containers.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath: CHROMIUM ?? '', args });
}

export interface Visit {
  page: Page;
  /** What the page complained about: there is to be nothing. */
  complaints: string[];
  close(): Promise<void>;
}

export const DESKTOP = { width: 1440, height: 900 };
export const PHONE = { width: 360, height: 740 };
export const WALL = { width: 3840, height: 2160 };

/** A window of its own, without anything of the others. */
export async function openWindow(browser: Browser, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext({ viewport: DESKTOP, reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('dialog', (dialog) => {
    complaints.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  return { page, complaints, close: () => context.close() };
}

/** Opens a screen as somebody who is signed in; `at` is where the server is reached. */
export async function openScreen(
  { page }: Visit,
  server: TestServer,
  { path: screen = '/', roles = ['ADMIN'] as Role[], at = server.url } = {},
): Promise<void> {
  await page.goto(`${at}/sign-in`);
  await page.getByLabel('Token or API key').fill(await server.token(roles));
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('navigation', { name: 'Screens' }).first().waitFor();
  if (screen !== '/') await page.goto(at + screen);
}

/** Goes to another screen as a link does: without loading the page anew. */
export async function show(page: Page, href: string): Promise<void> {
  await page.evaluate((to) => {
    history.pushState(null, '', to);
    window.dispatchEvent(new PopStateEvent('popstate'));
  }, href);
}
