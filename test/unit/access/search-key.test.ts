import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestSearch, loadSearchKey } from '../../../src/access/search-key.js';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(path.join(tmpdir(), 'midwatch-search-'));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

const file = () => path.join(dataDir, 'keys/search.key');

describe('the key of searches', () => {
  it('is made once, by whoever comes first', async () => {
    const keys = await Promise.all([loadSearchKey(dataDir), loadSearchKey(dataDir)]);
    expect(keys).toEqual([await loadSearchKey(dataDir), await loadSearchKey(dataDir)]);
    expect(readFileSync(file(), 'utf8')).toBe(`${keys[0]?.toString('hex')}\n`);
  });

  it('is refused when it is none', async () => {
    await loadSearchKey(dataDir);
    writeFileSync(file(), 'nonsense\n');
    await expect(loadSearchKey(dataDir)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});

it('a digest of a search is HMAC-SHA-256 as the documentation says', () => {
  // printf '%s\0%s' default text | openssl dgst -sha256 -mac HMAC -macopt hexkey:0101…01
  const key = Buffer.alloc(32, 1);
  expect(digestSearch(key, 'default', 'text')).toBe('9cfcbedd804e813373cbbf2ed71837c69da4237f85cf6efe35d8abc303ba8430');
  expect(digestSearch(key, 'other', 'text')).not.toBe(digestSearch(key, 'default', 'text'));
});
