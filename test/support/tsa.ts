import { hash, webcrypto } from 'node:crypto';
import * as asn1js from 'asn1js';
import {
  Accuracy,
  AlgorithmIdentifier,
  Attribute,
  AttributeTypeAndValue,
  BasicConstraints,
  Certificate,
  ContentInfo,
  EncapsulatedContentInfo,
  Extension,
  ExtKeyUsage,
  IssuerAndSerialNumber,
  MessageImprint,
  PKIStatusInfo,
  SignedAndUnsignedAttributes,
  SignedData,
  SignerInfo,
  Time,
  TimeStampReq,
  TimeStampResp,
  TSTInfo,
} from 'pkijs';
// Names pkijs's engine.
import '../../src/timestamp/der.js';

const HOUR_MS = 3_600_000;
const RSA = { modulusLength: 2_048, publicExponent: new Uint8Array([1, 0, 1]) };
const KINDS = {
  'P-256': { name: 'ECDSA', namedCurve: 'P-256' },
  'P-384': { name: 'ECDSA', namedCurve: 'P-384' },
  'P-521': { name: 'ECDSA', namedCurve: 'P-521' },
  'RSA-1024': { ...RSA, name: 'RSASSA-PKCS1-v1_5', modulusLength: 1_024 },
  RSA: { ...RSA, name: 'RSASSA-PKCS1-v1_5' },
  'RSA-PSS': { ...RSA, name: 'RSA-PSS' },
} as const;
const TST_INFO = '1.2.840.113549.1.9.16.1.4';

export interface Issued {
  certificate: Certificate;
  privateKey: CryptoKey;
}

export interface CertificateWish {
  name: string;
  /** Left out: it signs itself. */
  issuer?: Issued;
  isAuthority?: boolean;
  usages?: { purposes: string[]; critical: boolean };
  fromMs?: number;
  toMs?: number;
  /** Of its key. */
  kind?: keyof typeof KINDS;
  /** That its key signs by, and that it is signed by; both are SHA-256 where nothing is said. */
  hash?: Hash;
  /** How many certificates of authorities may come below it. */
  pathLength?: number;
  /** What its key is for: the first byte of the bits of RFC 5280 section 4.2.1.3. */
  keyUsage?: number;
  /** The object identifier of an extension that has to be understood. */
  critical?: string;
  /** Spoils it before it is signed. */
  spoil?: (certificate: Certificate) => void;
}

export type Hash = 'SHA-1' | 'SHA-256' | 'SHA-384' | 'SHA-512';

let serial = 1_000;

export async function issue({
  name,
  issuer,
  isAuthority = false,
  usages,
  fromMs,
  toMs,
  kind = 'P-256',
  hash: signedBy = 'SHA-256',
  pathLength,
  keyUsage,
  critical,
  spoil,
}: CertificateWish): Promise<Issued> {
  const { privateKey, publicKey } = (await webcrypto.subtle.generateKey({ ...KINDS[kind], hash: signedBy }, true, [
    'sign',
    'verify',
  ])) as CryptoKeyPair;
  const certificate = new Certificate();
  certificate.version = 2;
  serial += 1;
  certificate.serialNumber = new asn1js.Integer({ value: serial });
  const common = new AttributeTypeAndValue({ type: '2.5.4.3', value: new asn1js.Utf8String({ value: name }) });
  certificate.subject.typesAndValues.push(common);
  certificate.issuer = issuer?.certificate.subject ?? certificate.subject;
  certificate.notBefore = new Time({ value: new Date(fromMs ?? Date.now() - HOUR_MS) });
  certificate.notAfter = new Time({ value: new Date(toMs ?? Date.now() + HOUR_MS) });
  const constraints = new BasicConstraints({
    cA: isAuthority,
    ...(pathLength === undefined ? {} : { pathLenConstraint: pathLength }),
  });
  certificate.extensions = [
    new Extension({
      extnID: '2.5.29.19',
      critical: true,
      extnValue: constraints.toSchema().toBER(),
      parsedValue: constraints,
    }),
  ];
  if (usages !== undefined) {
    const usage = new ExtKeyUsage({ keyPurposes: usages.purposes });
    certificate.extensions.push(
      new Extension({
        extnID: '2.5.29.37',
        critical: usages.critical,
        extnValue: usage.toSchema().toBER(),
        parsedValue: usage,
      }),
    );
  }
  if (keyUsage !== undefined) {
    const bits = new asn1js.BitString({ valueHex: new Uint8Array([keyUsage]) });
    certificate.extensions.push(new Extension({ extnID: '2.5.29.15', critical: true, extnValue: bits.toBER() }));
  }
  if (critical !== undefined) {
    certificate.extensions.push(
      new Extension({ extnID: critical, critical: true, extnValue: new asn1js.Null().toBER() }),
    );
  }
  await certificate.subjectPublicKeyInfo.importKey(publicKey);
  spoil?.(certificate);
  await certificate.sign(issuer?.privateKey ?? privateKey, signedBy);
  return { certificate, privateKey };
}

export const TIME_STAMPING = { purposes: ['1.3.6.1.5.5.7.3.8'], critical: true };

export interface TokenWish {
  signer: Issued;
  nonce?: Buffer;
  atMs?: number;
  /** The certificate that the signature names; left out: the signer's. Null: none. */
  named?: Certificate | null;
  /** How far its time may be off. */
  accuracy?: { seconds: number; millis: number; micros: number };
  hashAlgorithm?: 'SHA-1' | 'SHA-256';
  contentType?: string;
  /** That it is signed by. */
  hash?: Hash;
  /** The key that it is signed with, where it is not the signer's. */
  key?: CryptoKey;
  /** Certificates beside the signer's. */
  others?: readonly Certificate[];
  /** Changes what is signed, before it is. */
  edit?: (attributes: Attribute[]) => void;
  /** Changes the whole once it is signed. */
  spoil?: (signed: SignedData) => void;
}

/** A token as an authority makes it, or does not. */
export function makeToken({ bytes, ...wish }: TokenWish & { bytes: Buffer }): Promise<Buffer> {
  return makeTokenOver(hash(wish.hashAlgorithm === 'SHA-1' ? 'sha1' : 'sha256', bytes, 'buffer'), wish);
}

/** The same over a hash. */
export async function makeTokenOver(imprint: Buffer, wish: TokenWish): Promise<Buffer> {
  const { signer, nonce, atMs = Date.now(), hashAlgorithm = 'SHA-256', contentType = TST_INFO } = wish;
  const { hash: signedBy = 'SHA-256', key = signer.privateKey, others = [] } = wish;
  const named = wish.named === undefined ? signer.certificate : wish.named;
  const algorithmId = hashAlgorithm === 'SHA-256' ? '2.16.840.1.101.3.4.2.1' : '1.3.14.3.2.26';
  const info = new TSTInfo({
    version: 1,
    policy: '1.2.3.4.1',
    messageImprint: new MessageImprint({
      hashAlgorithm: new AlgorithmIdentifier({ algorithmId, algorithmParams: new asn1js.Null() }),
      hashedMessage: new asn1js.OctetString({ valueHex: new Uint8Array(imprint) }),
    }),
    serialNumber: new asn1js.Integer({ value: 7 }),
    genTime: new Date(atMs),
    ...(wish.accuracy === undefined ? {} : { accuracy: new Accuracy(wish.accuracy) }),
    ...(nonce === undefined ? {} : { nonce: new asn1js.Integer({ valueHex: new Uint8Array(nonce) }) }),
  });
  const content = Buffer.from(info.toSchema().toBER());
  const attribute = (type: string, value: asn1js.AsnType) => new Attribute({ type, values: [value] });
  const attributes = [
    attribute('1.2.840.113549.1.9.3', new asn1js.ObjectIdentifier({ value: contentType })),
    attribute(
      '1.2.840.113549.1.9.4',
      new asn1js.OctetString({ valueHex: new Uint8Array(hash(signedBy.replace('-', ''), content, 'buffer')) }),
    ),
  ];
  if (named !== null) {
    const certHash = hash('sha256', Buffer.from(named.toSchema().toBER()), 'buffer');
    const certId = new asn1js.Sequence({ value: [new asn1js.OctetString({ valueHex: new Uint8Array(certHash) })] });
    attributes.push(
      attribute(
        '1.2.840.113549.1.9.16.2.47',
        new asn1js.Sequence({ value: [new asn1js.Sequence({ value: [certId] })] }),
      ),
    );
  }
  wish.edit?.(attributes);
  const { issuer, serialNumber } = signer.certificate;
  const signed = new SignedData({
    version: 3,
    encapContentInfo: new EncapsulatedContentInfo({
      eContentType: TST_INFO,
      eContent: new asn1js.OctetString({ valueHex: new Uint8Array(content) }),
    }),
    signerInfos: [
      new SignerInfo({
        version: 1,
        sid: new IssuerAndSerialNumber({ issuer, serialNumber }),
        signedAttrs: new SignedAndUnsignedAttributes({ type: 0, attributes }),
      }),
    ],
    certificates: [signer.certificate, ...others],
  });
  await signed.sign(key, 0, signedBy);
  wish.spoil?.(signed);
  const token = new ContentInfo({ contentType: '1.2.840.113549.1.7.2', content: signed.toSchema(true) });
  return Buffer.from(token.toSchema().toBER());
}

/** The answer that carries a token; without one, a refusal. */
export function replyWith(token: Buffer | null): Buffer {
  const reply =
    token === null
      ? new TimeStampResp({ status: new PKIStatusInfo({ status: 2 }) })
      : new TimeStampResp({
          status: new PKIStatusInfo({ status: 0 }),
          timeStampToken: ContentInfo.fromBER(new Uint8Array(token).buffer),
        });
  return Buffer.from(reply.toSchema().toBER());
}

/** What a query asks for. */
export function readQuery(body: Buffer): { imprint: Buffer; nonce: Buffer } {
  const { messageImprint, nonce } = TimeStampReq.fromBER(new Uint8Array(body).buffer);
  return {
    imprint: Buffer.from(messageImprint.hashedMessage.valueBlock.valueHexView),
    nonce: Buffer.from(nonce?.valueBlock.valueHexView ?? []),
  };
}
