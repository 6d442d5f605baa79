import { createRandom, type Random } from '../../src/demo/random.js';
import type { Behaviour } from '../../src/detect/drift/behaviour.js';
import { type DriftState, newDriftState, observeBehaviour } from '../../src/detect/drift/observe.js';

/** What an agent is like: typical figures, and the shares of its decisions that go wrong, as their name says. */
export interface Character {
  durationMs: number;
  outputTokens: number;
  toolCalls: number;
  errors: number;
  refusals: number;
  /** Requests by type, each with its weight, a whole number; each type takes twice as long as the one before. */
  requests: Readonly<Record<string, number>>;
  /** Calls by tool, each with its weight. */
  tools: Readonly<Record<string, number>>;
  version: string;
}

export const ORDINARY: Character = {
  durationMs: 2_000,
  outputTokens: 300,
  toolCalls: 3,
  errors: 0.03,
  refusals: 0.01,
  requests: { question: 2, refund: 1, complaint: 1 },
  tools: { search: 3, read: 2 },
  version: '1.0.0',
};

const DECISION_EVERY_MS = 60_000;

/** Decisions of an agent that varies as real ones do, the same for the same seed; `startMs`: of the first. */
export function behave(character: Character, count: number, seed: number, startMs = 0): Behaviour[] {
  const random = createRandom(seed);
  const types = Object.keys(character.requests);
  return Array.from({ length: count }, (_, index) => {
    const requestType = pickWeighted(character.requests, random);
    const size = random.lognormal(2 ** types.indexOf(requestType), 0.5);
    const toolCalls = Math.max(0, character.toolCalls + random.integer(-2, 2));
    const tools = new Map<string, number>();
    for (let call = 0; call < toolCalls; call += 1) {
      const tool = pickWeighted(character.tools, random);
      tools.set(tool, (tools.get(tool) ?? 0) + 1);
    }
    return {
      atMs: startMs + index * DECISION_EVERY_MS,
      requestType,
      setup: { agentVersion: character.version, fingerprint: '', model: '' },
      figures: {
        durationMs: size * random.lognormal(character.durationMs, 0.3),
        inputTokens: Math.round(1_000 * size),
        outputTokens: Math.round(size * random.lognormal(character.outputTokens, 0.3)),
        answerLength: Math.round(random.lognormal(800, 0.5)),
        modelCalls: 1 + toolCalls,
        toolCalls,
        failedToolCalls: Number(random.chance(0.05)),
        repeatedCalls: 0,
        errors: Number(random.chance(character.errors)),
        refusals: Number(random.chance(character.refusals)),
      },
      tools: [...tools],
    };
  });
}

/** Everything found in these decisions, each with how many had come. */
export function findingsIn(behaviours: readonly Behaviour[], state: DriftState = newDriftState()) {
  let current = state;
  const found = behaviours.flatMap((behaviour, index) => {
    const { state: next, findings } = observeBehaviour(current, behaviour);
    current = next;
    return findings.map((finding) => ({ finding, at: index + 1 }));
  });
  return { found, state: current };
}

function pickWeighted(weights: Readonly<Record<string, number>>, random: Random): string {
  return random.pick(Object.entries(weights).flatMap(([name, weight]) => new Array<string>(weight).fill(name)));
}
