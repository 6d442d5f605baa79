// Written by npm run operations from rules.graphql: change that.
import type { Operation } from '../../data/operation.js';

type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Where an alert stands. */
export type AlertState =
  /** Somebody should look at it. */
  | 'FIRING'
  /** It was pending, and its condition was no longer met before it fired. */
  | 'INACTIVE'
  /** Its condition is met, and not yet for as long as the rule says. */
  | 'PENDING'
  /** It fired, and is over. */
  | 'RESOLVED';

/** What a group without data is taken for. */
export type NoData =
  /** As if the condition were met. */
  | 'FIRE'
  /** As it was before. */
  | 'KEEP'
  /** As if the condition were not met. */
  | 'OK';

/** A label that is handed on with the rule’s alerts. */
export type RuleLabelInput = {
  /** As in Prometheus: letters, digits and underscores. */
  name: string;
  /** Its value. */
  value: string;
};

/** Where an alert rule is from. */
export type RuleOrigin =
  /** Made over the API, for this fleet. */
  | 'API'
  /** midwatch.yaml, for every fleet. */
  | 'FILE';

/** A rule, each value as it would stand in midwatch.yaml. What is left out has the default. */
export type SaveAlertRuleInput = {
  /** The condition’s own threshold, if left out. */
  clear?: string | null | undefined;
  /** `decision_latency_p95{agent="fraud-*"} > 2s`. */
  condition: string;
  /** `10m`, if left out. */
  flapHold?: string | null | undefined;
  /** `0s`, if left out. */
  for?: string | null | undefined;
  /** `0s`, if left out. */
  keepFiringFor?: string | null | undefined;
  /** None, if left out. */
  labels?: Array<RuleLabelInput> | null | undefined;
  /** May hold `{{value}}`, `{{agent}}` and the like. */
  message?: string | null | undefined;
  /** 0, if left out. */
  minimumSamples?: number | null | undefined;
  /** A rule of the same name made before is changed. */
  name: string;
  /** OK, if left out. */
  noData?: NoData | null | undefined;
  /** WARNING, if left out. */
  severity?: Severity | null | undefined;
  /** `5m`, if left out. */
  window?: string | null | undefined;
};

/** How bad something is. */
export type Severity =
  /** Somebody should look at it now. */
  | 'CRITICAL'
  /** Worth knowing; nobody has to do anything. */
  | 'INFO'
  /** Somebody should look at it during the day. */
  | 'WARNING';

export type RulesQueryVariables = Exact<{ [key: string]: never; }>;


export type RulesQuery = { alertRules: Array<RuleFragment>, alerts: { nodes: Array<{ ruleName: string, state: AlertState }> } };

export type RuleFragment = { name: string, condition: string, by: Array<string>, severity: Severity, windowMs: number, forMs: number, keepFiringForMs: number, flapHoldMs: number, clear: number | null, minimumSamples: number, noData: NoData, labels: unknown, message: string, origin: RuleOrigin, updatedAt: string | null, updatedBy: string | null };

export type BacktestQueryVariables = Exact<{
  input: SaveAlertRuleInput;
}>;


export type BacktestQuery = { alertRuleBacktest:
    | { from: string, to: string, everyMs: number, firings: Array<{ group: string, from: string, until: string | null, peakText: string | null }> }
    | { code: string, message: string, path: Array<string> }
    | { code: string, message: string, path: Array<string> }
   };

export type SaveRuleMutationVariables = Exact<{
  input: SaveAlertRuleInput;
}>;


export type SaveRuleMutation = { saveAlertRule:
    | { code: string, message: string, path: Array<string> }
    | { code: string, message: string, path: Array<string> }
    | { rule: { name: string } }
    | { code: string, message: string, path: Array<string> }
   };

export type RemoveRuleMutationVariables = Exact<{
  name: string;
}>;


export type RemoveRuleMutation = { removeAlertRule:
    | { code: string, message: string, path: Array<string> }
    | { code: string, message: string, path: Array<string> }
    | { code: string, message: string, path: Array<string> }
    | { name: string }
   };

export const Rules = "query Rules{alertRules{...Rule}alerts(filter:{states:[PENDING FIRING]}first:100){nodes{ruleName state}}}fragment Rule on AlertRule{name condition by severity windowMs forMs keepFiringForMs flapHoldMs clear minimumSamples noData labels message origin updatedAt updatedBy}" as Operation<RulesQuery, RulesQueryVariables>;

export const Backtest = "query Backtest($input:SaveAlertRuleInput!){alertRuleBacktest(input:$input){...on AlertRuleBacktest{from to everyMs firings{group from until peakText}}...on UserError{code message path}}}" as Operation<BacktestQuery, BacktestQueryVariables>;

export const SaveRule = "mutation SaveRule($input:SaveAlertRuleInput!){saveAlertRule(input:$input){...on SaveAlertRuleSuccess{rule{name}}...on UserError{code message path}}}" as Operation<SaveRuleMutation, SaveRuleMutationVariables>;

export const RemoveRule = "mutation RemoveRule($name:String!){removeAlertRule(input:{name:$name}){...on RemoveAlertRuleSuccess{name}...on UserError{code message path}}}" as Operation<RemoveRuleMutation, RemoveRuleMutationVariables>;
