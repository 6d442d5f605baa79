import path from 'node:path';
import { DAY_MS, MINUTE_MS } from '../time.js';
import { DURATION_FORMS, parseDuration } from './quantity.js';
import { type Reader, Section, single } from './reader.js';
import type { TimestampSetting } from './settings.js';
import { networkUrl } from './url.js';

const KEYS = ['url', 'roots', 'every'] as const;
const DEFAULT_EVERY_MS = 10 * MINUTE_MS;
const EVERY_MIN_MS = 10_000;

const every: Reader<number> = single(`${DURATION_FORMS}, from 10s to 1d`, (text) => {
  const ms = parseDuration(text);
  return ms !== undefined && ms >= EVERY_MIN_MS && ms <= DAY_MS ? ms : undefined;
});

/** A reader of `timestamps`; a file is found from the directory of the settings. */
export function timestampsIn(directory: string): Reader<TimestampSetting> {
  const file = single('the name of a PEM file', (text) => (text === '' ? undefined : path.resolve(directory, text)));
  return (value, problems) => {
    const section = new Section(value, KEYS, problems);
    const url = section.require('url', networkUrl, 'write the URL of the time-stamping authority');
    const rootsFile = section.require('roots', file, 'write the name of the PEM file with the roots of the authority');
    const everyMs = section.read('every', every, DEFAULT_EVERY_MS);
    return url === undefined || rootsFile === undefined ? undefined : { url, rootsFile, everyMs };
  };
}
