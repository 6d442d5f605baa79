import { describe, expect, it } from 'vitest';
import { createLoader } from '../../../src/graphql/loader.js';

function countingLoader(read = async (keys: string[]) => new Map(keys.map((key) => [key, key.toUpperCase()]))) {
  const batches: string[][] = [];
  const loader = createLoader({
    idOf: (key: string) => key,
    read: (keys) => {
      batches.push(keys);
      return read(keys);
    },
    missing: 'nothing',
  });
  return { loader, batches };
}

describe('a loader', () => {
  it('reads in one batch what is asked for in one turn, each key once', async () => {
    const { loader, batches } = countingLoader();
    const late = Promise.resolve().then(() => loader.load('c'));
    expect(await Promise.all([loader.load('a'), loader.load('b'), loader.load('a'), late])).toEqual([
      'A',
      'B',
      'A',
      'C',
    ]);
    expect(batches).toEqual([['a', 'b', 'c']]);
  });

  it('keeps nothing from one turn to the next', async () => {
    const { loader, batches } = countingLoader();
    await loader.load('a');
    await loader.load('a');
    expect(batches).toEqual([['a'], ['a']]);
  });

  it('answers what is not found with what stands in for it', async () => {
    const { loader } = countingLoader(async () => new Map());
    expect(await loader.load('a')).toBe('nothing');
  });

  it('fails everyone in the batch when the read fails, and reads again after that', async () => {
    let isBroken = true;
    const { loader } = countingLoader(async (keys) => {
      if (isBroken) throw new TypeError('broken');
      return new Map(keys.map((key) => [key, 'fine']));
    });
    const results = await Promise.allSettled([loader.load('a'), loader.load('b')]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    isBroken = false;
    expect(await loader.load('a')).toBe('fine');
  });
});
