import { addFigures, emptyFigures } from '../../metric/rollup-row.js';
import { MINUTE_MS } from '../../time.js';
import { isOfSetup, type VersionChange } from './change.js';
import { type DeploymentGroup, type Setup, setupLabel, versionOf } from './deployment.js';
import { readDeployments, type VersionQuery } from './deployment-reader.js';
import { mostUsed } from './version.js';
import { type VersionFigures, versionFiguresOf } from './version-figures.js';

/** A change with equal windows before and after it, as long as what of the range lies after it. */
export interface ComparedChange extends VersionChange {
  from: Setup & NamedSetup;
  to: Setup & NamedSetup;
  windowMs: number;
  /** When the window before ends: with the change, or with the last it did when it paused for longer than the window. */
  beforeEndMs: number;
  /** Of what it was changed from, in the window before. */
  before: VersionFigures;
  /** Of what it was changed to, in the window after. */
  after: VersionFigures;
}

interface NamedSetup {
  /** As it is called among all versions of the agent. */
  version: string;
  /** The same, and what of it was changed where that is not part of its name. */
  label: string;
}

/** Groups of a range in steps, in which changes were found. */
export interface SteppedGroups {
  groups: readonly DeploymentGroup[];
  startMs: number;
  stepMs: number;
}

export async function compareChange(
  query: VersionQuery,
  change: VersionChange,
  seen: SteppedGroups,
): Promise<ComparedChange> {
  const { agent, atMs, from, to } = change;
  const windowMs = query.toMs - atMs;
  const ofAgent = { agent, measures: ['latency'] as const };
  const range = { ...query, fromMs: atMs - windowMs };
  const groups = await readDeployments(range, { ...ofAgent, stepMs: windowMs });
  const inStep = (step: number) => groups.filter((group) => group.step === step);
  const compared: ComparedChange = {
    ...change,
    from: named(from, seen.groups, agent),
    to: named(to, seen.groups, agent),
    windowMs,
    beforeEndMs: atMs,
    before: figuresOf(from, inStep(0)),
    after: figuresOf(to, inStep(1)),
  };
  if (compared.before.decisions > 0) return compared;
  const beforeEndMs = await findPause(query, change, seen);
  if (beforeEndMs === null) return compared;
  const earlier = await readDeployments({ ...query, fromMs: beforeEndMs - windowMs, toMs: beforeEndMs }, ofAgent);
  return { ...compared, beforeEndMs, before: figuresOf(from, earlier) };
}

function figuresOf(setup: Setup, groups: readonly DeploymentGroup[]): VersionFigures {
  const total = emptyFigures();
  for (const group of groups) if (isOfSetup(group, setup)) addFigures(total, group.figures);
  return versionFiguresOf(total);
}

/** Without a name, a version is a prompt with its model: of several models, the one most of its decisions were made with. */
function named(setup: Setup, groups: readonly DeploymentGroup[], agent: string): Setup & NamedSetup {
  const own = groups.filter((group) => group.agent === agent && isOfSetup(group, setup));
  const [model = ''] = setup.model === '' ? mostUsed(own, (group) => group.model) : [setup.model];
  const version = versionOf({ ...setup, model });
  return { ...setup, version, label: setup.agentVersion === '' && version !== '' ? version : setupLabel(setup) };
}

/** Into how many parts a step is divided when the last minute of something is looked for. */
const PARTS = 48;

/** The end of the last minute before the change in which the agent ran what it was changed from; null when none is known. */
async function findPause(
  query: VersionQuery,
  { agent, atMs, from }: VersionChange,
  { groups, startMs, stepMs }: SteppedGroups,
): Promise<number | null> {
  let [fromMs, lengthMs, found] = [startMs, stepMs, groups];
  for (;;) {
    const steps = found
      .filter((group) => group.agent === agent && isOfSetup(group, from))
      .map(({ step }) => step)
      .filter((step) => fromMs + step * lengthMs < atMs);
    if (steps.length === 0) return null;
    fromMs += Math.max(...steps) * lengthMs;
    const toMs = Math.min(fromMs + lengthMs, atMs);
    if (lengthMs <= MINUTE_MS) return toMs;
    const parts = Math.max(Math.ceil(lengthMs / PARTS / MINUTE_MS), 1) * MINUTE_MS;
    found = await readDeployments({ ...query, fromMs, toMs }, { agent, measures: [], stepMs: parts });
    lengthMs = parts;
  }
}
