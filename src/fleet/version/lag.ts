import { groupRows } from '../../db/group.js';
import { compareText } from '../../order.js';
import { findRoles, type Role, type RoleMember } from './role.js';
import { compareSemanticVersions, parseSemanticVersion, type SemanticVersion } from './semantic-version.js';

/** One agent with the versions it ran, the one it runs now among them. */
export interface VersionedAgent extends RoleMember {
  current: RunVersion & { label: string };
  /** All of a longer range, the current one included. */
  history: readonly RunVersion[];
}

/**
 * What tells versions of peers from each other: the name, else the fingerprint. The current one has what it is called too,
 * by its fingerprint and model perhaps.
 */
export interface RunVersion {
  version: string;
  firstAtMs: number;
}

/** An agent that runs an older version than the peers of its role. */
export interface VersionLag {
  agent: string;
  role: string;
  version: string;
  /** The one the role has come to. */
  roleVersion: string;
  /** Agents of the role that run it, or a newer one. */
  peersAhead: string[];
  /** When the first of them began to run the role's version. */
  behindSinceMs: number;
}

/** Agents behind their peers, by name. */
export function findLaggards(agents: readonly VersionedAgent[]): VersionLag[] {
  const lags = findRoles(agents).flatMap(lagsOfRole);
  return lags.sort((left, right) => compareText(left.agent, right.agent));
}

/**
 * The role has come to the newest version that at least half of its agents run or are beyond: a first trial on one of many
 * leaves nobody behind.
 */
function lagsOfRole({ name, members }: Role<VersionedAgent>): VersionLag[] {
  const isOlder = orderOf(members);
  const target = members
    .map(({ current }) => current.version)
    .filter((version) => {
      const reached = members.filter(({ current }) => current.version === version || isOlder(version, current.version));
      return reached.length * 2 >= members.length;
    })
    .reduce<string | null>((newest, version) => (newest === null || isOlder(newest, version) ? version : newest), null);
  if (target === null) return [];
  const isBehind = ({ current }: VersionedAgent) => current.version !== target && isOlder(current.version, target);
  const ahead = members.filter(({ current }) => current.version === target || isOlder(target, current.version));
  const since = ahead.flatMap(({ history }) =>
    history.filter(({ version }) => version === target).map(({ firstAtMs }) => firstAtMs),
  );
  return members.filter(isBehind).map(({ agent, current }) => ({
    agent,
    role: name,
    version: current.label,
    roleVersion: labelOf(target, members),
    peersAhead: ahead.map((peer) => peer.agent).sort(),
    behindSinceMs: Math.min(...since),
  }));
}

/** What most of those that run the version call it. */
function labelOf(version: string, members: readonly VersionedAgent[]): string {
  const labels = members.filter(({ current }) => current.version === version).map(({ current }) => current.label);
  const byUse = [...groupRows(labels, (label) => label)].sort(
    ([left, ofLeft], [right, ofRight]) => ofRight.length - ofLeft.length || compareText(left, right),
  );
  return byUse[0]?.[0] ?? version;
}

type IsOlder = (version: string, other: string) => boolean;

/**
 * Semantic versions by their numbers. Others have an order only where agents of the role went from one to the other: that
 * one was seen first says nothing when two agents never ran the same.
 */
function orderOf(members: readonly VersionedAgent[]): IsOlder {
  const names = new Set(members.flatMap(({ history }) => history.map(({ version }) => version)));
  const parsed = new Map<string, SemanticVersion | null>();
  for (const version of names) parsed.set(version, parseSemanticVersion(version));
  const followers = followersOf(members);
  return (version, other) => {
    const left = parsed.get(version) ?? null;
    const right = parsed.get(other) ?? null;
    if (left !== null && right !== null) return compareSemanticVersions(left, right) < 0;
    return followers.get(version)?.has(other) === true && followers.get(other)?.has(version) !== true;
  };
}

/** The versions that came after each, in the order some agent ran them. */
function followersOf(members: readonly VersionedAgent[]): ReadonlyMap<string, ReadonlySet<string>> {
  const pairs = members.flatMap(({ history }) =>
    history.flatMap((earlier) =>
      history
        .filter(({ firstAtMs }) => firstAtMs > earlier.firstAtMs)
        .map((later) => ({ earlier: earlier.version, later: later.version })),
    ),
  );
  const grouped = [...groupRows(pairs, ({ earlier }) => earlier)];
  return new Map(grouped.map(([version, of]) => [version, new Set(of.map(({ later }) => later))]));
}
