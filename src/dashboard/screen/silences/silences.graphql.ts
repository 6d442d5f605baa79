// Written by npm run operations from silences.graphql: change that.
import type { Operation } from '../../data/operation.js';

type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
export type Severity =
  | 'CRITICAL'
  | 'INFO'
  | 'WARNING';

export type SilenceInput = {
  matchers: Array<SilenceMatcherInput>;
  reason: string;
  startsAt?: string | null | undefined;
  until: string;
};

export type SilenceMatcherInput = {
  label: string;
  pattern: string;
};

export type SilencesQueryVariables = Exact<{
  after?: string | null | undefined;
  ended: boolean;
}>;


export type SilencesQuery = { silences: { nodes: Array<QuietFragment>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type QuietFragment = { id: string, reason: string, createdBy: string, createdAt: string, startsAt: string, endsAt: string, matchers: Array<{ label: string, pattern: string }> };

export type FiringLabelsQueryVariables = Exact<{ [key: string]: never; }>;


export type FiringLabelsQuery = { alerts: { nodes: Array<{ id: string, ruleName: string, severity: Severity, labels: Array<{ name: string, value: string }> }>, pageInfo: { hasNextPage: boolean } } };

export type BeginSilenceMutationVariables = Exact<{
  input: SilenceInput;
}>;


export type BeginSilenceMutation = { silence:
    | { code: string, message: string, path: Array<string> }
    | { silence: QuietFragment }
    | { code: string, message: string, path: Array<string> }
   };

export type EndSilenceMutationVariables = Exact<{
  id: string;
}>;


export type EndSilenceMutation = { expireSilence:
    | { silence: QuietFragment }
    | { code: string, message: string, path: Array<string> }
    | { code: string, message: string, path: Array<string> }
   };

export const Silences = "query Silences($after:String$ended:Boolean!){silences(first:50 after:$after ended:$ended){nodes{...Quiet}pageInfo{hasNextPage endCursor}}}fragment Quiet on Silence{id matchers{label pattern}reason createdBy createdAt startsAt endsAt}" as Operation<SilencesQuery, SilencesQueryVariables>;

export const FiringLabels = "query FiringLabels{alerts(filter:{states:[PENDING FIRING]}first:100){nodes{id ruleName severity labels{name value}}pageInfo{hasNextPage}}}" as Operation<FiringLabelsQuery, FiringLabelsQueryVariables>;

export const BeginSilence = "mutation BeginSilence($input:SilenceInput!){silence(input:$input){...on SilenceSuccess{silence{...Quiet}}...on UserError{code message path}}}fragment Quiet on Silence{id matchers{label pattern}reason createdBy createdAt startsAt endsAt}" as Operation<BeginSilenceMutation, BeginSilenceMutationVariables>;

export const EndSilence = "mutation EndSilence($id:ID!){expireSilence(input:{id:$id}){...on ExpireSilenceSuccess{silence{...Quiet}}...on UserError{code message path}}}fragment Quiet on Silence{id matchers{label pattern}reason createdBy createdAt startsAt endsAt}" as Operation<EndSilenceMutation, EndSilenceMutationVariables>;
