import { groupRows } from '../../db/group.js';
import { compareText } from '../../order.js';
import type { DeploymentGroup, Setup } from './deployment.js';

/**
 * - `VERSION`: the agent names another version. `PROMPT_OR_TOOLS`, `MODEL`: it was changed without a name for it.
 */
export const CHANGE_KINDS = ['VERSION', 'PROMPT_OR_TOOLS', 'MODEL'] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** When an agent went from one set-up to another. What the kind does not concern is '' on both sides, and matches anything. */
export interface VersionChange {
  agent: string;
  kind: ChangeKind;
  from: Setup;
  to: Setup;
  /** When the first decision with the new one started, to the minute. */
  atMs: number;
}

/** One value of what may change, over the steps of a range. */
interface Run {
  setup: Setup;
  firstAtMs: number;
  /** Steps in which it made decisions, ascending. */
  steps: number[];
}

/**
 * Changes of every agent, the newest first. `groups` in steps, in order of time: an announced version counts from its
 * first decision. Another prompt, set of tools or model counts when what it follows was used no more one step later: agents
 * do have several prompts and models at a time.
 */
export function findChanges(groups: readonly DeploymentGroup[]): VersionChange[] {
  const changes = [...groupRows(groups, ({ agent }) => agent)].flatMap(([agent, ofAgent]) => [
    ...versionChanges(agent, ofAgent),
    ...[...groupRows(ofAgent, ({ agentVersion }) => agentVersion)].flatMap(([, ofVersion]) => [
      ...unannouncedChanges({ agent, kind: 'PROMPT_OR_TOOLS' }, ofVersion),
      ...[...groupRows(ofVersion, ({ fingerprint }) => fingerprint)].flatMap(([, ofPrompt]) =>
        unannouncedChanges({ agent, kind: 'MODEL' }, ofPrompt),
      ),
    ]),
  ]);
  return changes.sort((left, right) => right.atMs - left.atMs || compareText(left.agent, right.agent));
}

function versionChanges(agent: string, groups: readonly DeploymentGroup[]): VersionChange[] {
  const runs = runsBy(groups, ({ agentVersion }) => ({ agentVersion, fingerprint: '', model: '' }));
  const named = runs.filter(({ setup }) => setup.agentVersion !== '');
  return successions(named).map(([before, after]) => changeOf({ agent, kind: 'VERSION' }, before, after));
}

/** Within one version, or in an agent that names none. */
function unannouncedChanges(
  what: Pick<VersionChange, 'agent' | 'kind'>,
  groups: readonly DeploymentGroup[],
): VersionChange[] {
  const isModel = what.kind === 'MODEL';
  const runs = runsBy(groups, ({ agentVersion, fingerprint, model }) => ({
    agentVersion,
    fingerprint,
    model: isModel ? model : '',
  }));
  const known = runs.filter(({ setup }) => setup[isModel ? 'model' : 'fingerprint'] !== '');
  return successions(known)
    .filter(([before, after]) => hasEnded(before, after))
    .map(([before, after]) => changeOf(what, before, after));
}

function changeOf(what: Pick<VersionChange, 'agent' | 'kind'>, before: Run, after: Run): VersionChange {
  return { ...what, from: before.setup, to: after.setup, atMs: after.firstAtMs };
}

function runsBy(groups: readonly DeploymentGroup[], setupOf: (group: DeploymentGroup) => Setup): Run[] {
  // Decisions that failed before a model answered know the model that was asked for only, by another name perhaps.
  const answered = groups.filter(({ figures }) => figures.counts.errors < figures.counts.decisions);
  const runs = [...groupRows(answered, (group) => JSON.stringify(setupOf(group)))].flatMap(([, of]) => {
    const [first] = of;
    return first === undefined
      ? []
      : [
          {
            setup: setupOf(first),
            firstAtMs: Math.min(...of.map(({ firstAtMs }) => firstAtMs)),
            steps: [...new Set(of.map(({ step }) => step))].sort((left, right) => left - right),
          },
        ];
  });
  return runs.sort((left, right) => left.firstAtMs - right.firstAtMs);
}

/** Each run with the last one that began before it; what began in one minute did not follow one another. */
function successions(runs: readonly Run[]): [Run, Run][] {
  return runs.flatMap((after) => {
    const before = runs.findLast(({ firstAtMs }) => firstAtMs < after.firstAtMs);
    return before === undefined ? [] : [[before, after] satisfies [Run, Run]];
  });
}

function hasEnded(before: Run, after: Run): boolean {
  const [firstAfter = 0] = after.steps;
  const lastBefore = before.steps.at(-1) ?? 0;
  return lastBefore <= firstAfter + 1 && lastBefore <= (after.steps.at(-1) ?? 0);
}

/** Whether a deployment is one of a change's side. */
export function isOfSetup(group: DeploymentGroup, { agentVersion, fingerprint, model }: Setup): boolean {
  const agrees = (known: string, wanted: string) => wanted === '' || known === wanted;
  return (
    agrees(group.agentVersion, agentVersion) && agrees(group.fingerprint, fingerprint) && agrees(group.model, model)
  );
}
