import { readFileSync } from 'node:fs';

interface Package {
  version: string;
}

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as Package;

/** To be raised whenever the same input is drawn or counted in another way. */
const LAYOUT = 1;

/** What made a report: who has another one cannot make its pages again byte by byte. */
export const GENERATOR = `midwatch ${version}, layout ${LAYOUT}`;
