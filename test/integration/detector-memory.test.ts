import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLog } from '../../src/log.js';
import { DEFAULT_SETTINGS } from '../../src/settings/settings.js';
import { DecisionWatch } from '../../src/watch/decision-watch.js';
import { Memory } from '../../src/watch/memory.js';
import { makeDecision, makeStep } from '../support/decision.js';
import { type GraphQLFixture, startGraphQL } from '../support/graphql.js';

let api: GraphQLFixture;
beforeEach(async () => {
  api = await startGraphQL();
});
afterEach(() => api.close());

const log = createLog('silent');
const newMemory = () => new Memory({ pool: api.pool, log });
const newWatch = (memory: Memory) =>
  new DecisionWatch({ memory, settings: () => DEFAULT_SETTINGS, clock: { now: () => 1_000 }, log });

describe('what detectors learned', () => {
  it('is there after a restart', async () => {
    const run = (id: string, startedAtMs: number) => {
      const step = (index: number) =>
        makeStep({ startedAtMs: startedAtMs + index, arguments: '{"customer":"C-17"}', result: '{"orders":[]}' });
      const decision = makeDecision({ id, traceId: id, conversationId: 'c1', startedAtMs, steps: [0, 1].map(step) });
      return { fleet: 'default', fresh: [decision], amended: [], trace: [decision], isSettled: true };
    };
    const before = newMemory();
    expect(newWatch(before).judge(run('one', 0)).sightings).toEqual([]);
    await before.stop();

    const memory = newMemory();
    const watch = newWatch(memory);
    await watch.prepare('default');
    expect(watch.judge(run('two', 10_000)).sightings).toMatchObject([{ kind: 'LOOP', decisionId: 'two' }]);
  });

  it('is forgotten where its detector forgot it, and makes room', async () => {
    const memory = newMemory();
    const shelf = memory.shelf<number>('counts', { max: 2 });
    for (const [subject, count] of Object.entries({ a: 1, b: 2, c: 3, d: 4 })) shelf.set('default', subject, count);
    shelf.set('default', 'd', null);
    shelf.set('other', 'c', 5);
    await memory.save();

    const later = newMemory();
    const restored = later.shelf<number>('counts', { max: 2 });
    await later.prepare('default');
    expect(['a', 'b', 'c', 'd'].map((subject) => restored.get('default', subject))).toEqual([null, null, 3, null]);
    await later.prepare('other');
    expect(restored.get('other', 'c')).toBe(5);
  });

  it('is saved but for what the database does not take', async () => {
    const memory = newMemory();
    const shelf = memory.shelf<number>('counts', { max: 2_000 });
    for (let index = 0; index < 600; index += 1) shelf.set('default', `subject ${index}`, index);
    shelf.set('default', 'NUL\0', 1);
    shelf.set('default', 'after', 2);
    await memory.save();
    const { rows } = await api.pool.query('SELECT count(*) AS saved FROM detector_memory');
    expect(rows).toEqual([{ saved: 601 }]);
  });

  it('is saved one after another, the newest last', async () => {
    const memory = newMemory();
    const shelf = memory.shelf<number>('counts', { max: 10 });
    const saves = [1, 2, 3, 4].map((count) => {
      shelf.set('default', 'a', count);
      return memory.save();
    });
    shelf.set('default', 'a', 5);
    await Promise.all(saves);
    const { rows } = await api.pool.query('SELECT state FROM detector_memory');
    expect(rows).toEqual([{ state: '5' }]);
  });

  it('is learned anew where it cannot be read', async () => {
    await api.pool.query(`INSERT INTO detector_memory VALUES ('default', 'counts', 'a', '{')`);
    const memory = newMemory();
    const shelf = memory.shelf<number>('counts', { max: 2 });
    await memory.prepare('default');
    expect(shelf.get('default', 'a')).toBeNull();
  });

  it('is saved later when the database is away', async () => {
    let isAway = true;
    const query: typeof api.pool.query = (...args: unknown[]) =>
      isAway ? Promise.reject(new Error('away')) : Reflect.apply(api.pool.query, api.pool, args);
    const memory = new Memory({ pool: Object.assign(Object.create(api.pool), { query }), log });
    memory.shelf<number>('counts', { max: 2 }).set('default', 'a', 1);
    await memory.save();
    isAway = false;
    await memory.save();
    const { rows } = await api.pool.query('SELECT subject, state FROM detector_memory');
    expect(rows).toEqual([{ subject: 'a', state: '1' }]);
  });
});
