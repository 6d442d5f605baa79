import type { Convention } from './convention.js';
import { hasAnnotations } from './field/evaluation.js';

/** A span that carries OpenInference annotations and nothing else (openinference/spec/annotations.md): a verdict given afterwards. */
export const annotation: Convention = {
  name: 'openinference',
  kindOf: ({ attributes }) => (hasAnnotations(attributes) ? 'evaluation' : null),
  aliases: {
    evaluationName: ['annotation.name'],
    evaluationLabel: ['annotation.label'],
    evaluationScore: ['annotation.score'],
  },
};
