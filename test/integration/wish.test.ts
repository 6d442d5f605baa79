import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findWishes, wishFor } from '../../src/db/wish.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { until } from '../support/wait.js';

const KIND = 7;

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

const seen = (wishes: readonly number[]) =>
  until(async () => (await findWishes(database.recorderPool, KIND)).join() === wishes.join());

describe('a wish', () => {
  it('is seen by other sessions until what is wished for is there', async () => {
    let isThere = false;
    const wished = [3, 5].map((about) =>
      wishFor(database.pool, { kind: KIND, about }, { patienceMs: 20_000, look: async () => (isThere ? about : null) }),
    );
    await seen([3, 5]);
    expect(await findWishes(database.pool, KIND + 1)).toEqual([]);
    isThere = true;
    expect(await Promise.all(wished)).toEqual([3, 5]);
    await seen([]);
  });

  it('takes one connection, however many wait for the same', async () => {
    let isThere = false;
    const wish = { kind: KIND, about: 1 };
    const look = async () => (isThere ? 'there' : null);
    const wished = Array.from({ length: 30 }, () => wishFor(database.pool, wish, { patienceMs: 20_000, look }));
    await seen([1]);
    expect(database.pool.totalCount - database.pool.idleCount).toBe(1);
    isThere = true;
    expect(new Set(await Promise.all(wished))).toEqual(new Set(['there']));
    await seen([]);
  });

  it('comes to nothing when nobody brings it about', async () => {
    const wish = { kind: KIND, about: 2 };
    expect(await wishFor(database.pool, wish, { patienceMs: 100, look: async () => null })).toBeNull();
    await seen([]);
  });
});
