import type { Decision, Step } from '../../decision/decision.js';
import type { Setup } from '../../fleet/version/deployment.js';
import { readArguments } from '../loop/arguments.js';
import { isRefusal } from './refusal.js';

/** What is measured of every decision: where each figure is null when the decision does not tell it. */
export const FIGURE_NAMES = [
  'durationMs',
  'inputTokens',
  'outputTokens',
  'answerLength',
  'modelCalls',
  'toolCalls',
  'failedToolCalls',
  'repeatedCalls',
  'errors',
  'refusals',
] as const;
export type FigureName = (typeof FIGURE_NAMES)[number];

/** What is compared of one decision: figures and names, no content. */
export interface Observed {
  atMs: number;
  requestType: string | null;
  /** Milliseconds, tokens, characters and counts; 0 or 1 for errors and refusals. Finite and not negative. */
  figures: Readonly<Record<FigureName, number | null>>;
  /** Calls of each tool, each tool once. */
  tools: readonly (readonly [tool: string, calls: number])[];
}

/** How an agent behaved in one decision, and as what. */
export interface Behaviour extends Observed {
  setup: Setup;
}

const NAME_LENGTH_MAX = 60;
const TOOLS_MAX = 12;

/** What a decision shows of its agent's behaviour. Content is needed for answers and repeated calls: ask before it is sampled away. */
export function behaviourOf(decision: Decision): Behaviour {
  const { startedAtMs, endedAtMs, tokens, steps, output } = decision;
  const modelCalls = steps.filter(({ kind }) => kind === 'MODEL_CALL').length || decision.calls.length;
  const calls = steps.filter(({ kind }) => kind === 'TOOL_CALL' || kind === 'RETRIEVAL');
  const tools = countTools(calls);
  const areTokensKnown = tokens.input > 0 || tokens.output > 0;
  return {
    atMs: startedAtMs,
    requestType: decision.requestType,
    setup: {
      agentVersion: decision.agentVersion ?? '',
      fingerprint: decision.fingerprint ?? '',
      // One that failed may know the model that was asked for only, by another name than the one that answers.
      model: decision.outcome === 'ERROR' ? '' : (decision.model ?? ''),
    },
    figures: {
      durationMs: Math.max(0, endedAtMs - startedAtMs),
      inputTokens: areTokensKnown ? tokens.input : null,
      outputTokens: areTokensKnown ? tokens.output : null,
      answerLength: output === null ? null : output.length,
      modelCalls,
      toolCalls: decision.toolCalls,
      failedToolCalls: decision.failedToolCalls,
      repeatedCalls: countRepeated(calls, tools),
      errors: decision.outcome === 'ERROR' ? 1 : 0,
      refusals: output === null ? null : Number(isRefusal(output)),
    },
    tools: [...tools],
  };
}

/** Without the set-up, and short. */
export function observedOf({ atMs, requestType, figures, tools }: Behaviour): Observed {
  return {
    atMs,
    requestType: requestType?.slice(0, NAME_LENGTH_MAX) ?? null,
    figures,
    tools: tools.slice(0, TOOLS_MAX),
  };
}

function toolOf({ toolName, name }: Step): string {
  return (toolName ?? name).slice(0, NAME_LENGTH_MAX);
}

/** Calls that ask a tool what it was asked before in the same decision. */
function countRepeated(calls: readonly Step[], tools: ReadonlyMap<string, number>): number {
  if (calls.length === tools.size) return 0;
  const asked = calls
    .filter((step) => step.arguments !== null && tools.get(toolOf(step)) !== 1)
    .map((step) => `${toolOf(step)}\n${readArguments(step.arguments ?? '', step.startedAtMs).exact}`);
  return asked.length - new Set(asked).size;
}

function countTools(calls: readonly Step[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const step of calls) counts.set(toolOf(step), (counts.get(toolOf(step)) ?? 0) + 1);
  return counts;
}
