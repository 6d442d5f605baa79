import { type Features, TEXT_FEATURES, TOOL_FEATURES } from './features.js';
import { WEIGHTS } from './weights.js';

/** A logistic model: what it adds to the log odds of being made up for each standard deviation above the mean. */
export interface Weights {
  /** Mean and standard deviation of each feature over what it was trained on. */
  scale: Readonly<Record<string, readonly [mean: number, deviation: number]>>;
  /** Replies of a sentence or two, and answers of some length, to text. */
  short: Terms;
  long: Terms;
  /** Answers to results of tools. */
  tool: Terms;
}

export interface Terms {
  bias: number;
  weights: Readonly<Record<string, number>>;
}

/** Words of an answer that is as much a reply as a text. */
const LENGTH_MIDDLE = 60;
const LENGTH_SLOPE = 4;

/** How far an answer of so many words is a text rather than a reply, from 0 to 1. */
function longShare(words: number): number {
  return logistic(LENGTH_SLOPE * (Math.log1p(words) - Math.log(LENGTH_MIDDLE)));
}

/** The terms of the model that an answer is judged by, each with its part. */
export function partsOf({ words, isToolAnswer }: Shape): Record<'short' | 'long' | 'tool', number> {
  if (isToolAnswer) return { short: 0, long: 0, tool: 1 };
  const long = longShare(words);
  return { short: 1 - long, long, tool: 0 };
}

export interface Shape {
  words: number;
  isToolAnswer: boolean;
}

/** From 0, grounded, to 1, made up. */
export function score(features: Features, shape: Shape, model: Weights = WEIGHTS): number {
  const parts = partsOf(shape);
  const standard = (name: keyof Features) => {
    const [mean, deviation] = model.scale[name] ?? [0, 1];
    return (features[name] - mean) / deviation;
  };
  const sum = ({ bias, weights }: Terms, names: readonly (keyof Features)[]) =>
    names.reduce((total, name) => total + (weights[name] ?? 0) * standard(name), bias);
  let logOdds = 0;
  if (parts.short > 0) logOdds += parts.short * sum(model.short, TEXT_FEATURES);
  if (parts.long > 0) logOdds += parts.long * sum(model.long, TEXT_FEATURES);
  if (parts.tool > 0) logOdds += parts.tool * sum(model.tool, TOOL_FEATURES);
  return logistic(logOdds);
}

function logistic(value: number): number {
  return 1 / (1 + Math.exp(-value));
}
