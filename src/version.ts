import { readFileSync } from 'node:fs';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** The program and its version, as it stands in what it hands out. */
export const GENERATOR = `midwatch ${version}`;
