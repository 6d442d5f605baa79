import type { FigureGroup } from '../figures/read.js';

/** By what deployments are told apart, in the order of a group's labels. */
export const DEPLOYMENT_DIMENSIONS = ['AGENT', 'AGENT_VERSION', 'FINGERPRINT', 'MODEL', 'REGION'] as const;

/** How an agent was set up; '' for what is not known. */
export interface Setup {
  agentVersion: string;
  /** Of system prompt and tools, 16 hex digits. */
  fingerprint: string;
  model: string;
}

/** An agent as it was set up for some of its decisions. */
export interface Deployment extends Setup {
  agent: string;
  region: string;
}

/** What one deployment did in one step of a range. */
export interface DeploymentGroup extends Deployment, Pick<FigureGroup, 'step' | 'figures' | 'firstAtMs' | 'lastAtMs'> {}

/** How many decisions a fingerprint must stand for, in the mean, when there are more than a few. */
const DECISIONS_PER_FINGERPRINT_MIN = 5;
const FEW_FINGERPRINTS = 5;

/**
 * The groups of a query by `DEPLOYMENT_DIMENSIONS`, but for those of models that only took part. The fingerprints of an agent that composes its prompt anew for each
 * request, or whose values were folded, say nothing of its version and are left out.
 */
export function toDeployments(groups: readonly FigureGroup[]): DeploymentGroup[] {
  const answered = groups.filter(({ figures }) => figures.counts.decisions > 0);
  const deployments = answered.map(({ labels, isFolded, ...group }): DeploymentGroup => {
    const [agent = '', agentVersion = '', fingerprint = '', model = '', region = ''] = labels;
    return { ...group, agent, agentVersion, fingerprint: isFolded ? '' : fingerprint, model, region };
  });
  const composing = agentsComposingPrompts(deployments);
  return deployments.map((group) => (composing.has(group.agent) ? { ...group, fingerprint: '' } : group));
}

function agentsComposingPrompts(groups: readonly DeploymentGroup[]): ReadonlySet<string> {
  const seen = new Map<string, { fingerprints: Set<string>; decisions: number }>();
  for (const { agent, fingerprint, figures } of groups) {
    if (fingerprint === '') continue;
    const known = seen.get(agent) ?? { fingerprints: new Set(), decisions: 0 };
    known.fingerprints.add(fingerprint);
    known.decisions += figures.counts.decisions;
    seen.set(agent, known);
  }
  const composing = [...seen].filter(
    ([, { fingerprints, decisions }]) =>
      fingerprints.size > FEW_FINGERPRINTS && decisions < fingerprints.size * DECISIONS_PER_FINGERPRINT_MIN,
  );
  return new Set(composing.map(([agent]) => agent));
}

/**
 * The version that runs: as the agent calls it; without a name, its set-up, since another prompt, tool or model is another
 * version too. '' when neither is known.
 */
export function versionOf({ agentVersion, fingerprint, model }: Setup): string {
  if (agentVersion !== '') return agentVersion;
  return fingerprint === '' ? '' : setupLabel({ agentVersion, fingerprint, model });
}

const FINGERPRINT_DIGITS = 8;

/** What a set-up is called: `3.2.0`, `~1a2b3c4d/gpt-5`, `3.2.0~1a2b3c4d`; what is not known is left out. */
export function setupLabel({ agentVersion, fingerprint, model }: Setup): string {
  const named = fingerprint === '' ? agentVersion : `${agentVersion}~${fingerprint.slice(0, FINGERPRINT_DIGITS)}`;
  if (model === '') return named;
  return named === '' ? model : `${named}/${model}`;
}
