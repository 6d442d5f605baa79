import type { VersionChange } from '../fleet/version/change.js';
import { setupLabel } from '../fleet/version/deployment.js';
import type { VersionLag } from '../fleet/version/lag.js';
import { duration } from '../fleet/wording.js';
import { type AgentFinding, followIncidents, type IncidentChanges, type OpenIncidents } from './incident.js';

export interface VersionSighting {
  /** Agents behind their peers now. */
  lags: readonly VersionLag[];
  /** Changes of the last hours; those that an agent announced by a version are no drift. */
  changes: readonly VersionChange[];
}

/** A rollout over a role takes a while. */
const ROLLOUT_MS = 600_000;

/** Agents that lag behind or were changed without a new version. An incident ends when the agent has caught up, or its change is no longer among those given. */
export function watchVersions(
  { lags, changes }: VersionSighting,
  open: OpenIncidents,
  nowMs: number,
): { open: OpenIncidents; changes: IncidentChanges } {
  const behind = lags
    .filter(({ behindSinceMs }) => nowMs - behindSinceMs >= ROLLOUT_MS)
    .map((lag) => findLag(lag, nowMs));
  const unannounced = changes.filter(({ kind }) => kind !== 'VERSION').map(findChange);
  return followIncidents(open, [...behind, ...unannounced], nowMs);
}

function findLag(lag: VersionLag, nowMs: number): AgentFinding {
  const { agent, role, version, roleVersion, peersAhead, behindSinceMs } = lag;
  const peers = peersAhead.length + 1;
  return {
    agent,
    finding: {
      kind: 'VERSION_DRIFT',
      severity: 'WARNING',
      score: peersAhead.length / peers,
      observed: null,
      expected: null,
      summary: `${agent} still runs ${version}, ${peersAhead.length} of ${peers} peers of ${role} run ${roleVersion} since ${duration(nowMs - behindSinceMs)}.`,
      evidence: {
        role,
        version,
        roleVersion,
        peersAhead: [...peersAhead],
        behindSince: new Date(behindSinceMs).toISOString(),
      },
      incident: `${version} behind ${roleVersion}`,
    },
  };
}

function findChange({ agent, kind, from, to, atMs }: VersionChange): AgentFinding {
  const what = kind === 'MODEL' ? 'another model answers' : 'its prompt or tools are others';
  return {
    agent,
    finding: {
      kind: 'VERSION_DRIFT',
      severity: 'WARNING',
      score: 1,
      observed: null,
      expected: null,
      summary: `${agent} was changed without a new version: ${what} (${setupLabel(from)} before, ${setupLabel(to)} now).`,
      evidence: { change: kind, from: setupLabel(from), to: setupLabel(to), at: new Date(atMs).toISOString() },
      incident: `${kind} ${setupLabel(to)} since ${new Date(atMs).toISOString()}`,
    },
  };
}
