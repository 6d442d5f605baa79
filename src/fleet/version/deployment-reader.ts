import type { Measure } from '../../metric/figures.js';
import { type FigureRecords, readFigures } from '../figures/read.js';
import type { Window } from '../window.js';
import { DEPLOYMENT_DIMENSIONS, type DeploymentGroup, toDeployments } from './deployment.js';

export interface VersionQuery extends Window {
  records: FigureRecords;
  fleet: string;
}

interface DeploymentSelection {
  agent?: string;
  measures: readonly Measure[];
  stepMs?: number;
}

/** The deployments of every agent, or of one, that made decisions in the range. */
export async function readDeployments(
  { records, fleet, fromMs, toMs }: VersionQuery,
  { agent, measures, stepMs }: DeploymentSelection,
): Promise<DeploymentGroup[]> {
  const groups = await readFigures(records, {
    fleet,
    source: 'DECISIONS',
    fromMs,
    toMs,
    stepMs: stepMs ?? null,
    groupBy: DEPLOYMENT_DIMENSIONS,
    filter: agent === undefined ? {} : { agents: [agent] },
    tellsAgents: true,
    measures,
  });
  return toDeployments(groups);
}
