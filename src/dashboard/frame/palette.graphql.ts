// Written by npm run operations from palette.graphql: change that.
import type { Operation } from '../data/operation.js';

type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
export type AgentStatus =
  | 'DEGRADED'
  | 'FAILING'
  | 'HEALTHY'
  | 'SILENT';

export type PaletteAgentsQueryVariables = Exact<{ [key: string]: never; }>;


export type PaletteAgentsQuery = { agents: { nodes: Array<{ name: string, status: AgentStatus }> } };

export const PaletteAgents = "query PaletteAgents{agents(first:100){nodes{name status}}}" as Operation<PaletteAgentsQuery, PaletteAgentsQueryVariables>;
