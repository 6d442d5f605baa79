import type { Sighting } from '../anomaly/anomaly.js';
import { groupRows } from '../db/group.js';
import type { Decision } from './decision.js';
import type { JudgedDecisions } from './record/record.js';
import type { Sampler } from './sampling/sampler.js';
import type { Watcher } from './watcher.js';

/**
 * Judges and samples complete decisions that came without spans, those of one trace or else of one conversation
 * together. What comes in a later call is decided anew: there are no spans from which the earlier ones could be restored.
 */
export async function judgeDecisions(
  { sampler, watcher }: { sampler: Sampler; watcher: Watcher },
  fleet: string,
  decisions: readonly Decision[],
): Promise<JudgedDecisions> {
  await Promise.all([sampler.prepare(fleet), watcher.prepare(fleet)]);
  const kept = new Map<string, boolean>();
  const scores = new Map<string, number | null>();
  const sightings: Sighting[] = [];
  for (const [key, group] of groupRows(decisions, keyOf)) {
    const { sightings: found, scores: own } = watcher.judge({
      fleet,
      fresh: group,
      amended: [],
      trace: group,
      isSettled: true,
    });
    const riskClasses = group.map(({ riskClass }) => riskClass);
    kept.set(key, sampler.keeps({ fleet, key, decisions: group, riskClasses, isFound: found.length > 0 }));
    sightings.push(...found);
    for (const [id, score] of own) scores.set(id, score);
  }
  return {
    decisions: decisions.map((decision) => ({
      decision: { ...decision, groundingScore: scores.get(decision.id) ?? null },
      sampled: kept.get(keyOf(decision)) ?? true,
    })),
    sightings,
  };
}

function keyOf({ traceId, conversationId, id }: Decision): string {
  return traceId ?? conversationId ?? id;
}
