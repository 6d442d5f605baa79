import type { ApiKey, Fleet } from '../access/store.js';
import type { Viewer } from '../access/viewer.js';
import type { AlertRow } from '../alerting/alert.js';
import type { KnownRule } from '../alerting/rule-book.js';
import type { AnomalyRow } from '../anomaly/anomaly.js';
import type { DecisionRow, StepRow } from '../decision/row.js';
import type { AgentRow } from '../fleet/agent.js';
import type { AgentStats, Distribution } from '../fleet/stats.js';
import type { Entry } from '../ledger/chain.js';
import type { LedgerVerification } from '../ledger/check/verify.js';
import type { ReportRow } from '../report/job/report.js';
import { builder } from './builder.js';

/** The names types know each other by, so that they can refer to each other from their own files. */

export type NodeValue = AgentRow | AlertRow | AnomalyRow | DecisionRow | Entry | Fleet | ApiKey | ReportRow;

/** A step knows its place in its chain, where its content is found. */
export interface PlacedStep extends StepRow {
  place: number;
}

/** Token counts under the names of the columns, so that a row can stand for its own usage. */
export interface TokenCounts {
  inputTokens: number;
  outputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  reasoningTokens: number;
}

/** The decisions of one trace, at least one. */
export interface TraceValue {
  traceId: string;
  decisions: readonly DecisionRow[];
}

export const NodeRef = builder.interfaceRef<NodeValue>('Node');
export const ViewerRef = builder.objectRef<Viewer>('Viewer');
export const FleetRef = builder.objectRef<Fleet>('Fleet');
export const ApiKeyRef = builder.objectRef<ApiKey>('ApiKey');
export const AgentRef = builder.objectRef<AgentRow>('Agent');
export const AgentStatsRef = builder.objectRef<AgentStats>('AgentStats');
export const DistributionRef = builder.objectRef<Distribution>('Distribution');
export const TokenUsageRef = builder.objectRef<TokenCounts>('TokenUsage');
export const DecisionRef = builder.objectRef<DecisionRow>('Decision');
export const AlertRef = builder.objectRef<AlertRow>('Alert');
export const AlertRuleRef = builder.objectRef<KnownRule>('AlertRule');
export const AnomalyRef = builder.objectRef<AnomalyRow>('Anomaly');
export const StepRef = builder.objectRef<PlacedStep>('Step');
export const TraceRef = builder.objectRef<TraceValue>('Trace');
/** The fleet's ledger has nothing of its own: its fields read it. */
export const LedgerRef = builder.objectRef<object>('Ledger');
export const LedgerEntryRef = builder.objectRef<Entry>('LedgerEntry');
export const LedgerVerificationRef = builder.objectRef<LedgerVerification>('LedgerVerification');
export const ReportRef = builder.objectRef<ReportRow>('Report');
