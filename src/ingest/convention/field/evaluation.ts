import type { Span } from '../../../decision/assembly/span.js';
import type { Attributes, OtlpSpan } from '../../telemetry.js';
import { amountOf, textOf } from './attribute.js';
import type { Fields } from './fields.js';

/** Names under which evaluators measure invention (a high score is bad) and its contrary (a high score is good). */
const INVENTION_NAMES = ['hallucinat', 'ungrounded', 'confabulat'];
const GROUNDING_NAMES = ['grounded', 'faithful', 'factual'];

const INVENTED_LABELS = new Set([
  'hallucinated',
  'hallucination',
  'ungrounded',
  'not grounded',
  'unfaithful',
  'unsupported',
  'not supported',
  'not factual',
  'fabricated',
]);
const GROUNDED_LABELS = new Set([
  'factual',
  'grounded',
  'faithful',
  'supported',
  'not hallucinated',
  'no hallucination',
  'correct',
]);

/** One evaluator's verdict, on a span or in an event. */
export interface Evaluation {
  name: string | null;
  label: string | null;
  /** On any scale. */
  score: number | null;
}

/** The verdicts a span carries: in attributes of its own, in evaluation events and in OpenInference's numbered annotations. */
export function evaluationsOf(wire: OtlpSpan, fields: Fields): Evaluation[] {
  const own = {
    name: textOf(fields.evaluationName),
    label: textOf(fields.evaluationLabel),
    score: amountOf(fields.evaluationScore),
  };
  const events = wire.events.filter(({ name }) => name === 'gen_ai.evaluation.result');
  return [own, ...events.map(({ attributes }) => eventEvaluation(attributes)), ...annotations(wire.attributes)];
}

/**
 * Puts an evaluation made afterwards, in a trace of its own, beneath the span it judges: a root with one link, to its target
 * (openinference/spec/annotations.md).
 */
export function placeAtTarget(span: Span, { parentSpanId, links }: OtlpSpan): void {
  const [target, ...others] = links;
  if (parentSpanId !== null || target === undefined || others.length > 0) return;
  span.traceId = target.traceId;
  span.parentSpanId = target.spanId;
}

function eventEvaluation(attributes: Attributes): Evaluation {
  return {
    name: textOf(attributes.get('gen_ai.evaluation.name')),
    label: textOf(attributes.get('gen_ai.evaluation.score.label')),
    score: amountOf(attributes.get('gen_ai.evaluation.score.value')),
  };
}

/** `annotations.N.annotation.*` and its older twin `evaluations.N.evaluation.*`. */
const ANNOTATION_FORMS = [
  { first: 'annotations.0.annotation.name', at: (index: number) => `annotations.${index}.annotation.` },
  { first: 'evaluations.0.evaluation.name', at: (index: number) => `evaluations.${index}.evaluation.` },
];

/** Whether a span carries OpenInference annotations, by which one without a kind is known as an evaluation. */
export function hasAnnotations(attributes: Attributes): boolean {
  return attributes.has('annotation.name') || ANNOTATION_FORMS.some(({ first }) => attributes.has(first));
}

function annotations(attributes: Attributes): Evaluation[] {
  const form = ANNOTATION_FORMS.find(({ first }) => attributes.has(first));
  const found: Evaluation[] = [];
  if (form === undefined) return found;
  for (let index = 0; attributes.has(`${form.at(index)}name`); index += 1) {
    const prefix = form.at(index);
    found.push({
      name: textOf(attributes.get(`${prefix}name`)),
      label: textOf(attributes.get(`${prefix}label`)),
      score: amountOf(attributes.get(`${prefix}score`)),
    });
  }
  return found;
}

/** The first verdict on invention among several; null when there is none. */
export function hallucinationScoreAmong(evaluations: readonly Evaluation[]): number | null {
  for (const evaluation of evaluations) {
    const score = hallucinationScoreOf(evaluation);
    if (score !== null) return score;
  }
  return null;
}

/**
 * How made up the answer was, 0 grounded … 1 made up; null for an evaluation of something else or of an unknown scale.
 * No convention says which way a score runs, so the label decides where there is one.
 */
function hallucinationScoreOf({ name, label, score }: Evaluation): number | null {
  const metric = name?.toLowerCase() ?? '';
  const isInvention = INVENTION_NAMES.some((part) => metric.includes(part));
  if (!isInvention && !GROUNDING_NAMES.some((part) => metric.includes(part))) return null;
  const share = score !== null && score >= 0 && score <= 1 ? score : null;
  const verdict = label?.trim().toLowerCase().replaceAll('_', ' ') ?? '';
  if (INVENTED_LABELS.has(verdict)) return share === null ? 1 : Math.max(share, 1 - share);
  if (GROUNDED_LABELS.has(verdict)) return share === null ? 0 : Math.min(share, 1 - share);
  if (share === null) return null;
  return isInvention ? share : 1 - share;
}
