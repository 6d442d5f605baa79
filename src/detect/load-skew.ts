import type { Share } from '../fleet/load.js';
import type { Role, RoleMember } from '../fleet/version/role.js';
import { percent } from '../fleet/wording.js';
import { type AgentFinding, followIncidents, type IncidentChanges, isAmong, type OpenIncidents } from './incident.js';
import { named } from './named.js';

/** What the agents of one role did in a span of time. */
export interface RoleLoad {
  role: string;
  /** Decisions by agent. */
  decisions: ReadonlyMap<string, number>;
}

export interface LoadMemory {
  /** Decisions of earlier windows, older ones counting less, by agent. */
  usual: Readonly<Record<string, number>>;
  open: OpenIncidents;
}

/** Fewer decisions of a role say nothing of its shares. */
export const DECISIONS_MIN = 100;
/** Several times the error of a share: work comes in bursts, not one by one. */
const DEVIATIONS_MIN = 6;
/** What grew by less is no skew. */
const GROWTH_FACTOR_MIN = 1.5;
const GROWTH_MIN = 0.15;
/** Half of a role's work and twice what an even part would be, from the first: nobody is woken for it. */
const UNEVEN_SHARE_MIN = 0.5;
const UNEVEN_FACTOR_MIN = 2;
/** What is remembered of a window after the next one: a skew is usual after some ten windows. */
const MEMORY_SHARE = 0.9;

/** Who does what part of the work of its role, from the figures of a window. */
export function loadsOfRoles(
  roles: readonly Role<RoleMember>[],
  shares: readonly Pick<Share, 'name' | 'decisions'>[],
): RoleLoad[] {
  const counts = new Map(shares.map(({ name, decisions }) => [name, decisions]));
  return roles.map(({ name, members }) => ({
    role: name,
    decisions: new Map(members.map(({ agent }) => [agent, counts.get(agent) ?? 0])),
  }));
}

/**
 * Agents whose part of their role's work grew beyond their own history, and those that carry most of it. To be called once a
 * window; windows do not overlap.
 */
export function watchLoad(
  memory: LoadMemory | undefined,
  loads: readonly RoleLoad[],
  nowMs: number,
): { memory: LoadMemory; changes: IncidentChanges } {
  const { usual, open } = memory ?? { usual: {}, open: [] };
  const judged = loads.filter(({ decisions }) => sumOf(decisions.values()) >= DECISIONS_MIN);
  const holding = judged.flatMap((load) => findSkews(load, usual, open));
  const followed = followIncidents(open, holding, nowMs);
  const learned = Object.fromEntries(loads.flatMap((load) => learn(load, usual)));
  return { memory: { usual: learned, open: followed.open }, changes: followed.changes };
}

function learn({ decisions }: RoleLoad, usual: LoadMemory['usual']): [agent: string, decisions: number][] {
  return [...decisions].map(([agent, count]) => [agent, MEMORY_SHARE * (named(usual, agent) ?? 0) + count]);
}

function findSkews({ role, decisions }: RoleLoad, usual: LoadMemory['usual'], open: OpenIncidents): AgentFinding[] {
  const total = sumOf(decisions.values());
  const before = sumOf([...decisions.keys()].map((agent) => named(usual, agent) ?? 0));
  return [...decisions].flatMap(([agent, count]) => {
    const share = count / total;
    const about = { agent, role, share, peers: decisions.size };
    const uneven = describe({ ...about, incident: `uneven load of ${role}` }, null);
    const wasUneven = isAmong(open, { agent, incident: uneven.finding.incident });
    const isUneven = share * decisions.size >= UNEVEN_FACTOR_MIN && (wasUneven || share >= UNEVEN_SHARE_MIN);
    const usualShare = before < DECISIONS_MIN ? null : (named(usual, agent) ?? 0) / before;
    const hasSkewed = usualShare !== null && hasGrown(share, usualShare, { total, before });
    return [
      ...(hasSkewed ? [describe({ ...about, incident: `grown load of ${role}` }, usualShare)] : []),
      ...(isUneven && (wasUneven || !hasSkewed) ? [uneven] : []),
    ];
  });
}

function hasGrown(share: number, usualShare: number, { total, before }: { total: number; before: number }): boolean {
  const pooled = (share * total + usualShare * before) / (total + before);
  const deviation = Math.sqrt(pooled * (1 - pooled) * (1 / total + 1 / before));
  const grown = share - usualShare;
  return grown >= GROWTH_MIN && share >= GROWTH_FACTOR_MIN * usualShare && grown >= DEVIATIONS_MIN * deviation;
}

interface Skew {
  agent: string;
  role: string;
  share: number;
  /** Agents of the role. */
  peers: number;
  incident: string;
}

/** Without a usual share it was never otherwise. */
function describe({ agent, role, share, peers, incident }: Skew, usualShare: number | null): AgentFinding {
  const expected = usualShare ?? 1 / peers;
  const compared = usualShare === null ? `${peers} share it` : `${percent(usualShare)} was usual`;
  return {
    agent,
    finding: {
      kind: 'LOAD_SKEW',
      severity: usualShare === null ? 'INFO' : 'WARNING',
      score: Math.max(0, Math.min(1, share - expected)),
      observed: share,
      expected,
      summary: `${agent} does ${percent(share)} of the work of ${role}; ${compared}.`,
      evidence: { role, share, usualShare, peers },
      incident,
    },
  };
}

export function sumOf(values: Iterable<number>): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}
