import { list, type Reader, Section, single, word } from '../reader.js';
import { match } from './match.js';
import type { InhibitionSetting, MaintenanceSetting } from './settings.js';

type Period = MaintenanceSetting['period'];

const moment: Reader<number> = single('a moment such as 2026-12-24T18:00:00Z', (text) => {
  const isMoment = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})$/.test(text);
  const atMs = isMoment ? Date.parse(text) : Number.NaN;
  return Number.isNaN(atMs) ? undefined : atMs;
});

const daily: Reader<Period> = single('two times of the day in UTC such as 02:00-03:00', (text) => {
  const [from, until] = text.split('-').map(minuteOf);
  if (from === undefined || until === undefined || from === until || text.split('-').length !== 2) return undefined;
  return { kind: 'daily', fromMinute: from, untilMinute: until };
});

function minuteOf(time: string): number | undefined {
  const [, hour, minute] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(time.trim()) ?? [];
  return hour === undefined ? undefined : Number(hour) * 60 + Number(minute);
}

/** Reads one of `maintenance`: `daily`, or `from` and `until`. */
export const maintenance: Reader<MaintenanceSetting> = (value, problems) => {
  const section = new Section(value, ['match', 'from', 'until', 'daily', 'reason'], problems);
  const others = {
    match: section.read('match', match, {}),
    reason: section.read('reason', word('a reason'), null),
  };
  const period = section.has('daily') ? section.read('daily', daily, undefined) : readOnce(section);
  for (const key of section.has('daily') ? (['from', 'until'] as const) : []) {
    if (section.has(key)) problems.add(section.value(key), 'does not go with daily: take one of them out');
  }
  if (period?.kind === 'once' && period.fromMs >= period.untilMs) {
    return problems.add(section.value('until'), 'is not after from: nothing would be muted');
  }
  return period && { ...others, period };
};

function readOnce(section: Section<'from' | 'until' | 'daily'>): Period | undefined {
  const fromMs = section.require('from', moment, 'write a moment such as 2026-12-24T18:00:00Z, or daily');
  const untilMs = section.require('until', moment, 'write a moment such as 2026-12-24T20:00:00Z, or daily');
  return fromMs === undefined || untilMs === undefined ? undefined : { kind: 'once', fromMs, untilMs };
}

/** Reads one of `inhibit`. */
export const inhibition: Reader<InhibitionSetting> = (value, problems) => {
  const section = new Section(value, ['source', 'target', 'equal'], problems);
  const source = section.require('source', match, 'write which alerts mute others, such as {severity: critical}');
  const target = section.require('target', match, 'write which alerts they mute, such as {severity: warning}');
  const equal = section.read('equal', list(word('the name of a label'), '[agent]'), []);
  return source === undefined || target === undefined ? undefined : { source, target, equal };
};
