import { DAY_MS, MINUTE_MS } from '../../time.js';
import type { Value } from '../document.js';
import type { Problems } from '../problem.js';
import { DURATION_FORMS, parseDuration } from '../quantity.js';
import { flag, list, type Reader, Section, single, suggest, word } from '../reader.js';
import { match } from './match.js';
import { DEFAULT_ROUTE, type RouteSetting } from './settings.js';

const KEYS = ['match', 'receivers', 'group_by', 'group_wait', 'group_interval', 'repeat_interval', 'continue'] as const;

/** Reads `routes`: they name only receivers that there are, and every one of them is reached. */
export function readRoutes(value: Value, receivers: readonly string[], problems: Problems): readonly RouteSetting[] {
  if (value.kind === 'nothing') {
    if (receivers.length > 0) problems.add(value, `nobody would be told: write [{receivers: [${receivers[0]}]}]`);
    return [];
  }
  let isClosed = false;
  const route = routeTo(receivers);
  const reached: Reader<RouteSetting> = (item) => {
    if (isClosed) return problems.add(item, 'is never reached: the route before it takes every alert; put it first');
    const read = route(item, problems);
    isClosed = read !== undefined && Object.keys(read.match).length === 0 && !read.isContinued;
    return read;
  };
  return list(reached, '[{match: {severity: critical}, receivers: [ops]}]')(value, problems) ?? [];
}

function routeTo(names: readonly string[]): Reader<RouteSetting> {
  return (value, problems) => {
    const section = new Section(value, KEYS, problems);
    const receivers = section.require(
      'receivers',
      list(receiverName(names), '[ops]'),
      'write who is told, such as [ops]',
    );
    const read: Omit<RouteSetting, 'receivers'> = {
      match: section.read('match', match, {}),
      groupBy: section.read('group_by', list(word('the name of a label'), '[alertname, agent]'), DEFAULT_ROUTE.groupBy),
      groupWaitMs: section.read('group_wait', wait, DEFAULT_ROUTE.groupWaitMs),
      groupIntervalMs: section.read('group_interval', interval, DEFAULT_ROUTE.groupIntervalMs),
      repeatIntervalMs: section.read('repeat_interval', repeat, DEFAULT_ROUTE.repeatIntervalMs),
      isContinued: section.read('continue', flag, DEFAULT_ROUTE.isContinued),
    };
    return receivers === undefined ? undefined : { ...read, receivers };
  };
}

function receiverName(names: readonly string[]): Reader<string> {
  return (value, problems) => {
    if (value.kind === 'text' && names.includes(value.text)) return value.text;
    const hint = (value.kind === 'text' && suggest(value.text, names)) || `: there are ${names.join(', ') || 'none'}`;
    return problems.add(value, `is not the name of one of receivers${hint}`);
  };
}

function durationFrom(leastMs: number, mostMs: number, words: string): Reader<number> {
  return single(`${DURATION_FORMS}, ${words}`, (text) => {
    const ms = parseDuration(text);
    return ms !== undefined && ms >= leastMs && ms <= mostMs ? ms : undefined;
  });
}

const wait = durationFrom(0, 60 * MINUTE_MS, 'of at most 1h');
const interval = durationFrom(1_000, DAY_MS, 'from 1s to 1d');
const repeat = durationFrom(MINUTE_MS, 30 * DAY_MS, 'from 1m to 30d');
