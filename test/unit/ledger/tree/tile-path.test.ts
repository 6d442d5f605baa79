import { expect, test } from 'vitest';
import { parseTilePath, tilePath, tileWidth } from '../../../../src/ledger/tree/tile.js';

test.each([
  ['tile/0/000', { level: 0, index: 0n, width: 256 }],
  ['tile/0/x001/x234/067', { level: 0, index: 1_234_067n, width: 256 }],
  ['tile/63/x001/000.p/255', { level: 63, index: 1_000n, width: 255 }],
  ['tile/entries/007.p/1', { level: 'entries' as const, index: 7n, width: 1 }],
  ['tile/1/x009/x007/x199/x254/x740/992', { level: 1, index: 9_007_199_254_740_992n, width: 256 }],
])('%s is written and read', (path, tile) => {
  expect(tilePath(tile)).toBe(path);
  expect(parseTilePath(path)).toEqual(tile);
});

test.each([
  'tile/00/000',
  'tile/64/000',
  'tile/-1/000',
  'tile/0/0',
  'tile/0/0000',
  'tile/0/001/000',
  'tile/0/x001',
  'tile/0/x000/001',
  'tile/0/000.p/0',
  'tile/0/000.p/256',
  'tile/0/000.p/01',
  'tile/0/000.p/',
  'tile/0/000/',
  '/tile/0/000',
  'tile/entry/000',
  'tile/0/x١٢٣/000',
])('%s is no tile', (path) => {
  expect(parseTilePath(path)).toBeNull();
});

test('widths are those of the example in C2SP tlog-tiles: a tree of 70,000', () => {
  const widthOf = (level: number, index: bigint) => tileWidth({ level, index }, 70_000n);
  expect([widthOf(0, 272n), widthOf(0, 273n), widthOf(0, 274n)]).toEqual([256, 112, 0]);
  expect([widthOf(1, 0n), widthOf(1, 1n), widthOf(1, 2n)]).toEqual([256, 17, 0]);
  expect([widthOf(2, 0n), widthOf(3, 0n)]).toEqual([1, 0]);
});
