import { groupRows } from '../../db/group.js';
import type { Figures } from '../../metric/figures.js';
import { addFigures, emptyFigures } from '../../metric/rollup-row.js';
import { compareText } from '../../order.js';
import { type DeploymentGroup, versionOf } from './deployment.js';
import { type VersionFigures, versionFiguresOf } from './version-figures.js';

/** One version of one agent, as the decisions of a range show it. */
export interface AgentVersion {
  agent: string;
  /** Null when the agent names none and no fingerprint is known. */
  version: string | null;
  /** Whether the agent names it itself. */
  isNamed: boolean;
  /** Of system prompt and tools, 16 hex digits each, the ones used most first. */
  fingerprints: string[];
  regions: string[];
  models: string[];
  /** Of the agent's decisions in the range, 0 to 1. */
  share: number;
  figures: VersionFigures;
  /** To the minute, whatever the range. */
  firstSeenAt: Date;
  /** In the range, as exactly as its rollups say. */
  lastSeenAt: Date;
  /** It is the newest of those the agent still runs at the end of the range. */
  isCurrent: boolean;
}

/** Runs to the end of the range: versions last seen within this part of it before the agent's last decision. */
const STILL_RUNNING_SHARE = 0.05;
const STILL_RUNNING_MS_MIN = 60_000;

/** The versions of every agent, by agent, the newest first. `rangeMs`: the length of the range that was read. */
export function summariseVersions(groups: readonly DeploymentGroup[], rangeMs: number): AgentVersion[] {
  const graceMs = Math.max(rangeMs * STILL_RUNNING_SHARE, STILL_RUNNING_MS_MIN);
  const byAgent = [...groupRows(groups, ({ agent }) => agent)].sort(([left], [right]) => compareText(left, right));
  return byAgent.flatMap(([agent, ofAgent]) => versionsOfAgent(agent, ofAgent, graceMs));
}

function versionsOfAgent(agent: string, groups: readonly DeploymentGroup[], graceMs: number): AgentVersion[] {
  const total = sum(groups, ({ figures }) => figures.counts.decisions);
  const versions = [...groupRows(groups, versionOf)].map(([version, ofVersion]): AgentVersion => {
    const figures = addUp(ofVersion);
    return {
      agent,
      version: version === '' ? null : version,
      isNamed: ofVersion.some(({ agentVersion }) => agentVersion !== ''),
      fingerprints: mostUsed(ofVersion, ({ fingerprint }) => fingerprint),
      regions: mostUsed(ofVersion, ({ region }) => region),
      models: mostUsed(ofVersion, ({ model }) => model),
      share: total > 0 ? figures.counts.decisions / total : 0,
      figures: versionFiguresOf(figures),
      firstSeenAt: new Date(Math.min(...ofVersion.map(({ firstAtMs }) => firstAtMs))),
      lastSeenAt: new Date(Math.max(...ofVersion.map(({ lastAtMs }) => lastAtMs))),
      isCurrent: false,
    };
  });
  versions.sort((left, right) => right.firstSeenAt.getTime() - left.firstSeenAt.getTime());
  const lastMs = Math.max(...versions.map(({ lastSeenAt }) => lastSeenAt.getTime()));
  const running = versions.filter(({ lastSeenAt }) => lastSeenAt.getTime() >= lastMs - graceMs);
  const current = running.find(({ version }) => version !== null) ?? running[0];
  return versions.map((version) => ({ ...version, isCurrent: version === current }));
}

function addUp(groups: readonly DeploymentGroup[]): Figures {
  const total = emptyFigures();
  for (const { figures } of groups) addFigures(total, figures);
  return total;
}

/** The values that groups have, those of the most decisions first; '' is none. */
export function mostUsed(groups: readonly DeploymentGroup[], read: (group: DeploymentGroup) => string): string[] {
  const uses = [...groupRows(groups, read)]
    .filter(([value]) => value !== '')
    .map(([value, of]) => ({ value, decisions: sum(of, ({ figures }) => figures.counts.decisions) }));
  uses.sort((left, right) => right.decisions - left.decisions || compareText(left.value, right.value));
  return uses.map(({ value }) => value);
}

function sum<T>(values: readonly T[], read: (value: T) => number): number {
  return values.reduce((total, value) => total + read(value), 0);
}
