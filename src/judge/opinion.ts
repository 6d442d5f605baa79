import { z } from 'zod';
import type { Sighting } from '../anomaly/anomaly.js';
import type { DecisionRow } from '../decision/row.js';
import { textsIn } from '../detect/grounding/content-text.js';
import { percent } from '../fleet/wording.js';
import type { JudgeSetting } from '../settings/settings.js';
import { PASSAGES_MAX } from './prompt.js';

/** What a model says of an answer. */
export interface Opinion {
  /** From 0, grounded, to 1, made up. */
  score: number;
  /** Passages of the answer that nothing supports, word for word. */
  unsupported: readonly string[];
}

/** The answer asked for, as JSON Schema in the subset that strict output takes: bounds are checked here. */
export const OPINION_SCHEMA = {
  type: 'object',
  properties: { unsupported: { type: 'array', items: { type: 'string' } }, score: { type: 'number' } },
  required: ['unsupported', 'score'],
  additionalProperties: false,
} as const;

const opinion = z.object({ unsupported: z.array(z.string()), score: z.number().min(0).max(1) });

const PASSAGE_LENGTH_MAX = 300;
/** From this score on an answer counts as made up. */
const UNGROUNDED_SCORE_MIN = 0.5;

/**
 * Reads what the model replied about an answer: one JSON object, with or without text around it; null when it is none.
 * Passages that are not in the answer, or in a text of it where it is JSON, are left out, but for white space: only the
 * answer is quoted, never the model.
 */
export function readOpinion(reply: string, answer: string): Opinion | null {
  const read = opinion.safeParse(parseObject(reply));
  if (!read.success) return null;
  const texts = [answer, ...textsIn(answer)].map(withPlainSpaces);
  const unsupported = read.data.unsupported
    .map(withPlainSpaces)
    .filter((passage) => passage !== '' && texts.some((text) => text.includes(passage)))
    .slice(0, PASSAGES_MAX)
    .map((passage) => passage.slice(0, PASSAGE_LENGTH_MAX));
  return { score: read.data.score, unsupported };
}

function parseObject(text: string): unknown {
  try {
    return JSON.parse(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1));
  } catch {
    // Not what was asked for; the same as an object of another shape.
    return null;
  }
}

function withPlainSpaces(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

/** The finding of a decision whose answer counts as made up; null for any other. Its incident is the decision's own. */
export function sightingOf(
  decision: Pick<DecisionRow, 'id' | 'agentName' | 'customerSegment'>,
  { score, unsupported }: Opinion,
  { model, url, nowMs }: Pick<JudgeSetting, 'model' | 'url'> & { nowMs: number },
): Sighting | null {
  if (score < UNGROUNDED_SCORE_MIN) return null;
  return {
    kind: 'UNGROUNDED_ANSWER',
    severity: 'WARNING',
    score,
    observed: score,
    expected: UNGROUNDED_SCORE_MIN,
    summary: `${model}, asked for a second opinion, says that the answer of ${decision.agentName} is made up by ${percent(score)}.`,
    // The rest of the URL may hold what is nobody's business.
    evidence: { judge: new URL(url).host, model, score, unsupported: unsupported.length },
    incident: `${decision.id} judge`,
    agent: decision.agentName,
    decisionId: decision.id,
    customerSegment: decision.customerSegment,
    metric: null,
    quotes: unsupported.length === 0 ? null : unsupported,
    detectedAtMs: nowMs,
  };
}
