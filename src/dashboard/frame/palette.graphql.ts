// Written by npm run operations from palette.graphql: change that.
import type { Operation } from '../data/operation.js';

type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** How an agent is, judged by its own history; the thresholds are in midwatch.yaml. */
export type AgentStatus =
  /** More of its decisions failed in the last hour than is usual for it, or they took much longer. */
  | 'DEGRADED'
  /** Half of its decisions failed in the last hour, or more. */
  | 'FAILING'
  /** It does what is usual for it. */
  | 'HEALTHY'
  /** It has made no decision for longer than its own rhythm explains. */
  | 'SILENT';

export type PaletteAgentsQueryVariables = Exact<{ [key: string]: never; }>;


export type PaletteAgentsQuery = { agents: { nodes: Array<{ name: string, status: AgentStatus }> } };

export const PaletteAgents = "query PaletteAgents{agents(first:100){nodes{name status}}}" as Operation<PaletteAgentsQuery, PaletteAgentsQueryVariables>;
