import type { Finding } from '../../anomaly/finding.js';
import { duration, moment, percent } from '../../fleet/wording.js';
import type { BudgetSetting, Severity } from '../../settings/settings.js';
import { dayOf } from '../../time.js';
import type { Burn } from './burn-rate.js';
import type { BudgetStatus } from './status.js';

const WARNING_SHARE = 0.8;
const WORDS: Readonly<Record<BudgetSetting['unit'], (amount: number) => string>> = {
  USD: (amount) => `$${amount.toFixed(2)}`,
  TOKENS: (amount) => `${Number(amount.toPrecision(4)).toLocaleString('en')} tokens`,
};

/** `tier`: the share of the limit that is reached. */
export function findingOfTier(status: BudgetStatus, tier: number): Finding {
  const used = status.share >= 1 ? 'is used up' : `is used to ${percent(status.share)}`;
  return {
    ...budgetFinding(status, severityOf(tier)),
    score: Math.min(1, status.share),
    summary: `the budget ${status.name} ${used}: ${spentOf(status)}${outlookOf(status)}`,
    incident: `${incidentOf(status)} ${percent(tier)}`,
  };
}

export function findingOfBurn(status: BudgetStatus, { name, severity, rate, longMs }: Burn): Finding {
  const finding = budgetFinding(status, severity);
  return {
    ...finding,
    score: 1 - 1 / (1 + rate),
    observed: rate,
    expected: 1,
    summary: `the budget ${status.name} burns ${rate.toFixed(1)} times faster than it lasts, over ${duration(longMs)}: ${spentOf(status)}${outlookOf(status)}`,
    evidence: { ...finding.evidence, burn: name, windowMs: longMs },
    incident: `${incidentOf(status)} ${name} burn`,
  };
}

function budgetFinding(status: BudgetStatus, severity: Severity): Omit<Finding, 'score' | 'summary' | 'incident'> {
  const { name, unit, limit, spent, share, rate, burnRate, period, forecastAtMs, forecastShare } = status;
  return {
    kind: 'TOKEN_BURN',
    severity,
    observed: Number(spent),
    expected: Number(limit),
    evidence: {
      budget: name,
      unit,
      limit,
      spent,
      share,
      ratePerHour: rate,
      burnRate,
      periodStart: new Date(period.startMs).toISOString(),
      periodEnd: new Date(period.endMs).toISOString(),
      forecastAt: forecastAtMs === null ? null : new Date(forecastAtMs).toISOString(),
      forecastShare,
    },
  };
}

function severityOf(tier: number): Severity {
  if (tier >= 1) return 'CRITICAL';
  return tier >= WARNING_SHARE ? 'WARNING' : 'INFO';
}

function spentOf({ unit, limit, spent }: BudgetStatus): string {
  return `${WORDS[unit](Number(spent))} of ${WORDS[unit](Number(limit))}`;
}

function outlookOf({ share, forecastAtMs, forecastShare }: BudgetStatus): string {
  if (share >= 1) return '';
  if (forecastAtMs === null) return `; at this pace ${percent(forecastShare)} by the end`;
  return `; at this pace it is gone at ${moment(forecastAtMs)}`;
}

function incidentOf({ name, period }: BudgetStatus): string {
  return `${name} from ${dayOf(period.startMs)}`;
}
