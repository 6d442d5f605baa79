import { MINUTE_MS } from '../time.js';
import { DURATION_FORMS, parseDuration, parseShare, SHARE_FORMS } from './quantity.js';
import { patterns, type Reader, Section, single, variable, word } from './reader.js';
import type { JudgeSetting } from './settings.js';
import { networkUrl } from './url.js';

const KEYS = ['url', 'model', 'key_env', 'share', 'agents', 'request_types', 'daily_limit', 'deadline'] as const;
const DEFAULT_SHARE = 0.05;
const DEFAULT_CALLS_PER_DAY = 1_000;
const DEFAULT_DEADLINE_MS = 30_000;
const DEADLINE_MIN_MS = 1_000;
const DEADLINE_MAX_MS = 10 * MINUTE_MS;

const judgedShare: Reader<number> = single(`${SHARE_FORMS}, above 0`, (text) => parseShare(text) || undefined);

const callsPerDay: Reader<number> = single('a whole number of calls from 1 to 1000000', (text) =>
  /^[1-9]\d{0,6}$/.test(text) && Number(text) <= 1_000_000 ? Number(text) : undefined,
);

const deadline: Reader<number> = single(`${DURATION_FORMS}, from 1s to 10m`, (text) => {
  const ms = parseDuration(text);
  return ms !== undefined && ms >= DEADLINE_MIN_MS && ms <= DEADLINE_MAX_MS ? ms : undefined;
});

/** Reads `judge`. */
export const judge: Reader<JudgeSetting> = (value, problems) => {
  const section = new Section(value, KEYS, problems);
  const url = section.require('url', networkUrl, 'write the base URL of the API, such as https://api.openai.com/v1');
  const model = section.require('model', word('the name of a model'), 'write the name of the model that judges');
  const others = {
    keyVariable: section.read('key_env', variable('OPENAI_API_KEY', 'key'), null),
    share: section.read('share', judgedShare, DEFAULT_SHARE),
    agents: section.read('agents', patterns, null),
    requestTypes: section.read('request_types', patterns, null),
    callsPerDayMax: section.read('daily_limit', callsPerDay, DEFAULT_CALLS_PER_DAY),
    deadlineMs: section.read('deadline', deadline, DEFAULT_DEADLINE_MS),
  };
  if (url === undefined || model === undefined) return undefined;
  return { url, model, ...others };
};
