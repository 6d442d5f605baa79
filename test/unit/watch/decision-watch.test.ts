import { describe, expect, it } from 'vitest';
import type { Decision } from '../../../src/decision/decision.js';
import { createLog } from '../../../src/log.js';
import { DEFAULT_SETTINGS } from '../../../src/settings/settings.js';
import { DecisionWatch, type DecisionWatchOptions } from '../../../src/watch/decision-watch.js';
import { Shelf } from '../../../src/watch/shelf.js';
import { makeDecision, makeStep } from '../../support/decision.js';
import { newMemory } from '../../support/watcher.js';

const calls = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    makeStep({ startedAtMs: 1_000 * index, arguments: '{"customer":"C-17"}', result: '{"orders":[]}' }),
  );

/** A run of one conversation with so many equal calls. */
const run = (id: string, count: number, startedAtMs = 0): Decision =>
  makeDecision({ id, traceId: id, conversationId: 'c1', startedAtMs, steps: calls(count) });

const log = createLog('silent');
const watch = () =>
  new DecisionWatch({ memory: newMemory(), settings: () => DEFAULT_SETTINGS, clock: { now: () => 0 }, log });
const judgeIn = (fleet: string, watcher: DecisionWatch, ...fresh: Decision[]) =>
  watcher.judge({ fleet, fresh, amended: [], trace: fresh, isSettled: true }).sightings;
const judge = (watcher: DecisionWatch, ...fresh: Decision[]) => judgeIn('f', watcher, ...fresh);

describe('a streak', () => {
  it('goes on from run to run of one conversation', () => {
    const watcher = watch();
    expect(judge(watcher, run('one', 2))).toEqual([]);
    expect(judge(watcher, run('two', 2, 10_000))).toMatchObject([{ kind: 'LOOP', decisionId: 'two' }]);
  });

  it('is that of the runs before when a run is judged again, since more of it became known', () => {
    const watcher = watch();
    expect(judge(watcher, run('one', 2))).toEqual([]);
    expect(judge(watcher, run('one', 3))).toEqual([]);
    expect(judge(watcher, run('one', 3))).toEqual([]);
    expect(judge(watcher, run('two', 1, 10_000))).toMatchObject([{ kind: 'LOOP', decisionId: 'two' }]);
  });

  it('is not carried back to a run that came before', () => {
    const watcher = watch();
    expect(judge(watcher, run('late', 3, 10_000))).toEqual([]);
    expect(judge(watcher, run('early', 2))).toEqual([]);
    expect(judge(watcher, run('next', 1, 20_000))).toMatchObject([{ kind: 'LOOP', decisionId: 'next' }]);
  });

  it('is of one agent and one fleet', () => {
    const watcher = watch();
    judge(watcher, run('one', 3));
    expect(judge(watcher, { ...run('two', 2, 10_000), agent: 'another' })).toEqual([]);
    expect(judgeIn('g', watcher, run('three', 2, 10_000))).toEqual([]);
  });
});

describe('a run that is going on', () => {
  it('is told of once, and again when it becomes worse', () => {
    const watcher = watch();
    const severities = [3, 4, 5, 8, 9].map((count) => watcher.glance('f', [run('one', count)])[0]?.severity);
    expect(severities).toEqual([undefined, 'WARNING', undefined, 'CRITICAL', undefined]);
  });

  it('is the same incident when it is sealed', () => {
    const watcher = watch();
    const [running] = watcher.glance('f', [run('one', 4)]);
    const [sealed] = judge(watcher, run('one', 8));
    expect(sealed).toMatchObject({ incident: running?.incident, decisionId: 'one', severity: 'CRITICAL' });
    expect(running?.decisionId).toBeNull();
  });
});

describe('a detector that fails', () => {
  /** One whose detector cannot reach what it learned. */
  const failing = (name: string) => {
    const memory: DecisionWatchOptions['memory'] = {
      prepare: async () => undefined,
      shelf: (detector, options) => {
        const shelf = new Shelf(detector, options);
        if (detector === name) {
          shelf.get = () => {
            throw new TypeError('broken');
          };
        }
        return shelf;
      },
    };
    return new DecisionWatch({ memory, settings: () => DEFAULT_SETTINGS, clock: { now: () => 0 }, log });
  };

  it.each(['grounding', 'tool-failure', 'pace', 'drift', 'token-burn', 'budget', 'work'])(
    'is skipped, and the others go on: %s',
    (name) => {
      const watcher = failing(name);
      expect(judge(watcher, run('one', 4))).toMatchObject([{ kind: 'LOOP', decisionId: 'one' }]);
      expect(watcher.glance('f', [run('two', 4)])).toMatchObject([{ kind: 'LOOP' }]);
    },
  );

  it('leaves a decision without a score, and in the record', () => {
    const decision = run('one', 1);
    const unit = { fleet: 'f', fresh: [decision], amended: [], trace: [decision], isSettled: true };
    expect(failing('grounding').judge(unit).scores).toEqual(new Map([['one', null]]));
    expect(failing('grounding').score('f', decision)).toBeNull();
    expect(judge(failing('loop'), decision)).toEqual([]);
  });
});
