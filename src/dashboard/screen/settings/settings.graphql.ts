// Written by npm run operations from settings.graphql: change that.
import type { Operation } from '../../data/operation.js';

type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
export type CreateApiKeyInput = {
  name: string;
  role: Role;
};

export type NotificationFilter = {
  receivers?: Array<string> | null | undefined;
  states?: Array<NotificationState> | null | undefined;
};

export type NotificationState =
  | 'DEAD'
  | 'FAILED'
  | 'PENDING'
  | 'SENT';

export type Role =
  | 'ADMIN'
  | 'AUDITOR'
  | 'INGEST'
  | 'OPERATOR'
  | 'VIEWER';

export type ApiKeysQueryVariables = Exact<{ [key: string]: never; }>;


export type ApiKeysQuery = { fleet: { apiKeys: Array<{ id: string, role: Role, name: string, createdAt: string, createdBy: string, revokedAt: string | null }> } };

export type CreateApiKeyMutationVariables = Exact<{
  input: CreateApiKeyInput;
}>;


export type CreateApiKeyMutation = { createApiKey:
    | { key: string, apiKey: { id: string, name: string, role: Role } }
    | { code: string, message: string, path: Array<string> }
    | { code: string, message: string, path: Array<string> }
    | { code: string, message: string, path: Array<string> }
   };

export type RevokeApiKeyMutationVariables = Exact<{
  id: string;
}>;


export type RevokeApiKeyMutation = { revokeApiKey:
    | { code: string, message: string, path: Array<string> }
    | { code: string, message: string, path: Array<string> }
    | { apiKey: { id: string } }
   };

export type CreateFleetMutationVariables = Exact<{
  id: string;
}>;


export type CreateFleetMutation = { createFleet:
    | { code: string, message: string, path: Array<string> }
    | { fleet: { name: string } }
    | { code: string, message: string, path: Array<string> }
    | { code: string, message: string, path: Array<string> }
   };

export type ReloadSettingsMutationVariables = Exact<{ [key: string]: never; }>;


export type ReloadSettingsMutation = { reloadSettings:
    | { code: string, message: string, path: Array<string> }
    | { sha256: string | null, needRestart: Array<string> }
    | { code: string, message: string, path: Array<string> }
   };

export type DeliveriesQueryVariables = Exact<{
  filter?: NotificationFilter | null | undefined;
  after?: string | null | undefined;
}>;


export type DeliveriesQuery = { notifications: { nodes: Array<{ id: string, receiver: string, state: NotificationState, attempts: number, nextAttemptAt: string | null, lastError: string | null, createdAt: string, sentAt: string | null, alertCount: number }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export const ApiKeys = "query ApiKeys{fleet{apiKeys{id role name createdAt createdBy revokedAt}}}" as Operation<ApiKeysQuery, ApiKeysQueryVariables>;

export const CreateApiKey = "mutation CreateApiKey($input:CreateApiKeyInput!){createApiKey(input:$input){...on CreateApiKeySuccess{key apiKey{id name role}}...on UserError{code message path}}}" as Operation<CreateApiKeyMutation, CreateApiKeyMutationVariables>;

export const RevokeApiKey = "mutation RevokeApiKey($id:ID!){revokeApiKey(input:{id:$id}){...on RevokeApiKeySuccess{apiKey{id}}...on UserError{code message path}}}" as Operation<RevokeApiKeyMutation, RevokeApiKeyMutationVariables>;

export const CreateFleet = "mutation CreateFleet($id:String!){createFleet(input:{id:$id}){...on CreateFleetSuccess{fleet{name}}...on UserError{code message path}}}" as Operation<CreateFleetMutation, CreateFleetMutationVariables>;

export const ReloadSettings = "mutation ReloadSettings{reloadSettings{...on ReloadSettingsSuccess{sha256 needRestart}...on UserError{code message path}}}" as Operation<ReloadSettingsMutation, ReloadSettingsMutationVariables>;

export const Deliveries = "query Deliveries($filter:NotificationFilter$after:String){notifications(filter:$filter first:50 after:$after){nodes{id receiver state attempts nextAttemptAt lastError createdAt sentAt alertCount}pageInfo{hasNextPage endCursor}}}" as Operation<DeliveriesQuery, DeliveriesQueryVariables>;
