// Written by npm run operations from first-run.graphql: change that.
import type { Operation } from '../../data/operation.js';

type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
export type CreateApiKeyInput = {
  name: string;
  role: Role;
};

export type Role =
  | 'ADMIN'
  | 'AUDITOR'
  | 'INGEST'
  | 'OPERATOR'
  | 'VIEWER';

export type MakeIngestKeyMutationVariables = Exact<{
  input: CreateApiKeyInput;
}>;


export type MakeIngestKeyMutation = { createApiKey:
    | { __typename: 'CreateApiKeySuccess', key: string }
    | { __typename: 'ForbiddenError', message: string }
    | { __typename: 'NotFoundError', message: string }
    | { __typename: 'ValidationError', message: string }
   };

export type FirstDecisionSubscriptionVariables = Exact<{
  after?: string | null | undefined;
}>;


export type FirstDecisionSubscription = { decisionRecorded: { id: string } };

export const MakeIngestKey = "mutation MakeIngestKey($input:CreateApiKeyInput!){createApiKey(input:$input){__typename ...on CreateApiKeySuccess{key}...on UserError{message}}}" as Operation<MakeIngestKeyMutation, MakeIngestKeyMutationVariables>;

export const FirstDecision = "subscription FirstDecision($after:ID){decisionRecorded(after:$after){id}}" as Operation<FirstDecisionSubscription, FirstDecisionSubscriptionVariables>;
