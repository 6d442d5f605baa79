import { describe, expect, it } from 'vitest';
import { readCredential } from '../../../src/access/credential.js';

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

describe('readCredential', () => {
  it.each([
    ['Bearer abc', undefined, 'abc'],
    ['bearer abc', undefined, 'abc'],
    ['BEARER  abc ', undefined, 'abc'],
    [basic('pk-name:mw_secret'), undefined, 'mw_secret'],
    [basic('mw_secret:'), undefined, 'mw_secret'],
    [basic('mw_secret'), undefined, 'mw_secret'],
    [undefined, ' mw_secret ', 'mw_secret'],
    ['Bearer abc', 'mw_secret', 'abc'],
    ['mw_secret', undefined, 'mw_secret'],
    [' mw_secret ', 'other', 'mw_secret'],
    ['eyJhbGciOiJFUzI1NiJ9.e30.c2ln_-', undefined, 'eyJhbGciOiJFUzI1NiJ9.e30.c2ln_-'],
  ])('reads authorization %j and x-api-key %j as %j', (authorization, apiKey, credential) => {
    expect(readCredential(authorization, apiKey)).toBe(credential);
  });

  it.each([undefined, '', 'Bearer', 'Bearer ', 'Bearer a b', 'abc', 'a.b', 'a..c', 'mw_a b', 'Digest abc', 'Basic'])(
    'finds none in authorization %j',
    (authorization) => {
      expect(() => readCredential(authorization, undefined)).toThrow(
        expect.objectContaining({ code: 'UNAUTHENTICATED', message: expect.stringContaining('Authorization: Bearer') }),
      );
    },
  );
});
