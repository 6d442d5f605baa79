import { webcrypto } from 'node:crypto';
import { CryptoEngine, setEngine } from 'pkijs';

/** Object identifiers: RFC 5754, RFC 3161, RFC 5816, RFC 5652, RFC 5280. */
export const SHA_256 = '2.16.840.1.101.3.4.2.1';
export const TST_INFO = '1.2.840.113549.1.9.16.1.4';
export const SIGNED_DATA = '1.2.840.113549.1.7.2';
export const CONTENT_TYPE = '1.2.840.113549.1.9.3';
export const SIGNING_CERTIFICATE = '1.2.840.113549.1.9.16.2.12';
export const SIGNING_CERTIFICATE_V2 = '1.2.840.113549.1.9.16.2.47';
export const EXTENDED_KEY_USAGE = '2.5.29.37';
export const TIME_STAMPING = '1.3.6.1.5.5.7.3.8';
/** Some write the key's algorithm alone: the hash is that of the message then (RFC 5754 section 3.2). We do not, and take it. */
export const RSA_ENCRYPTION = '1.2.840.113549.1.1.1';

// pkijs takes the platform's Web Cryptography by name.
setEngine('node', new CryptoEngine({ name: 'node', crypto: webcrypto as Crypto }));

/** The bytes as pkijs takes them: a Buffer is often a view of a larger one. */
export function bytesOf(buffer: Uint8Array): ArrayBuffer {
  return new Uint8Array(buffer).buffer;
}
