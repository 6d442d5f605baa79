import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../src/config.js';
import { readOptions } from '../../../src/demo/options.js';

const config = readConfig({ MIDWATCH_DATA_DIR: '/data' });
const read = (...args: string[]) => readOptions(args, { config, nowMs: 1_234 });

describe('the options of the demo', () => {
  it('default to the server of this installation', () => {
    expect(read()).toEqual({
      url: 'http://127.0.0.1:4000',
      fleet: 'default',
      key: null,
      decisionsPerS: 5,
      seed: 1_234,
      durationMs: null,
      hasFaults: true,
      backfillMs: 3_600_000,
      truthFile: '/data/demo-truth.jsonl',
    });
  });

  it('reach a server that listens everywhere on this machine', () => {
    const everywhere = readConfig({ HOST: '0.0.0.0', PORT: '4100' });
    expect(readOptions([], { config: everywhere, nowMs: 0 })).toMatchObject({ url: 'http://127.0.0.1:4100' });
  });

  it('are read with their units', () => {
    const options = read('--url', 'https://watch.example/', '--rate', '0.5', '--duration', '5m', '--backfill', '0');
    expect(options).toMatchObject({
      url: 'https://watch.example',
      decisionsPerS: 0.5,
      durationMs: 300_000,
      backfillMs: 0,
    });
  });

  it.each([
    [['--rate', 'fast'], '--rate'],
    [['--rate', '0'], '--rate'],
    [['--duration', '5'], '--duration'],
    [['--url', 'localhost:4000'], '--url'],
    [['--fleet', 'a b'], '--fleet'],
    [['--speed', '3'], '--speed'],
  ])('are refused with the name of the wrong one: %s', (args, name) => {
    expect(() => read(...args)).toThrow(name);
  });
});
