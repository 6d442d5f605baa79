import { findAnomaliesOfDecisions } from '../anomaly/store.js';
import type { Pool } from '../db/pool.js';
import type { DecisionRow } from '../decision/row.js';
import { findContents, findStepContents, findSteps } from '../decision/store.js';
import { questionOf } from '../detect/grounding/evidence.js';
import type { Question } from '../detect/grounding/score-answer.js';

/** Characters of question, sources and answer together: some 25,000 tokens. What was cut off would count as made up. */
const LENGTH_MAX = 100_000;

/**
 * What there is to judge a sealed decision's answer by. Null when there is nothing to ask: it has no answer, nothing it
 * rests on is known or not all of it, it is too long, or its answer was found ungrounded already.
 */
export async function findMaterial(pool: Pool, fleet: string, decision: DecisionRow): Promise<Question | null> {
  const anomalies = await findAnomaliesOfDecisions(pool, fleet, [decision.id]);
  if (anomalies.get(decision.id)?.some(({ kind }) => kind === 'UNGROUNDED_ANSWER')) return null;
  const [contents, steps, stepContents] = await Promise.all([
    findContents(pool, fleet, [decision]),
    findSteps(pool, fleet, [decision]),
    findStepContents(pool, fleet, [decision]),
  ]);
  const content = contents.get(decision.id);
  if (content === undefined) return null;
  const texts = stepContents.get(decision.id) ?? [];
  const chain = (steps.get(decision.id) ?? []).flatMap((step, index) => {
    const text = texts[index];
    return text === undefined ? [] : [{ ...step, ...text }];
  });
  // As it was recorded: a model reads JSON, and what is true or null in it counts.
  const question = questionOf({ input: content.input, output: content.output, steps: chain }, asText);
  return question !== null && isFit(question) ? question : null;
}

function isFit({ question, sources, answer, isPartial }: Question): boolean {
  const length = sources.reduce((sum, { text }) => sum + text.length, question.length + answer.length);
  return sources.length > 0 && !isPartial && length <= LENGTH_MAX;
}

function asText(content: string | object): string {
  return typeof content === 'string' ? content : JSON.stringify(content);
}
