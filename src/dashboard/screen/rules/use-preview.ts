import { useEffect, useState } from 'preact/hooks';
import type { Failure } from '../../data/failure.js';
import { hasRole } from '../../data/session.js';
import type { Refusal } from '../../data/use-act.js';
import { useQuery } from '../../data/use-query.js';
import { type Draft, inputOf } from './draft.js';
import { Backtest, type BacktestQuery } from './rules.graphql.js';

export type Tried = Extract<BacktestQuery['alertRuleBacktest'], { firings: unknown }>;

export interface PreviewState {
  /** Null until it was tried, or while it cannot be read. */
  tried: Tried | null;
  /** What is wrong with what is written. */
  refusal: Refusal | null;
  failure: Failure | null;
  isLoading: boolean;
  mayTry: boolean;
}

const TYPED_MS = 500;

/** What the rule would have fired over the last day, asked for when the typing pauses. */
export function usePreview(draft: Draft): PreviewState {
  // What it is called, and what it says, has no part in when it fires.
  const { name: _name, message: _message, labels: _labels, ...meaning } = draft;
  const wanted = JSON.stringify(meaning);
  const [settled, setSettled] = useState(wanted);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(wanted), TYPED_MS);
    return () => clearTimeout(timer);
  }, [wanted]);
  const asked: Draft = { ...draft, ...JSON.parse(settled), name: 'preview', message: '', labels: [] };
  const mayTry = hasRole('OPERATOR', 'ADMIN');
  const isPaused = !mayTry || asked.condition.trim() === '';
  const { data, failure, isLoading } = useQuery(Backtest, { input: inputOf(asked) }, { isPaused });
  const answer = isPaused ? undefined : data?.alertRuleBacktest;
  const tried = answer !== undefined && 'firings' in answer ? answer : null;
  const refusal = answer !== undefined && 'message' in answer ? answer : null;
  return { tried, refusal, failure, isLoading: !isPaused && (isLoading || wanted !== settled), mayTry };
}
