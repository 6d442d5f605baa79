// Written by npm run operations from rules.graphql: change that.
import type { Operation } from '../../data/operation.js';

type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
export type AlertState =
  | 'FIRING'
  | 'INACTIVE'
  | 'PENDING'
  | 'RESOLVED';

export type NoData =
  | 'FIRE'
  | 'KEEP'
  | 'OK';

export type RuleLabelInput = {
  name: string;
  value: string;
};

export type RuleOrigin =
  | 'API'
  | 'FILE';

export type SaveAlertRuleInput = {
  clear?: string | null | undefined;
  condition: string;
  flapHold?: string | null | undefined;
  for?: string | null | undefined;
  keepFiringFor?: string | null | undefined;
  labels?: Array<RuleLabelInput> | null | undefined;
  message?: string | null | undefined;
  minimumSamples?: number | null | undefined;
  name: string;
  noData?: NoData | null | undefined;
  severity?: Severity | null | undefined;
  window?: string | null | undefined;
};

export type Severity =
  | 'CRITICAL'
  | 'INFO'
  | 'WARNING';

export type RulesQueryVariables = Exact<{ [key: string]: never; }>;


export type RulesQuery = { resumeFrom: { alertChanged: string }, alertRules: Array<RuleFragment>, alerts: { nodes: Array<{ ruleName: string, state: AlertState }> } };

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

export const Rules = "query Rules{resumeFrom{alertChanged}alertRules{...Rule}alerts(filter:{states:[PENDING FIRING]}first:100){nodes{ruleName state}}}fragment Rule on AlertRule{name condition by severity windowMs forMs keepFiringForMs flapHoldMs clear minimumSamples noData labels message origin updatedAt updatedBy}" as Operation<RulesQuery, RulesQueryVariables>;

export const Backtest = "query Backtest($input:SaveAlertRuleInput!){alertRuleBacktest(input:$input){...on AlertRuleBacktest{from to everyMs firings{group from until peakText}}...on UserError{code message path}}}" as Operation<BacktestQuery, BacktestQueryVariables>;

export const SaveRule = "mutation SaveRule($input:SaveAlertRuleInput!){saveAlertRule(input:$input){...on SaveAlertRuleSuccess{rule{name}}...on UserError{code message path}}}" as Operation<SaveRuleMutation, SaveRuleMutationVariables>;

export const RemoveRule = "mutation RemoveRule($name:String!){removeAlertRule(input:{name:$name}){...on RemoveAlertRuleSuccess{name}...on UserError{code message path}}}" as Operation<RemoveRuleMutation, RemoveRuleMutationVariables>;
