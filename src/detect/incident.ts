import type { Finding } from '../anomaly/finding.js';
import { SEVERITIES, type Severity } from '../settings/settings.js';

/** A finding of an agent; `agent` is null when it is the fleet's. */
export interface AgentFinding {
  agent: string | null;
  finding: Finding;
}

/** An incident that is over. */
export interface EndedIncident extends OpenIncident {
  /** Milliseconds since the epoch. */
  endedAtMs: number;
}

/** What one look changed: each incident is found once, and once more when it is more severe; it ends once. */
export interface IncidentChanges {
  found: AgentFinding[];
  ended: EndedIncident[];
}

/** An incident by the names that tell it from others of its kind. */
export interface OpenIncident {
  agent: string | null;
  incident: string;
}

/** One that was told. */
export interface ToldIncident extends OpenIncident {
  severity: Severity;
}

export type OpenIncidents = readonly ToldIncident[];

/** The changes from the incidents that were open to those that hold now, and what is open then. */
export function followIncidents(
  open: OpenIncidents,
  holding: readonly AgentFinding[],
  atMs: number,
): { open: OpenIncidents; changes: IncidentChanges } {
  const now = holding.map(({ agent, finding: { incident, severity } }) => ({ agent, incident, severity }));
  const before = new Map(open.map((told) => [keyOf(told), told]));
  const after = new Set(now.map(keyOf));
  const isTold = ({ agent, finding: { incident, severity } }: AgentFinding) => {
    const told = before.get(keyOf({ agent, incident }));
    return told !== undefined && rankOf(told.severity) >= rankOf(severity);
  };
  return {
    open: now,
    changes: {
      found: holding.filter((each) => !isTold(each)),
      ended: open.filter((told) => !after.has(keyOf(told))).map((told) => ({ ...told, endedAtMs: atMs })),
    },
  };
}

function rankOf(severity: Severity): number {
  return SEVERITIES.indexOf(severity);
}

/** Names an open incident among others of its kind. */
export function keyOf({ agent, incident }: OpenIncident): string {
  return JSON.stringify([agent, incident]);
}

export function isAmong(incidents: readonly OpenIncident[], { agent, incident }: OpenIncident): boolean {
  return incidents.some((other) => other.agent === agent && other.incident === incident);
}
