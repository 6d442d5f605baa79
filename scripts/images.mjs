// The README's images, of a server that `npm run demo` fills: node scripts/images.mjs URL TOKEN
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';

const [url = 'http://127.0.0.1:4000', token = ''] = process.argv.slice(2);
const folder = path.resolve(import.meta.dirname, '../docs/images');
const executablePath = ['/usr/bin', '/usr/local/bin']
  .flatMap((bin) => readdirSync(bin).map((name) => path.join(bin, name)))
  .find((file) => /\/(chromium|google-chrome)$/.test(file));

const browser = await chromium.launch({
  executablePath,
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
});
const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme: 'dark' });
await page.goto(`${url}/sign-in`);
await page.getByLabel('Token or API key').fill(token);
await page.getByRole('button', { name: 'Sign in', exact: true }).click();
await page.getByRole('heading', { name: 'Needs a person' }).waitFor();
await page.getByText('Live', { exact: true }).waitFor();
await page.waitForLoadState('networkidle');
await page.screenshot({ path: path.join(folder, 'overview.png') });

await page.goto(`${url}/anomalies?kind=CASCADE_FAILURE`);
await page.getByRole('list', { name: 'Anomalies, newest first' }).getByRole('link').first().click();
await page.getByRole('list', { name: 'Decisions behind it' }).getByRole('link').first().click();
await page.getByText('Intact, checked in this browser').waitFor();
await page.screenshot({ path: path.join(folder, 'decision.png') });
await browser.close();
