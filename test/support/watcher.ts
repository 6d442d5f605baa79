import type { Sighting } from '../../src/anomaly/anomaly.js';
import type { Watcher } from '../../src/decision/watcher.js';
import type { DecisionWatchOptions } from '../../src/watch/decision-watch.js';
import { Shelf } from '../../src/watch/shelf.js';

/** One that finds nothing. */
export const NO_WATCH: Watcher = {
  prepare: async () => undefined,
  judge: () => ({ sightings: [], scores: new Map() }),
  score: () => null,
  glance: () => [],
};

/** One that remembers as long as the test goes on. */
export const newMemory = (): DecisionWatchOptions['memory'] => ({
  prepare: async () => undefined,
  shelf: (detector, options) => new Shelf(detector, options),
});

export function makeSighting(known: Partial<Sighting> = {}): Sighting {
  return {
    kind: 'LOOP',
    severity: 'WARNING',
    score: 0.9,
    observed: 6,
    expected: 1,
    summary: 'a tool was called again and again',
    evidence: { tool: 'search' },
    quotes: null,
    incident: 'an incident',
    agent: null,
    decisionId: null,
    customerSegment: null,
    metric: null,
    detectedAtMs: Date.parse('2026-11-22T08:00:00.000Z'),
    ...known,
  };
}
