import type { Sighting } from '../anomaly/anomaly.js';
import type { Decision } from '../decision/decision.js';
import { type ToolMemory, watchTool } from '../detect/tool-failure.js';
import type { Memory } from './memory.js';
import type { Shelf } from './shelf.js';
import { sightingOf } from './sighting.js';

const TOOLS_MAX = 5_000;

/** Follows how often the tools of a fleet fail, whoever calls them. */
export class ToolWatch {
  readonly #tools: Shelf<ToolMemory>;

  constructor(memory: Pick<Memory, 'shelf'>) {
    this.#tools = memory.shelf('tool-failure', { max: TOOLS_MAX });
  }

  /** Takes each decision once. */
  observe(fleet: string, { id, agent, steps }: Decision, nowMs: number): Sighting[] {
    const sightings: Sighting[] = [];
    for (const { kind, toolName, name, startedAtMs, durationMs, outcome, errorMessage } of steps) {
      if (kind !== 'TOOL_CALL') continue;
      const tool = toolName ?? name;
      const isFailed = outcome === 'ERROR';
      const call = { agent, tool, decisionId: id, atMs: startedAtMs + durationMs, isFailed, errorMessage };
      const { memory, changes } = watchTool(this.#tools.get(fleet, tool) ?? undefined, call);
      this.#tools.set(fleet, tool, memory);
      sightings.push(...changes.found.map((found) => ({ ...sightingOf(found, nowMs), decisionId: id })));
    }
    return sightings;
  }
}
