import type { RiskClass } from '../decision/decision.js';
import { DAY_MS } from '../time.js';
import type { Value } from './document.js';
import { fleet } from './fleet.js';
import type { Problems } from './problem.js';
import { DURATION_FORMS, parseDuration } from './quantity.js';
import { choice, distinctList, list, type Reader, Section, single, word } from './reader.js';
import { DEFAULT_SETTINGS, type ReportSchedule, type ReportSettings } from './settings.js';

const SCHEDULE_KEYS = ['name', 'fleet', 'preset', 'per', 'time_zone', 'agents', 'risk_classes'] as const;

const kept: Reader<number | null> = single(`${DURATION_FORMS}, of at least 1d, or forever`, (text) => {
  const ms = text === 'forever' ? null : parseDuration(text);
  return ms === null || (ms !== undefined && ms >= DAY_MS) ? ms : undefined;
});

const preset = choice<ReportSchedule['preset']>({ authority: 'AUTHORITY', auditor: 'AUDITOR' });
const per = choice<ReportSchedule['per']>({ day: 'day', week: 'week', month: 'month' });
const riskClass = choice<RiskClass>({ high_risk: 'HIGH_RISK', routine: 'ROUTINE', admin: 'ADMIN' });

const timeZone: Reader<string> = single('a time zone such as Europe/Berlin', (text) => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return text;
  } catch {
    // RangeError is how Intl says that there is no such zone.
    return undefined;
  }
});

/** Reads `reports`. */
export function readReports(value: Value, problems: Problems): ReportSettings {
  const section = new Section(value, ['keep', 'schedules'], problems);
  return {
    keptMs: section.read('keep', kept, DEFAULT_SETTINGS.reports.keptMs),
    schedules: section.read(
      'schedules',
      distinctList(schedule, ({ name }) => `the name ${name}`, '[{name: monthly, preset: auditor, per: month}]'),
      [],
    ),
  };
}

const schedule: Reader<ReportSchedule> = (value, problems) => {
  const section = new Section(value, SCHEDULE_KEYS, problems);
  const name = section.require('name', word('a name'), 'write a name, by which its reports are told from others');
  const known = section.require('preset', preset, 'write authority or auditor');
  const period = section.require('per', per, 'write day, week or month');
  const others = {
    fleet: section.read('fleet', fleet, null),
    timeZone: section.read('time_zone', timeZone, 'UTC'),
    agents: section.read('agents', list(word('the name of an agent'), '[loan-officer]'), null),
    riskClasses: section.read('risk_classes', list(riskClass, '[high_risk]'), null),
  };
  if (name === undefined || known === undefined || period === undefined) return undefined;
  return { name, preset: known, per: period, ...others };
};
