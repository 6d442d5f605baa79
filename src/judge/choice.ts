import type { DecisionRow } from '../decision/row.js';
import { fractionOf } from '../decision/sampling/sampler.js';
import { holdsFor } from '../settings/pattern.js';
import type { JudgeSetting } from '../settings/settings.js';

type Choosable = Pick<DecisionRow, 'id' | 'agentName' | 'requestType' | 'sampled'>;

/** Whether a decision is to be judged, by a hash of its id: the same answer at every time, and nobody's to choose. */
export function isChosen(
  { share, agents, requestTypes }: Pick<JudgeSetting, 'share' | 'agents' | 'requestTypes'>,
  fleet: string,
  { id, agentName, requestType, sampled }: Choosable,
): boolean {
  if (!sampled || !holdsFor(agents, agentName) || !holdsFor(requestTypes, requestType)) return false;
  // Sampling hashes ids, too: without a prefix the share of what it kept would be another.
  return fractionOf(fleet, `judge\n${id}`) < share;
}
