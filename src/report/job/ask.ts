import { hash } from 'node:crypto';
import type { Pool } from '../../db/pool.js';
import type { DecisionCalendar } from '../../decision/calendar.js';
import type { RiskClass } from '../../decision/decision.js';
import { AppError } from '../../errors.js';
import { type CanonicalValue, canonicalize } from '../../ledger/canonical.js';
import { DAY_MS, floorTo } from '../../time.js';
import { PRESETS, type Preset, type ReportRequest } from '../request.js';
import { findCases, findCut } from './extent.js';
import type { ReportRow } from './report.js';
import { queueReport } from './store.js';

/** What somebody asks for; what is left out is null. */
export interface ReportWish {
  preset: Preset;
  fleets: readonly string[] | null;
  from: Date | null;
  to: Date | null;
  agents: readonly string[] | null;
  riskClasses: readonly RiskClass[] | null;
  decisionId: string | null;
  conversationId: string | null;
  subject: string | null;
  timeZone: string | null;
}

export interface AskTools {
  pool: Pool;
  calendar: DecisionCalendar;
  nowMs: number;
}

export interface Asking {
  /** Whose list the report is in. */
  fleet: string;
  wish: ReportWish;
  actor: string;
  schedule: string | null;
}

const FLEETS_MAX = 20;
const AGENTS_MAX = 100;
const PERIOD_MAX_MS = 3_660 * DAY_MS;
const TEXT_MAX = 500;

/**
 * Asks for a report and puts it into the queue; the same again over the same ledger is the same report. Throws
 * VALIDATION_FAILED, naming the field, for what cannot be asked; NOT_FOUND when there is no such decision, conversation or
 * person; RATE_LIMITED when too many wait.
 */
export async function askForReport(tools: AskTools, { fleet, wish, actor, schedule }: Asking): Promise<ReportRow> {
  const request = await completeRequest(tools, fleet, validate(wish, fleet));
  const cuts = [];
  for (const each of request.fleets) {
    const cut = await findCut(tools, each, request);
    if (cut.size === 0)
      throw new AppError('NOT_FOUND', `the ledger of ${each} has no entries up to then`, { path: ['to'] });
    cuts.push(cut);
  }
  const id = idOf(fleet, { ...request }, cuts);
  const requestedAt = new Date(tools.nowMs);
  return queueReport(tools.pool, { fleet, id, request, cuts, schedule, requestedBy: actor, requestedAt });
}

/** Of what was asked for and how far the ledgers had come, so that the same is known again. */
function idOf(fleet: string, request: object, cuts: readonly object[]): string {
  const value = JSON.parse(JSON.stringify({ cuts, fleet, request })) as CanonicalValue;
  return hash('sha256', canonicalize(value), 'hex').slice(0, 16);
}

type Unperiodic = Omit<ReportRequest, 'fromMs' | 'toMs'> & { fromMs: number | null; toMs: number | null };

function validate(wish: ReportWish, fleet: string): Unperiodic {
  const { preset, from, to, agents, riskClasses, timeZone } = wish;
  if (!PRESETS.includes(preset)) throw refuse('preset', `is none of ${PRESETS.join(', ')}`);
  const fleets = [...new Set(wish.fleets ?? [fleet])].sort();
  if (fleets.length === 0 || fleets.length > FLEETS_MAX) throw refuse('fleets', `must be 1 to ${FLEETS_MAX} fleets`);
  const zone = timeZone ?? 'UTC';
  if (!isTimeZone(zone)) throw refuse('timeZone', `${JSON.stringify(zone)} is no time zone, such as Europe/Berlin`);
  for (const [name, list] of Object.entries({ agents, riskClasses })) {
    if (list !== null && (list.length === 0 || list.length > AGENTS_MAX)) {
      throw refuse(name, `must have 1 to ${AGENTS_MAX} members, or be left out for all`);
    }
  }
  const { decisionId, conversationId, subject } = wish;
  const cases = Object.entries({ decisionId, conversationId, subject }).filter(([, value]) => value !== null);
  if (cases.length > 1)
    throw refuse(cases[1]?.[0] ?? '', 'a report is about one decision, one conversation or one subject');
  for (const [name, value] of [...cases, ...(agents ?? []).map((agent) => ['agents', agent] as const)]) {
    if (value === '' || (value?.length ?? 0) > TEXT_MAX || /[\p{Cc}\p{Cs}]/u.test(value ?? '')) {
      throw refuse(name, `must be 1 to ${TEXT_MAX} printable characters`);
    }
  }
  if (cases.length > 0 && fleets.length > 1)
    throw refuse('fleets', 'a decision, conversation or subject is of one fleet');
  if (preset === 'INDIVIDUAL' && cases.length === 0) {
    throw refuse('preset', 'INDIVIDUAL is about one decision, one conversation or one subject: name it');
  }
  if (cases.length === 0 && (from === null || to === null)) {
    throw refuse(from === null ? 'from' : 'to', 'is required unless it is about one decision, conversation or subject');
  }
  if (from !== null && to !== null && from >= to)
    throw refuse('to', 'is not after from: a period ends before it, so a single day ends with the day after');
  if (from !== null && to !== null && to.getTime() - from.getTime() > PERIOD_MAX_MS) {
    throw refuse('to', 'is more than ten years after from');
  }
  return {
    preset,
    fleets,
    fromMs: from?.getTime() ?? null,
    toMs: to?.getTime() ?? null,
    agents: agents === null ? null : [...new Set(agents)].sort(),
    riskClasses: riskClasses === null ? null : [...new Set(riskClasses)].sort(),
    decisionId,
    conversationId,
    subject,
    timeZone: zone,
  };
}

/** Where it is about cases and no period is given, the days of the cases are its period. */
async function completeRequest(tools: AskTools, fleet: string, request: Unperiodic): Promise<ReportRequest> {
  const { decisionId, conversationId, subject } = request;
  if (decisionId === null && conversationId === null && subject === null) return request as ReportRequest;
  const cases = await findCases(tools, request.fleets[0] ?? fleet, request);
  const [first, last] = [cases.at(0), cases.at(-1)];
  if (first === undefined || last === undefined) {
    const [path, what] =
      decisionId !== null
        ? ['decisionId', 'such decision']
        : conversationId !== null
          ? ['conversationId', 'decision of this conversation']
          : ['subject', 'decision of this subject'];
    throw new AppError('NOT_FOUND', `the fleet has no ${what}`, { path: [path ?? ''] });
  }
  return {
    ...request,
    fromMs: request.fromMs ?? floorTo(first.startedAtMs, DAY_MS),
    toMs: request.toMs ?? floorTo(last.startedAtMs, DAY_MS) + DAY_MS,
  };
}

function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    // RangeError is how Intl says that there is no such zone.
    return false;
  }
}

function refuse(path: string, problem: string): AppError {
  return new AppError('VALIDATION_FAILED', `${path}: ${problem}`, { path: [path] });
}
