import { hash } from 'node:crypto';
import { BitString, Integer, ObjectIdentifier, OctetString, Primitive, Sequence } from 'asn1js';
import { AlgorithmIdentifier, Attribute, Certificate, RSASSAPSSParams, type SignedData, type SignerInfo } from 'pkijs';
import { derOf } from '../../src/timestamp/chain.js';
import { bytesOf } from '../../src/timestamp/der.js';
import { type CertificateWish, type Issued, issue, makeToken, TIME_STAMPING, type TokenWish } from './tsa.js';

/** A time-stamp token, whom its verifier believes, and why it does not believe it. */
export interface TokenCase {
  name: string;
  token: Buffer;
  roots: readonly Certificate[];
  /** Null: it is believed. */
  fault: RegExp | null;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SIGNING_CERTIFICATE = '1.2.840.113549.1.9.16.2.12';
const SIGNING_CERTIFICATE_V2 = '1.2.840.113549.1.9.16.2.47';
const SHA_512 = '2.16.840.1.101.3.4.2.3';
const RSA_ENCRYPTION = '1.2.840.113549.1.1.1';
const PATH = /does not follow from those that were pinned/;

type Wish = Partial<TokenWish> & { root?: Issued };
type Make = (root: Issued) => Promise<Wish> | Wish;

/** Tokens over some bytes, to believe and not to: every verifier has to say the same of them. */
export async function tokenCorpus(bytes: Buffer): Promise<TokenCase[]> {
  const root = await issue({ name: 'root', isAuthority: true });
  const signer = await stamperOf(root);
  const made = async (name: string, make: Make, fault: RegExp | null) => {
    const { root: other = root, ...wish } = await make(root);
    return { name, token: await makeToken({ signer, bytes, ...wish }), roots: [other.certificate], fault };
  };
  const believed = Object.entries(BELIEVED).map(([name, make]) => made(name, make, null));
  return Promise.all([...believed, ...DOUBTED.map(([name, make, fault]) => made(name, make, fault))]);
}

function stamperOf(issuer: Issued, wish: Partial<CertificateWish> = {}): Promise<Issued> {
  return issue({ name: 'tsa.example', issuer, usages: TIME_STAMPING, ...wish });
}

/** A signer below a certificate that is below the root. */
async function below(root: Issued, wish: Partial<CertificateWish> = {}): Promise<TokenWish> {
  const between = await issue({ name: 'between', issuer: root, isAuthority: true, ...wish });
  return { signer: await stamperOf(between), others: [between.certificate] };
}

const signerInfoOf = ({ signerInfos }: SignedData) => signerInfos[0] as SignerInfo;

function withValue(change: (value: Buffer) => Uint8Array): Wish {
  return {
    spoil: (signed) => {
      const signer = signerInfoOf(signed);
      const value = Buffer.from(signer.signature.valueBlock.valueHexView);
      signer.signature = new OctetString({ valueHex: new Uint8Array(change(value)) });
    },
  };
}

/** Names the certificate in another attribute than usual, or another way. */
function naming(type: string, parts: (der: Buffer) => ConstructorParameters<typeof Sequence>[0]): Make {
  return async (root) => {
    const signer = await stamperOf(root);
    const id = new Sequence(parts(derOf(signer.certificate)));
    const value = new Sequence({ value: [new Sequence({ value: [id] })] });
    return { signer, named: null, edit: (list) => void list.push(new Attribute({ type, values: [value] })) };
  };
}

const octetsOf = (bytes: Uint8Array) => new OctetString({ valueHex: new Uint8Array(bytes) });

const BELIEVED: Readonly<Record<string, Make>> = {
  'ECDSA over P-256': () => ({}),
  'ECDSA over P-256 by SHA-512': async (root) => ({ hash: 'SHA-512', signer: await stamperOf(root) }),
  'ECDSA over P-384 by SHA-384': async () => {
    const root = await issue({ name: 'root', isAuthority: true, kind: 'P-384', hash: 'SHA-384' });
    return { root, hash: 'SHA-384', signer: await stamperOf(root, { kind: 'P-384', hash: 'SHA-384' }) };
  },
  'ECDSA over P-521 by SHA-512': async (root) => ({
    hash: 'SHA-512',
    signer: await stamperOf(root, { kind: 'P-521' }),
  }),
  'RSA below RSA': async () => {
    const root = await issue({ name: 'root', isAuthority: true, kind: 'RSA' });
    return { root, signer: await stamperOf(root, { kind: 'RSA' }) };
  },
  'RSA by SHA-512, named after its key': async (root) => ({
    hash: 'SHA-512',
    signer: await stamperOf(root, { kind: 'RSA', hash: 'SHA-512' }),
    spoil: (signed) => {
      signerInfoOf(signed).signatureAlgorithm.algorithmId = RSA_ENCRYPTION;
    },
  }),
  'RSA-PSS below RSA-PSS': async () => {
    const root = await issue({ name: 'root', isAuthority: true, kind: 'RSA-PSS' });
    return { root, signer: await stamperOf(root, { kind: 'RSA-PSS' }) };
  },
  'a certificate between that came with it': (root) => below(root),
  'a certificate between that is pinned': async (root) => {
    const between = await issue({ name: 'between', issuer: root, isAuthority: true });
    return { root: between, signer: await stamperOf(between) };
  },
  'two between, of which one may have one below it': async (root) => {
    const first = await issue({ name: 'first', issuer: root, isAuthority: true, pathLength: 1 });
    const second = await issue({ name: 'second', issuer: first, isAuthority: true, pathLength: 0 });
    return { signer: await stamperOf(second), others: [second.certificate, first.certificate] };
  },
  'the root’s own certificate of another issuer': async (root) => {
    const elder = await issue({ name: 'elder', isAuthority: true });
    const crossed = await issue({
      name: 'root',
      issuer: elder,
      isAuthority: true,
      spoil: (certificate) => {
        certificate.subjectPublicKeyInfo = root.certificate.subjectPublicKeyInfo;
      },
    });
    const path = await below(root);
    return { ...path, others: [...(path.others ?? []), crossed.certificate] };
  },
  'a certificate that expired since': async () => {
    const nowMs = Date.now();
    const root = await issue({ name: 'root', isAuthority: true, fromMs: nowMs - 9 * DAY_MS });
    const signer = await stamperOf(root, { fromMs: nowMs - 3 * DAY_MS, toMs: nowMs - DAY_MS });
    return { root, signer, atMs: nowMs - 2 * DAY_MS };
  },
  'keys that are for what they do': (root) => below(root, { keyUsage: 0x04 }),
  'a certificate that is meant by its key': () => ({
    spoil: (signed) => {
      const [own] = signed.certificates as [Certificate];
      const key = own.subjectPublicKeyInfo.subjectPublicKey.valueBlock.valueHexView;
      const id = new Uint8Array(hash('sha1', key, 'buffer'));
      signerInfoOf(signed).sid = new Primitive({ idBlock: { tagClass: 3, tagNumber: 0 }, valueHex: id });
    },
  }),
  'a certificate that is named by way of SHA-1': naming(SIGNING_CERTIFICATE, (der) => ({
    value: [octetsOf(hash('sha1', der, 'buffer'))],
  })),
  'a certificate that is named by way of SHA-512': naming(SIGNING_CERTIFICATE_V2, (der) => ({
    value: [
      new Sequence({ value: [new ObjectIdentifier({ value: SHA_512 })] }),
      octetsOf(hash('sha512', der, 'buffer')),
    ],
  })),
};

const FLIPPED = (value: Buffer) => value.with(value.length - 9, (value.at(-9) as number) ^ 1);
const NUMBERS =
  (...numbers: bigint[]) =>
  () =>
    new Uint8Array(new Sequence({ value: numbers.map((number) => Integer.fromBigInt(number)) }).toBER());

/** The same signature with a zero before its first number that DER has no place for. */
function padded(value: Buffer): Uint8Array {
  const length = value[3] as number;
  const body = Buffer.concat([Buffer.from([2, length + 1, 0]), value.subarray(4)]);
  return Buffer.concat([Buffer.from([0x30, body.length]), body]);
}

/** A certificate whose key is none, though it is signed as it should be. */
function withKey(change: (certificate: Certificate) => void): Make {
  return async (root) => ({ signer: await stamperOf(root, { spoil: change }) });
}

function withoutKey({ subjectPublicKeyInfo }: Certificate): void {
  subjectPublicKeyInfo.subjectPublicKey = new BitString({ valueHex: Uint8Array.of(1, 2, 3) });
}

function withPurposes(usages: CertificateWish['usages']): Make {
  return async (root) => ({ signer: await issue({ name: 'tsa.example', issuer: root, ...(usages && { usages }) }) });
}

const ALONE = /not for time-stamping alone/;

const DOUBTED: readonly (readonly [string, Make, RegExp])[] = [
  ['a root of the same name', async () => ({ root: await issue({ name: 'root', isAuthority: true }) }), PATH],
  [
    'a signature of another key',
    async (root) => ({ key: (await stamperOf(root)).privateKey }),
    /its signature is wrong/,
  ],
  ['a signature with a bit changed', () => withValue(FLIPPED), /its signature is wrong/],
  [
    'a signature with something behind it',
    () => withValue((value) => Buffer.concat([value, Buffer.alloc(1)])),
    /signature/,
  ],
  ['a signature with a needless zero', () => withValue(padded), /signature|bounds/],
  ['a signature of zeros', () => withValue(NUMBERS(0n, 0n)), /signature/],
  ['a signature of ones', () => withValue(NUMBERS(1n, 1n)), /signature/],
  ['no signature', () => withValue(() => new Uint8Array()), /signature/i],
  [
    'a signature of RSA with a bit changed',
    async (root) => ({ ...withValue(FLIPPED), signer: await stamperOf(root, { kind: 'RSA' }) }),
    /its signature is wrong/,
  ],
  [
    'a signature of RSA-PSS with a bit changed',
    async (root) => ({ ...withValue(FLIPPED), signer: await stamperOf(root, { kind: 'RSA-PSS' }) }),
    /its signature is wrong/,
  ],
  [
    'a signature of RSA-PSS that names another hash for its mask',
    async (root) => ({
      signer: await stamperOf(root, { kind: 'RSA-PSS' }),
      spoil: (signed) => {
        const { signatureAlgorithm } = signerInfoOf(signed);
        const parameters = new RSASSAPSSParams({ schema: signatureAlgorithm.algorithmParams });
        const mask = new AlgorithmIdentifier({ algorithmId: SHA_512 });
        parameters.maskGenAlgorithm.algorithmParams = mask.toSchema();
        signatureAlgorithm.algorithmParams = parameters.toSchema();
      },
    }),
    /its signature is wrong|a hash that is not believed/,
  ],
  [
    'another digest of what is signed',
    () => ({
      edit: (attributes) => {
        attributes[1] = new Attribute({ type: '1.2.840.113549.1.9.4', values: [octetsOf(Buffer.alloc(32))] });
      },
    }),
    /digest|something else/,
  ],
  [
    'no digest of what is signed',
    () => ({ edit: (attributes) => void attributes.splice(1, 1) }),
    /digest|something else/,
  ],
  ['an attribute that is there twice', () => ({ edit: (list) => void list.push(list[0] as Attribute) }), /twice/],
  [
    'no attributes',
    () => ({ spoil: (signed) => void delete signerInfoOf(signed).signedAttrs }),
    /signature is wrong|not said to be a time-stamp/,
  ],
  ['something else that is said to be signed', () => ({ contentType: '1.2.840.113549.1.7.1' }), /not said to be/],
  [
    'another certificate that is named',
    async (root) => ({ named: (await stamperOf(root)).certificate }),
    /does not name the certificate/,
  ],
  ['no certificate that is named', () => ({ named: null }), /does not name the certificate/],
  ['no certificate in it', () => ({ spoil: (signed) => void signed.certificates?.splice(0) }), /certificate/],
  ['a certificate for something else', withPurposes({ purposes: ['1.3.6.1.5.5.7.3.1'], critical: true }), ALONE],
  ['a certificate for everything', withPurposes(undefined), ALONE],
  [
    'a certificate for time-stamping among others',
    withPurposes({ purposes: [...TIME_STAMPING.purposes, '1.3.6.1.5.5.7.3.1'], critical: true }),
    ALONE,
  ],
  ['a certificate that does not insist on its use', withPurposes({ ...TIME_STAMPING, critical: false }), ALONE],
  [
    'a certificate that had expired',
    async (root) => ({ signer: await stamperOf(root, { fromMs: 0, toMs: Date.now() - HOUR_MS }) }),
    PATH,
  ],
  [
    'a certificate that was not valid yet',
    async (root) => ({ signer: await stamperOf(root, { fromMs: Date.now() + HOUR_MS, toMs: Date.now() + DAY_MS }) }),
    PATH,
  ],
  [
    'a root that had expired',
    async () => {
      const root = await issue({ name: 'root', isAuthority: true, fromMs: 0, toMs: Date.now() - HOUR_MS });
      return { root, signer: await stamperOf(root) };
    },
    PATH,
  ],
  ['a certificate of one that may not issue any', (root) => below(root, { isAuthority: false }), PATH],
  [
    'one certificate too many below another',
    async (root) => {
      const first = await issue({ name: 'first', issuer: root, isAuthority: true, pathLength: 0 });
      const path = await below(first);
      return { ...path, others: [...(path.others ?? []), first.certificate] };
    },
    PATH,
  ],
  ['certificates that issue each other', ring, PATH],
  [
    'a certificate that names another issuer than the one whose key signed it',
    async (root) => {
      const { certificate } = await issue({ name: 'other', isAuthority: true });
      return { signer: await stamperOf({ ...root, certificate }) };
    },
    PATH,
  ],
  [
    'more certificates than any path has',
    async (root) => {
      const { signer, others = [] } = await below(root);
      return { signer, others: Array.from({ length: 31 }, () => others[0] as Certificate) };
    },
    PATH,
  ],
  [
    'a certificate whose key is not for signing',
    async (root) => ({ signer: await stamperOf(root, { keyUsage: 0x20 }) }),
    /it is not for signing/,
  ],
  ['one above it whose key is not for certificates', (root) => below(root, { keyUsage: 0x80 }), PATH],
  [
    'a certificate with something that has to be understood',
    async (root) => ({ signer: await stamperOf(root, { critical: '1.2.3.4' }) }),
    PATH,
  ],
  ['one above it with something that has to be understood', (root) => below(root, { critical: '1.2.3.4' }), PATH],
  ['one above it whose key cannot be read', (root) => below(root, { kind: 'RSA', spoil: withoutKey }), PATH],
  ['a signature by way of SHA-1', () => ({ hash: 'SHA-1' }), /hash|signature/],
  ['a certificate by way of SHA-1', async (root) => ({ signer: await stamperOf(root, { hash: 'SHA-1' }) }), PATH],
  [
    'an RSA key of 1024 bits',
    async (root) => ({ signer: await stamperOf(root, { kind: 'RSA-1024' }) }),
    /has a key that is not believed/,
  ],
  [
    'a key that is no point of its curve',
    withKey(({ subjectPublicKeyInfo: { subjectPublicKey } }) => {
      const point = subjectPublicKey.valueBlock.valueHexView;
      point[40] = (point[40] as number) ^ 1;
    }),
    /./,
  ],
  [
    'a key that is said to be of another curve',
    withKey(({ subjectPublicKeyInfo: { algorithm } }) => {
      algorithm.algorithmParams = new ObjectIdentifier({ value: '1.3.132.0.34' });
    }),
    /./,
  ],
  [
    'a certificate that was changed since',
    async (root) => {
      const signer = await stamperOf(root);
      const changed = derOf(signer.certificate);
      changed[changed.indexOf('tsa.example')] = 'T'.charCodeAt(0);
      return { signer: { ...signer, certificate: Certificate.fromBER(bytesOf(changed)) } };
    },
    PATH,
  ],
];

/** Two authorities that issued each other’s certificates: whoever follows them has to stop somewhere. */
async function ring(): Promise<Wish> {
  const first = await issue({ name: 'first', isAuthority: true });
  const second = await issue({ name: 'second', isAuthority: true, issuer: first });
  const again = await issue({
    name: 'first',
    isAuthority: true,
    issuer: second,
    spoil: (certificate) => {
      certificate.subjectPublicKeyInfo = first.certificate.subjectPublicKeyInfo;
    },
  });
  return { signer: await stamperOf(first), others: [again.certificate, second.certificate] };
}
