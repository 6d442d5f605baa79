import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { calculateJwkThumbprint, exportJWK } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadInstallationKey } from '../../../src/access/keys.js';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(path.join(tmpdir(), 'midwatch-keys-'));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

describe('loadInstallationKey', () => {
  it('makes a pair once and loads the same ever after', async () => {
    const first = await loadInstallationKey(dataDir);
    const second = await loadInstallationKey(dataDir);
    expect(second.kid).toBe(first.kid);
    expect(first.kid).toBe(await calculateJwkThumbprint(await exportJWK(first.publicKey)));
  });

  it('gives everybody who starts at once the same pair and leaves nothing else behind', async () => {
    const keys = await Promise.all(Array.from({ length: 8 }, () => loadInstallationKey(dataDir)));
    expect(new Set(keys.map(({ kid }) => kid)).size).toBe(1);
    expect(readdirSync(path.join(dataDir, 'keys'))).toEqual(['token.jwk.json']);
  });

  it.skipIf(process.platform === 'win32')('lets nobody else read it', async () => {
    await loadInstallationKey(dataDir);
    expect(statSync(path.join(dataDir, 'keys')).mode & 0o777).toBe(0o700);
    expect(statSync(path.join(dataDir, 'keys/token.jwk.json')).mode & 0o777).toBe(0o600);
  });

  it('does not let the private key out of the process', async () => {
    const { privateKey } = await loadInstallationKey(dataDir);
    expect(privateKey.extractable).toBe(false);
  });

  it.each([
    ['no JSON', 'not json'],
    ['half a file', '{"kty":"OKP","crv":"Ed2'],
    ['a symmetric key', '{"kty":"oct","k":"AAAA"}'],
    ['a public key alone', '{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}'],
  ])('refuses a file that holds %s, naming the file', async (_name, text) => {
    const file = path.join(dataDir, 'keys/token.jwk.json');
    mkdirSync(path.dirname(file));
    writeFileSync(file, text);
    await expect(loadInstallationKey(dataDir)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining(file),
    });
  });
});
