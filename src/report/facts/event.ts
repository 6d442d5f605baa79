import { type LedgerFact, type Payload, textOf } from './payload.js';

/** Where in a report an entry is told of that is no decision. */
export const EVENT_GROUPS = ['risk', 'oversight', 'change', 'protection', 'retention', 'access', 'reading'] as const;
export type EventGroup = (typeof EVENT_GROUPS)[number];

/** An entry as a report lists it. */
export interface LedgerEvent {
  seq: number;
  atMs: number;
  kind: string;
  subject: string;
  /** Who did it; null where nobody did or it is not told. */
  actor: string | null;
  /** What it says beside that. */
  summary: string;
}

const GROUPS: Readonly<Record<string, EventGroup>> = {
  INCIDENT: 'risk',
  SILENCE: 'oversight',
  AMENDMENT: 'change',
  AGENT: 'change',
  REPRICE: 'change',
  RULE: 'change',
  SETTINGS: 'change',
  ERASURE: 'protection',
  HOLD: 'retention',
  RELEASE: 'retention',
  PRUNE: 'retention',
  LEDGER_KEY: 'access',
  ACCESS: 'access',
  READ: 'reading',
  EXPORT: 'access',
};

/** What people did about an alert is oversight; that it fired or resolved is a risk event. */
const BY_PEOPLE: ReadonlySet<string> = new Set(['ACKNOWLEDGED', 'COMMENTED']);

/** Of a kind that is not known here, since a newer Midwatch sealed it, it is told as a change. */
export function groupOf({ kind, payload }: LedgerFact): EventGroup {
  if (kind === 'ALERT') return BY_PEOPLE.has(textOf(payload, 'change') ?? '') ? 'oversight' : 'risk';
  return GROUPS[kind] ?? 'change';
}

export function eventOf(fact: LedgerFact): LedgerEvent {
  const { seq, recordedAt, kind, subject, payload } = fact;
  return {
    seq,
    atMs: Date.parse(recordedAt),
    kind,
    subject,
    actor: textOf(payload, 'actor'),
    summary: kind === 'ALERT' ? summarizeAlert(payload) : summarize(payload),
  };
}

/** `FIRING: Errors are above 5 % (0.083 against 0.05), critical`. */
function summarizeAlert(payload: Payload): string {
  const [change, summary, comment] = ['change', 'summary', 'comment'].map((key) => textOf(payload, key));
  const [value, threshold] = ['value', 'threshold'].map((key) => textOf(payload, key));
  const measured = value === null || threshold === null ? '' : ` (${value} against ${threshold})`;
  const severity = textOf(payload, 'severity')?.toLowerCase();
  const said = comment === null ? '' : `: “${comment}”`;
  const told = `${change ?? ''}${said} · ${summary ?? textOf(payload, 'rule') ?? ''}${measured}`;
  return severity === undefined ? told : `${told} · ${severity}`;
}

const TOLD_ELSEWHERE: ReadonlySet<string> = new Set(['actor', 'at']);
/** Said first, since they say what happened. */
const FIRST = ['change', 'summary', 'reason', 'comment'];
const LISTED_MAX = 6;
const SUMMARY_MAX = 600;

/** All that a payload says, in words: its fields by name, so that a kind that comes later is told of too. */
function summarize(payload: Payload): string {
  const keys = [
    ...FIRST.filter((key) => key in payload),
    ...Object.keys(payload).filter((key) => !FIRST.includes(key) && !TOLD_ELSEWHERE.has(key)),
  ];
  const parts = keys.flatMap((key) => {
    const told = tell(payload[key]);
    if (told === null) return [];
    return key === 'change' || key === 'summary' ? [told] : [`${nameOf(key)} ${told}`];
  });
  const text = parts.join(' · ');
  return text.length > SUMMARY_MAX ? `${text.slice(0, SUMMARY_MAX)} …` : text;
}

function tell(value: unknown): string | null {
  if (value === null || value === undefined || value === '') return null;
  if (Array.isArray(value)) {
    if (value.length === 0) return null;
    const shown = value.slice(0, LISTED_MAX).map((each) => tell(each) ?? '–');
    return value.length > LISTED_MAX ? `${shown.join(', ')} and ${value.length - LISTED_MAX} more` : shown.join(', ');
  }
  if (typeof value !== 'object') return String(value);
  const fields = Object.entries(value).flatMap(([key, each]) => {
    const told = tell(each);
    return told === null ? [] : [`${key} ${told}`];
  });
  return fields.length === 0 ? null : fields.slice(0, LISTED_MAX).join(', ');
}

/** `costUsdBefore` as `cost usd before`. */
function nameOf(key: string): string {
  return key.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
}
