/** An agent of a fleet as its decisions show it. */
export interface AgentRow {
  name: string;
  version: string | null;
  region: string | null;
  environment: string | null;
  models: string[];
  firstSeenAt: Date;
  lastSeenAt: Date;
}

export const AGENT_STATUSES = ['HEALTHY', 'DEGRADED', 'FAILING', 'SILENT'] as const;
export type AgentStatus = (typeof AGENT_STATUSES)[number];
