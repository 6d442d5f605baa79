import { parseFleetId } from '../access/fleet-id.js';
import { formatFigure } from '../alert/condition/format.js';
import { nameGroup } from '../alert/message.js';
import type { AlertRule } from '../alert/rule.js';
import type { Firing } from '../alert/simulate.js';
import { backtestRule } from '../alerting/backtest.js';
import { systemClock } from '../clock.js';
import { DecisionCalendar } from '../decision/calendar.js';
import { AppError } from '../errors.js';
import type { FigureRecords } from '../fleet/figures/read.js';
import { findFleet } from '../fleet/store.js';
import { duration } from '../fleet/wording.js';
import { formatProblem } from '../settings/problem.js';
import { DURATION_FORMS, parseDuration } from '../settings/quantity.js';
import { checkSettings, readPresent } from '../settings/read.js';
import type { CommandInput } from './input.js';
import { parseMoment } from './moment.js';
import { printJson, printLine, tell } from './output.js';
import { withDatabase } from './with-database.js';

/** More evaluations than a month of minutes take too long to be worth waiting for. */
const EVALUATIONS_MAX = 50_000;
const EVERY_DEFAULT = '1m';

interface RulesRequest {
  rules: readonly AlertRule[];
  fleet: string;
  fromMs: number;
  toMs: number;
  everyMs: number;
}

/** What the file's rules would have done over the stored history of a fleet: when each would have fired, and for how long. */
export async function backtestRules(file: string, input: CommandInput): Promise<number> {
  const request = { rules: loadRules(file), ...readRange(input) };
  const firings = await withDatabase((pool) =>
    replay({ pool, calendar: new DecisionCalendar({ pool, clock: systemClock }) }, request),
  );
  if (input.has('json')) printJson(firings.map(toJson));
  else for (const line of firings.map(inWords)) printLine(line);
  if (!input.has('json')) for (const rule of request.rules) tell(summaryOf(rule, firings, request));
  return 0;
}

function loadRules(file: string): readonly AlertRule[] {
  const text = readPresent(file);
  const { settings, problems } = checkSettings(text, file);
  if (problems.length > 0) {
    throw new AppError('VALIDATION_FAILED', problems.map((problem) => formatProblem(file, problem)).join('\n'));
  }
  if (settings.alerting.length > 0) return settings.alerting;
  throw new AppError('VALIDATION_FAILED', `${file} has no rules: they stand under agent_monitoring.alerting`);
}

function readRange(input: CommandInput): Omit<RulesRequest, 'rules'> {
  const [from, to] = [input.value('from'), input.value('to')];
  if (from === undefined) throw new AppError('VALIDATION_FAILED', '--from is required, such as --from 2026-11-01');
  const fromMs = parseMoment(from, '--from');
  const toMs = to === undefined ? systemClock.now() : parseMoment(to, '--to');
  const every = input.value('every') ?? EVERY_DEFAULT;
  const everyMs = parseDuration(every);
  if (everyMs === undefined || everyMs < 1_000) {
    throw new AppError(
      'VALIDATION_FAILED',
      `--every: ${JSON.stringify(every)} is not ${DURATION_FORMS}, of at least 1s`,
    );
  }
  if (toMs <= fromMs) throw new AppError('VALIDATION_FAILED', '--to is not after --from');
  if ((toMs - fromMs) / everyMs > EVALUATIONS_MAX) {
    throw new AppError('VALIDATION_FAILED', `that is more than ${EVALUATIONS_MAX} evaluations: give a longer --every`);
  }
  return { fleet: parseFleetId(input.value('fleet') ?? 'default', '--fleet'), fromMs, toMs, everyMs };
}

interface RuleFiring extends Firing {
  rule: AlertRule;
}

async function replay(records: FigureRecords, request: RulesRequest): Promise<RuleFiring[]> {
  const { rules, fleet } = request;
  if ((await findFleet(records.pool, fleet)) === null) throw new AppError('NOT_FOUND', `there is no fleet ${fleet}`);
  const firings: RuleFiring[] = [];
  for (const rule of rules) {
    firings.push(...(await backtestRule(records, rule, request)).map((firing) => ({ ...firing, rule })));
  }
  return firings.sort((left, right) => left.fromMs - right.fromMs);
}

function inWords({ rule, labels, fromMs, untilMs, peak, unit }: RuleFiring): string {
  const lasted = untilMs === null ? 'still firing' : `for ${duration(untilMs - fromMs)}`;
  const worst = peak === null || unit === null ? '' : `, at worst ${formatFigure(peak, unit)}`;
  return `${new Date(fromMs).toISOString()}  ${rule.severity}  ${rule.name}  ${nameGroup(labels)}  ${lasted}${worst}`;
}

function summaryOf(rule: AlertRule, firings: readonly RuleFiring[], { toMs }: RulesRequest): string {
  const own = firings.filter((firing) => firing.rule === rule);
  if (own.length === 0) return `${rule.name}: would not have fired`;
  const groups = new Set(own.map(({ labels }) => JSON.stringify(labels))).size;
  const totalMs = own.reduce((sum, firing) => sum + (firing.untilMs ?? toMs) - firing.fromMs, 0);
  const times = own.length === 1 ? 'once' : `${own.length} times`;
  return `${rule.name}: would have fired ${times}, for ${groups} of its groups, ${duration(totalMs)} altogether`;
}

function toJson({ rule, labels, fromMs, untilMs, peak }: RuleFiring) {
  return {
    rule: rule.name,
    severity: rule.severity,
    group: labels,
    from: new Date(fromMs).toISOString(),
    until: untilMs === null ? null : new Date(untilMs).toISOString(),
    peak,
  };
}
