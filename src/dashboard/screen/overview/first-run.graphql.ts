// Written by npm run operations from first-run.graphql: change that.
import type { Operation } from '../../data/operation.js';

type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** The key to make, for the fleet of the request. */
export type CreateApiKeyInput = {
  /** What it is for, 1 to 200 characters. */
  name: string;
  /** What it may do. */
  role: Role;
};

/** What a credential may do. */
export type Role =
  /** All of it, and API keys and fleets. */
  | 'ADMIN'
  /** Reads everything and changes nothing. */
  | 'AUDITOR'
  /** Sends telemetry and reads nothing. */
  | 'INGEST'
  /** Also reads content: prompts, answers, arguments and results of tools. */
  | 'OPERATOR'
  /** Reads agents, decisions and the ledger, without content. */
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
