import type { Sighting } from '../anomaly/anomaly.js';
import type { Decision, Step } from '../decision/decision.js';
import { type PaceMemory, watchPace } from '../detect/slowdown.js';
import type { Memory } from './memory.js';
import type { Shelf } from './shelf.js';
import { sightingOf } from './sighting.js';

const OPERATIONS_MAX = 5_000;

/** Follows how long models and tools take, for all who call them. */
export class PaceWatch {
  readonly #paces: Shelf<PaceMemory>;

  constructor(memory: Pick<Memory, 'shelf'>) {
    this.#paces = memory.shelf('pace', { max: OPERATIONS_MAX });
  }

  /** Takes each decision once. */
  observe(fleet: string, { id, agent, steps }: Decision, nowMs: number): Sighting[] {
    const sightings: Sighting[] = [];
    for (const step of steps) {
      const operation = step.outcome === 'ERROR' ? null : operationOf(step);
      if (operation === null) continue;
      const call = { agent, decisionId: id, atMs: step.startedAtMs + step.durationMs, durationMs: step.durationMs };
      const { memory, found } = watchPace(operation, this.#paces.get(fleet, operation), call);
      this.#paces.set(fleet, operation, memory);
      if (found === null) continue;
      const metric = step.kind === 'MODEL_CALL' ? 'INFERENCE_LATENCY' : undefined;
      sightings.push(sightingOf({ ...found, ...(metric && { metric }) }, nowMs));
    }
    return sightings;
  }
}

/** What fails at once says nothing of how long it takes; what asks another agent takes as long as that does. */
function operationOf({ kind, model, toolName, name }: Step): string | null {
  if (kind === 'MODEL_CALL') return model === null ? null : `MODEL_CALL ${model}`;
  return kind === 'TOOL_CALL' || kind === 'RETRIEVAL' ? `${kind} ${toolName ?? name}` : null;
}
