import { describe, expect, it } from 'vitest';
import { Recent } from '../../../src/access/recent.js';

function setUp(entriesMax = 10) {
  const clock = { nowMs: 0, now: () => clock.nowMs };
  const asked: string[] = [];
  const recent = new Recent<string>({ ageMaxMs: 5_000, entriesMax, clock });
  const get = (key: string, answer: string | null = `answer to ${key}`) =>
    recent.get(key, async () => {
      asked.push(key);
      return answer;
    });
  return { clock, asked, recent, get };
}

describe('Recent', () => {
  it('asks once in five seconds', async () => {
    const { clock, asked, get } = setUp();
    await get('a');
    clock.nowMs = 4_999;
    expect(await get('a')).toBe('answer to a');
    expect(asked).toEqual(['a']);
    clock.nowMs = 5_000;
    await get('a');
    expect(asked).toEqual(['a', 'a']);
  });

  it('asks once for all who ask at the same time', async () => {
    const { asked, get } = setUp();
    expect(await Promise.all([get('a'), get('a'), get('b')])).toEqual(['answer to a', 'answer to a', 'answer to b']);
    expect(asked).toEqual(['a', 'b']);
  });

  it('asks again after there was none', async () => {
    const { get } = setUp();
    expect(await get('a', null)).toBeNull();
    expect(await get('a')).toBe('answer to a');
  });

  it('asks again after a failure', async () => {
    const { recent, get } = setUp();
    await expect(recent.get('a', () => Promise.reject(new Error('lost')))).rejects.toThrow('lost');
    expect(await get('a')).toBe('answer to a');
  });

  it('forgets the oldest when it is full', async () => {
    const { asked, get } = setUp(2);
    for (const key of ['a', 'b', 'c', 'b', 'c', 'a']) await get(key);
    expect(asked).toEqual(['a', 'b', 'c', 'a']);
  });
});
