import { describe, expect, it } from 'vitest';
import { watchLoad } from '../../../src/detect/load-skew.js';
import { createLog } from '../../../src/log.js';
import { DEFAULT_SETTINGS } from '../../../src/settings/settings.js';
import { DecisionWatch } from '../../../src/watch/decision-watch.js';
import { GroundingWatch } from '../../../src/watch/grounding-watch.js';
import { Shelf } from '../../../src/watch/shelf.js';
import { makeDecision, makeStep } from '../../support/decision.js';

const NAMES = ['refunds', '__proto__', 'constructor', 'toString', 'hasOwnProperty'];

/** A memory that forgets everything but what it would have saved after each call. */
function savingMemory() {
  const shelves: Shelf<unknown>[] = [];
  return {
    prepare: async () => undefined,
    shelf: <State>(detector: string, options: ConstructorParameters<typeof Shelf<State>>[1]) => {
      const shelf = new Shelf<State>(detector, options);
      shelves.push(shelf as Shelf<unknown>);
      return shelf;
    },
    reopen: () => {
      for (const shelf of shelves) {
        for (const row of shelf.takeChanges(1_000)) {
          if (row.state === null) continue;
          shelf.set(row.fleet, row.subject, null);
          shelf.restore({ ...row, state: row.state });
        }
        shelf.takeChanges(1_000);
      }
    },
  };
}

/** What is found when a tool that took a tenth of a second takes three, and then fails. */
function findingsFor(name: string): string[] {
  const memory = savingMemory();
  const log = createLog('silent');
  const watch = new DecisionWatch({ memory, settings: () => DEFAULT_SETTINGS, clock: { now: () => 1e9 }, log });
  const kinds: string[] = [];
  for (let index = 0; index < 80; index += 1) {
    const startedAtMs = index * 5_000;
    const isFailed = index >= 60;
    const step = makeStep({
      startedAtMs,
      durationMs: index < 40 ? 100 + (index % 7) : 3_000,
      toolName: name,
      name,
      arguments: `{"customer":${index}}`,
      outcome: isFailed ? 'ERROR' : 'SUCCESS',
      errorMessage: isFailed ? 'HTTP 503' : null,
    });
    const decision = makeDecision({
      id: `d${index}`,
      traceId: `t${index}`,
      agent: name,
      requestType: name,
      model: name,
      startedAtMs,
      endedAtMs: startedAtMs + step.durationMs,
      steps: [step],
    });
    const unit = { fleet: 'f', fresh: [decision], amended: [], trace: [decision], isSettled: true };
    kinds.push(...watch.judge(unit).sightings.map(({ kind }) => kind));
    memory.reopen();
  }
  return kinds;
}

describe('whatever agents, tools and requests are called', () => {
  it('the same is found, also across a restart', () => {
    const [ordinary, ...others] = NAMES.map(findingsFor);
    expect(ordinary).toContain('METRIC_ANOMALY');
    expect(ordinary).toContain('TOOL_FAILURE');
    for (const found of others) expect(found).toEqual(ordinary);
  });

  it.each(NAMES)('it is learned which tools are usual: %s', (name) => {
    const watch = new GroundingWatch(savingMemory(), () => []);
    const looked = makeDecision({
      agent: name,
      requestType: name,
      output: 'The order 4711 was shipped.',
      steps: [makeStep({ toolName: name, result: '{"order":4711}' })],
    });
    for (let index = 0; index < 30; index += 1) watch.learn('f', looked);
    const { findings } = watch.judge('f', { ...looked, output: 'The order 4712 costs 3,999.00 USD.', steps: [] });
    expect(findings).toMatchObject([{ kind: 'UNGROUNDED_ANSWER' }]);
    expect(JSON.stringify(findings)).toContain(JSON.stringify(name));
  });

  it.each(NAMES)('a load that grows is found: %s', (name) => {
    const load = (mine: number, others: number) => [
      {
        role: 'role',
        decisions: new Map([
          ['peer', others],
          [name, mine],
        ]),
      },
    ];
    const { memory } = watchLoad(undefined, load(500, 500), 0);
    const { changes } = watchLoad(JSON.parse(JSON.stringify(memory)), load(800, 200), 1);
    expect(changes.found).toMatchObject([{ agent: name, finding: { kind: 'LOAD_SKEW', severity: 'WARNING' } }]);
  });
});
