import { groupRows } from '../../db/group.js';
import { floorTo, MINUTE_MS } from '../../time.js';
import { readFigures } from '../figures/read.js';
import { findChanges, type VersionChange } from './change.js';
import { type ComparedChange, compareChange, type SteppedGroups } from './comparison.js';
import { type DeploymentGroup, setupLabel, versionOf } from './deployment.js';
import { readDeployments, type VersionQuery } from './deployment-reader.js';
import { findLaggards, type RunVersion, type VersionLag } from './lag.js';
import { type AgentVersion, summariseVersions } from './version.js';

/** Steps in which a range is looked through for changes, and as many before it for what was there before. */
const STEPS = 48;

/** Every version of every agent that made decisions in the range, by agent, the newest first; latencies if they are asked for. */
export async function readVersions(
  query: VersionQuery,
  { isTimed }: { isTimed: boolean } = { isTimed: false },
): Promise<AgentVersion[]> {
  const groups = await readDeployments(query, { measures: isTimed ? ['latency'] : [] });
  return summariseVersions(groups, query.toMs - query.fromMs);
}

/** The newest changes in the range, at most `first`, newest first. */
export async function readChanges(query: VersionQuery, first: number): Promise<ComparedChange[]> {
  const seen = await readSteps(query);
  const changes = changesWithin(query, seen);
  return Promise.all(changes.slice(0, first).map((change) => compareChange(query, change, seen)));
}

/** Who lags, and the changes in the range, newest first, uncompared. */
export async function readVersionDrift(query: VersionQuery): Promise<{ lags: VersionLag[]; changes: VersionChange[] }> {
  const reading = readSteps(query);
  const [lags, seen] = await Promise.all([readLaggards(query, reading), reading]);
  return { lags, changes: changesWithin(query, seen) };
}

/** Agents that run an older version than their peers do, as the range shows it. */
export async function readLaggards(
  query: VersionQuery,
  reading: Promise<SteppedGroups> = readSteps(query),
): Promise<VersionLag[]> {
  const { records, fleet, fromMs, toMs } = query;
  const [now, { groups }, work] = await Promise.all([
    readVersions(query),
    reading,
    readFigures(records, {
      fleet,
      source: 'DECISIONS',
      fromMs,
      toMs,
      stepMs: null,
      groupBy: ['AGENT', 'REQUEST_TYPE'],
      filter: {},
      tellsAgents: true,
      measures: [],
    }),
  ]);
  const requestTypes = groupRows(work, ({ labels: [agent] }) => agent);
  const histories = historiesOf(groups);
  return findLaggards(
    now.flatMap((version) => {
      const current = version.isCurrent ? comparableOf(version) : '';
      const history = histories.get(version.agent) ?? [];
      const running = history.find((known) => known.version === current);
      if (running === undefined) return [];
      const types = requestTypes
        .get(version.agent)
        ?.flatMap(({ labels: [, type = ''] }) => (type === '' ? [] : [type]));
      return [
        {
          agent: version.agent,
          regions: version.regions,
          requestTypes: types ?? [],
          current: { ...running, label: version.version ?? '' },
          history,
        },
      ];
    }),
  );
}

function changesWithin({ fromMs, toMs }: VersionQuery, { groups }: SteppedGroups): VersionChange[] {
  return findChanges(groups).filter(({ atMs }) => atMs >= fromMs && atMs < toMs);
}

/** Peers run one prompt on models of their own: those without names are told apart by their fingerprints alone. */
function comparableOf({ version, isNamed, fingerprints }: AgentVersion): string {
  if (isNamed) return version ?? '';
  return setupLabel({ agentVersion: '', fingerprint: fingerprints[0] ?? '', model: '' });
}

function historiesOf(groups: readonly DeploymentGroup[]): Map<string, RunVersion[]> {
  const histories = new Map<string, RunVersion[]>();
  for (const [agent, ofAgent] of groupRows(groups, (group) => group.agent)) {
    const versions = groupRows(ofAgent, (group) => versionOf({ ...group, model: '' }));
    const runs = [...versions].map(([version, of]) => ({
      version,
      firstAtMs: Math.min(...of.map(({ firstAtMs }) => firstAtMs)),
    }));
    histories.set(
      agent,
      runs.filter(({ version }) => version !== ''),
    );
  }
  return histories;
}

/** The range and as much time before it, in steps of whole minutes, without summaries. */
async function readSteps({ records, fleet, fromMs, toMs }: VersionQuery): Promise<SteppedGroups> {
  const stepMs = Math.max(Math.ceil((toMs - fromMs) / STEPS / MINUTE_MS), 1) * MINUTE_MS;
  const startMs = floorTo(fromMs - STEPS * stepMs, MINUTE_MS);
  const groups = await readDeployments({ records, fleet, fromMs: startMs, toMs }, { measures: [], stepMs });
  return { groups, startMs, stepMs };
}
