import path from 'node:path';
import type { RiskClass } from '../decision/decision.js';
import { DAY_MS } from '../time.js';
import type { Value } from './document.js';
import { fleet } from './fleet.js';
import type { Problems } from './problem.js';
import { DURATION_FORMS, parseDuration } from './quantity.js';
import { choice, distinctList, flag, list, type Reader, Section, single, variable, word } from './reader.js';
import { DEFAULT_SETTINGS, type ReportSchedule, type ReportSettings, type SignatureSetting } from './settings.js';

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

/** Reads `reports`; files are found from the directory of the settings. */
export function readReports(
  value: Value,
  problems: Problems,
  { directory, hasAuthority }: { directory: string; hasAuthority: boolean },
): ReportSettings {
  const section = new Section(value, ['keep', 'signature', 'schedules'], problems);
  return {
    keptMs: section.read('keep', kept, DEFAULT_SETTINGS.reports.keptMs),
    signature: section.read('signature', signatureIn(directory, hasAuthority), null),
    schedules: section.read(
      'schedules',
      distinctList(schedule, ({ name }) => `the name ${name}`, '[{name: monthly, preset: auditor, per: month}]'),
      [],
    ),
  };
}

const SIGNATURE_KEYS = ['certificates', 'key', 'key_env', 'timestamp'] as const;
const keyVariable = variable('MIDWATCH_REPORT_KEY', 'key');

/** A reader of `signature`. `hasAuthority`: whether there is one to ask for time-stamps. */
function signatureIn(directory: string, hasAuthority: boolean): Reader<SignatureSetting> {
  const file = single('the name of a PEM file', (text) => (text === '' ? undefined : path.resolve(directory, text)));
  return (value, problems) => {
    const section = new Section(value, SIGNATURE_KEYS, problems);
    const needs = 'write the name of the PEM file with the certificate that signs and those above it';
    const certificatesFile = section.require('certificates', file, needs);
    const keyFile = section.read('key', file, null);
    const keyEnv = section.read('key_env', keyVariable, null);
    const isTimestamped = section.read('timestamp', flag, false);
    if (section.has('key') === section.has('key_env')) {
      return problems.add(section.place, 'needs one of key, the name of a PEM file, and key_env');
    }
    if (isTimestamped && !hasAuthority) {
      return problems.add(section.value('timestamp'), 'needs an authority to ask: write timestamps beside reports');
    }
    return certificatesFile === undefined
      ? undefined
      : { certificatesFile, keyFile, keyVariable: keyEnv, isTimestamped };
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
