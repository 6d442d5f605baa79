import path from 'node:path';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../time.js';
import { fleet } from './fleet.js';
import { DURATION_FORMS, parseDuration } from './quantity.js';
import { choice, patterns, type Reader, record, Section, single, variable, word } from './reader.js';
import type { ProviderSetting } from './settings.js';
import { secureUrl } from './url.js';

const KEYS = ['kind', 'name', 'fleet', 'url', 'key_env', 'file', 'every', 'keys'] as const;
const EVERY_MIN_MS = MINUTE_MS;
const EVERY_MAX_MS = 7 * DAY_MS;
const DEFAULT_FLEET = 'default';

const kind = choice<ProviderSetting['kind']>({ openai: 'openai', anthropic: 'anthropic', csv: 'csv' });

const every = single(`${DURATION_FORMS}, from 1m to 7d`, (text) => {
  const ms = parseDuration(text);
  return ms !== undefined && ms >= EVERY_MIN_MS && ms <= EVERY_MAX_MS ? ms : undefined;
});

const keyVariable = variable('OPENAI_ADMIN_KEY', 'key');

/** A reader of one of `providers`; a file is found from the directory of the settings. */
export function providerIn(directory: string): Reader<ProviderSetting> {
  const file = single('the name of a CSV file', (text) => (text === '' ? undefined : path.resolve(directory, text)));
  return (value, problems) => {
    const section = new Section(value, KEYS, problems);
    const given = section.require('kind', kind, 'write openai, anthropic or csv');
    const isFile = given === 'csv';
    for (const key of given === undefined ? [] : isFile ? (['url', 'key_env'] as const) : (['file'] as const)) {
      if (section.has(key)) problems.add(section.value(key), `does not go with kind: ${given}: take it out`);
    }
    const keyEnv = isFile
      ? null
      : section.require('key_env', keyVariable, 'write the name of the environment variable that holds the admin key');
    const source = isFile ? section.require('file', file, 'write the name of the CSV file') : null;
    const others = {
      name: section.read('name', word('a name'), given),
      fleet: section.read('fleet', fleet, DEFAULT_FLEET),
      url: section.read('url', secureUrl, null),
      everyMs: section.read('every', every, HOUR_MS),
      keys: section.read('keys', record(patterns, '{key_abc: [fraud-*]}'), {}),
    };
    if (given === undefined || others.name === undefined || keyEnv === undefined || source === undefined)
      return undefined;
    return { kind: given, keyVariable: keyEnv, file: source, ...others, name: others.name };
  };
}
