import type { AlertRule } from '../alert/rule.js';
import type { RiskClass } from '../decision/decision.js';
import { DAY_MS } from '../time.js';
import { NO_NOTIFICATIONS, type NotificationSettings } from './notification/settings.js';

/** What `midwatch.yaml` says, with the defaults for what it does not. */
export interface Settings {
  /** Metrics the overview shows first, by the names of the file. */
  metrics: readonly string[];
  alerting: readonly AlertRule[];
  sampling: SamplingSettings;
  retention: RetentionSettings;
  cardinality: CardinalitySettings;
  status: StatusSettings;
  prices: readonly OwnPrice[];
  providers: readonly ProviderSetting[];
  requiresTool: readonly ToolRequirement[];
  budgets: readonly BudgetSetting[];
  /** Null: no model is asked for its opinion, and no content leaves. */
  judge: JudgeSetting | null;
  /** Null: no authority is asked for time-stamps. */
  timestamps: TimestampSetting | null;
  notifications: NotificationSettings;
  erasure: ErasureSettings;
  reports: ReportSettings;
}

export const ERASURE_APPROVALS = ['TWO_PEOPLE', 'ONE_PERSON'] as const;
/** Whether somebody else must approve before anything is erased. */
export type ErasureApproval = (typeof ERASURE_APPROVALS)[number];

export interface ErasureSettings {
  approval: ErasureApproval;
}

export interface ReportSettings {
  /** How long the files of reports are kept, in milliseconds; null: for ever. */
  keptMs: number | null;
  /** Null: reports are not signed. */
  signature: SignatureSetting | null;
  schedules: readonly ReportSchedule[];
}

/** With what reports are signed. */
export interface SignatureSetting {
  /** PEM of the signer's certificate and those above it, in this order. */
  certificatesFile: string;
  /** The private key in PEM: a file, or else the environment variable that holds it. */
  keyFile: string | null;
  keyVariable: string | null;
  /** Whether the time-stamping authority is asked for a token over each signature. */
  isTimestamped: boolean;
}

/** A report of every day, week from Monday on, or month that is over. */
export interface ReportSchedule {
  /** Unique in the file. */
  name: string;
  /** Null: each fleet has a report of its own. */
  fleet: string | null;
  preset: 'AUTHORITY' | 'AUDITOR';
  per: 'day' | 'week' | 'month';
  /** An IANA name: periods begin at its midnight. */
  timeZone: string;
  /** Null: all. */
  agents: readonly string[] | null;
  riskClasses: readonly RiskClass[] | null;
}

/** From the mildest on. */
export const SEVERITIES = ['INFO', 'WARNING', 'CRITICAL'] as const;
export type Severity = (typeof SEVERITIES)[number];

export interface SamplingSettings {
  /** The part of each class whose content is kept, 0 to 1. */
  shares: Readonly<Record<RiskClass, number>>;
  /** The first rule that holds gives the class of a decision that states none itself. */
  rules: readonly ClassificationRule[];
}

/** Every condition that is given must hold; a list holds when one of its patterns does (`*` stands for anything). */
export interface ClassificationRule {
  riskClass: RiskClass;
  agents: readonly string[] | null;
  requestTypes: readonly string[] | null;
  /** Holds when one of the tools was called. */
  tools: readonly string[] | null;
  /** Span or resource attributes by key, each with its pattern. */
  attributes: Readonly<Record<string, string>> | null;
}

/** Milliseconds; null: for ever. */
export interface RetentionSettings {
  decisions: Readonly<Record<RiskClass, number | null>>;
  minuteRollups: number | null;
  hourRollups: number | null;
  /** After they resolved. */
  alerts: number | null;
}

export interface CardinalitySettings {
  /** Values of one dimension that figures are kept for apart, each day; what is beyond is `other`. */
  valuesPerDimension: number;
  /** Combinations of values, each day. */
  slicesPerDay: number;
}

export interface StatusSettings {
  /** Shares of failed decisions, 0 to 1. */
  degradedErrorRate: number;
  failingErrorRate: number;
  /** Times its own usual p95 latency. */
  degradedLatencyFactor: number;
  /** Milliseconds without a decision after which an agent is silent; null: learned from its own rhythm. */
  silentAfterMs: number | null;
}

/** Requests that are to be answered from a tool or a database, never from the model alone. A null list holds for all. */
export interface ToolRequirement {
  agents: readonly string[] | null;
  requestTypes: readonly string[] | null;
}

/** A price of one's own, US dollars per million tokens as decimal text, for models the price list does not know or has wrong. */
export interface OwnPrice {
  /** A pattern: `acme-kyc-*`. */
  model: string;
  /** Null: whatever the provider. */
  provider: string | null;
  /** Milliseconds since the epoch from which it holds; −∞ when the file gives none. */
  validFromMs: number;
  input: string;
  output: string;
  /** Null: charged as input, or as output for reasoning. */
  cacheRead: string | null;
  cacheWrite: string | null;
  reasoning: string | null;
}

/** Where a provider's own figures come from. The key itself is in the environment, never in the file. */
export interface ProviderSetting {
  kind: 'openai' | 'anthropic' | 'csv';
  /** Its name in the figures: unique in the file. */
  name: string;
  fleet: string;
  /** API base URL; null: the provider's own. */
  url: string | null;
  /** The environment variable that holds the admin key; null for csv. */
  keyVariable: string | null;
  /** The CSV file; null for the others. */
  file: string | null;
  everyMs: number;
  /** Which agents call with which API key, by the key's id or name; agents are patterns. */
  keys: Readonly<Record<string, readonly string[]>>;
}

/** What may be spent in a day, a week from Monday on, or a month, all in UTC. Lists hold when one of their patterns does. */
export interface BudgetSetting {
  /** Unique in the file. */
  name: string;
  /** Null: each fleet has the budget for itself. */
  fleet: string | null;
  agents: readonly string[] | null;
  customerSegments: readonly string[] | null;
  /** Where given, only calls of these models count. */
  models: readonly string[] | null;
  unit: 'USD' | 'TOKENS';
  /** Decimal text above 0. */
  limit: string;
  per: 'day' | 'week' | 'month';
  /** Shares of the limit at which it is said, ascending, above 0 and at most 1. */
  warnAt: readonly number[];
}

/** A model that gives a second opinion of whether answers are grounded. Lists hold when one of their patterns does. */
export interface JudgeSetting {
  /** Base URL of an API like OpenAI's: `/chat/completions` is put behind its path. */
  url: string;
  model: string;
  /** The environment variable that holds the key; null: none is sent. */
  keyVariable: string | null;
  /** The part of the decisions that is judged, above 0 and at most 1. */
  share: number;
  agents: readonly string[] | null;
  requestTypes: readonly string[] | null;
  /** Of all fleets together, in a day in UTC; attempts that fail count. */
  callsPerDayMax: number;
  /** Of one call, in milliseconds. */
  deadlineMs: number;
}

/** A time-stamping authority (RFC 3161) that is asked for a token over the log of the installation. */
export interface TimestampSetting {
  url: string;
  /** PEM of the certificates that are believed. */
  rootsFile: string;
  /** Between two tokens, in milliseconds. */
  everyMs: number;
}

/** Without a file: everything is kept, and nothing but the list prices is known. */
export const DEFAULT_SETTINGS: Settings = {
  metrics: ['token_usage_per_request', 'decision_latency_p95', 'hallucination_score', 'tool_invocation_success_rate'],
  alerting: [],
  sampling: { shares: { HIGH_RISK: 1, ROUTINE: 1, ADMIN: 1 }, rules: [] },
  retention: {
    decisions: { HIGH_RISK: null, ROUTINE: null, ADMIN: null },
    minuteRollups: 14 * DAY_MS,
    hourRollups: 400 * DAY_MS,
    alerts: 400 * DAY_MS,
  },
  cardinality: { valuesPerDimension: 500, slicesPerDay: 20_000 },
  status: { degradedErrorRate: 0.05, failingErrorRate: 0.5, degradedLatencyFactor: 2, silentAfterMs: null },
  prices: [],
  providers: [],
  requiresTool: [],
  budgets: [],
  judge: null,
  timestamps: null,
  notifications: NO_NOTIFICATIONS,
  erasure: { approval: 'TWO_PEOPLE' },
  reports: { keptMs: 400 * DAY_MS, signature: null, schedules: [] },
};
