import { pattern, type Reader, record, suggest } from '../reader.js';
import { SEVERITIES } from '../settings.js';
import type { Match } from './settings.js';

const SEVERITY_LABELS = SEVERITIES.map((severity) => severity.toLowerCase());

/** `{severity: critical, agent: fraud-*}`. A severity that no alert can have is a mistake, not a pattern. */
export const match: Reader<Match> = (value, problems) => {
  const read = record(pattern, '{severity: critical}')(value, problems);
  const severity = read?.severity;
  if (value.kind !== 'mapping' || severity === undefined || severity.includes('*')) return read;
  if (SEVERITY_LABELS.includes(severity)) return read;
  const place = value.entries.get('severity')?.value ?? value;
  const names = SEVERITY_LABELS.join(', ');
  return problems.add(place, `${JSON.stringify(severity)} is not one of ${names}${suggest(severity, SEVERITY_LABELS)}`);
};
