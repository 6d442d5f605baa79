import { spawnSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { appendFileSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Primitive } from 'asn1js';
import fc from 'fast-check';
import { Certificate, ContentInfo, IssuerAndSerialNumber, SignedData, type SignerInfo } from 'pkijs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.js';
import { makeReport } from '../../src/report/make.js';
import { readIdentity } from '../../src/report/signature/identity.js';
import { ReportSigner } from '../../src/report/signature/sign-report.js';
import { PdfFile } from '../../src/report/verify/pdf-file.js';
import type { SignatureTrust } from '../../src/report/verify/signer.js';
import { Authority } from '../../src/timestamp/authority.js';
import { readRoots } from '../../src/timestamp/roots.js';
import { monthOfItems, type ReportBundle, writeReportBundle } from '../support/report-bundle.js';
import { hasPython, reportInput, verifyBytes, verifyInPython } from '../support/report-file.js';
import { issueSigner, type SigningFiles } from '../support/signing-identity.js';
import { issue, makeToken, TIME_STAMPING } from '../support/tsa.js';
import { startAuthority, type TestAuthority } from '../support/tsa-server.js';

const DAY_MS = 86_400_000;

let root: string;
let bundle: ReportBundle;
let unsigned: Buffer;
let authority: TestAuthority;
let rsa: SigningFiles;
let ec: SigningFiles;
let signed: Buffer;

beforeAll(async () => {
  root = mkdtempSync(path.join(tmpdir(), 'midwatch-signature-'));
  bundle = await writeReportBundle(path.join(root, 'bundle.jsonl'), monthOfItems(3));
  const pdfFile = path.join(root, 'report.pdf');
  await makeReport({ input: reportInput(bundle), directory: root, pdfFile, onProgress: () => undefined });
  unsigned = readFileSync(pdfFile);
  [rsa, ec] = [issueSigner(root, { kind: 'rsa' }), issueSigner(root, { kind: 'ec' })];
  authority = await startAuthority();
  signed = await sign(rsa);
}, 120_000);
afterAll(async () => {
  await authority.close();
  rmSync(root, { recursive: true });
});

function identityOf({ certificates, key }: SigningFiles, nowMs = Date.now()) {
  const setting = { certificatesFile: certificates, keyFile: key, keyVariable: null, isTimestamped: false };
  return readIdentity(setting, { secretOf: () => undefined, nowMs });
}

function sign(files: SigningFiles, isTimestamped = false): Promise<Buffer> {
  const roots = readRoots(authority.roots) ?? [];
  const stopped = new AbortController().signal;
  const client = isTimestamped ? new Authority({ url: authority.url, roots, clock: systemClock, stopped }) : null;
  return signWith(files, client);
}

async function signWith(files: SigningFiles, client: Pick<Authority, 'stamp'> | null): Promise<Buffer> {
  const file = path.join(mkdtempSync(path.join(root, 'sign-')), 'report.pdf');
  writeFileSync(file, unsigned);
  await new ReportSigner({ identity: identityOf(files), authority: client, clock: systemClock }).sign(file);
  return readFileSync(file);
}

/** Signed with a token over something else than the signature. */
async function signBesideToken(files: SigningFiles): Promise<Buffer> {
  const signer = await issue({ name: 'tsa.example', issuer: authority.root, usages: TIME_STAMPING });
  const token = await makeToken({ signer, bytes: Buffer.from('something else') });
  const timestamp = { atMs: Date.now(), authority: 'tsa.example' };
  return signWith(files, { stamp: async () => ({ kind: 'stamped', token, timestamp }) });
}

/** The update of a report whose signature names its certificate by the key, which the profile of reports has not. */
function namedByKey(update: string): string {
  const hex = /\/Contents <([0-9a-f]+)>\n>>/.exec(update)?.[1] ?? '';
  const { content, contentType } = ContentInfo.fromBER(new Uint8Array(Buffer.from(hex, 'hex')));
  const signedData = new SignedData({ schema: content });
  const [signer] = signedData.signerInfos as [SignerInfo];
  const certificate = signedData.certificates?.find((each) => isOf(signer, each)) as Certificate;
  const key = certificate.subjectPublicKeyInfo.subjectPublicKey.valueBlock.valueHexView;
  const id = new Uint8Array(hash('sha1', key, 'buffer'));
  signer.sid = new Primitive({ idBlock: { tagClass: 3, tagNumber: 0 }, valueHex: id });
  const changed = new ContentInfo({ contentType, content: signedData.toSchema(true) }).toSchema().toBER();
  return update.replace(hex, Buffer.from(changed).toString('hex').padEnd(hex.length, '0'));
}

function isOf({ sid }: SignerInfo, each: unknown): boolean {
  return (
    each instanceof Certificate &&
    sid instanceof IssuerAndSerialNumber &&
    each.serialNumber.isEqual(sid.serialNumber) &&
    each.issuer.isEqual(sid.issuer)
  );
}

const verified = (bytes: Buffer, signatures?: SignatureTrust) =>
  verifyBytes(bytes, { root, bundle, ...(signatures && { signatures }) });
const rootsOf = (files: SigningFiles) => readRoots(readFileSync(files.roots, 'utf8'));
const hasPdfsig = spawnSync('pdfsig', ['-v']).status === 0;
if (!hasPdfsig) process.stderr.write('pdfsig is not installed: signatures are not checked by another program\n');

describe('a signed report', () => {
  it('is the report, byte for byte, and a signature of whoever was pinned', async () => {
    for (const [files, bytes] of [[rsa, signed] as const, [ec, await sign(ec)] as const]) {
      expect(bytes.subarray(0, unsigned.length).equals(unsigned)).toBe(true);
      const verdict = await verified(bytes, { signers: rootsOf(files), authorities: null });
      expect(verdict).toMatchObject({ outcome: 'intact', pages: 'same', figures: 'same' });
      expect(verdict.signature).toMatchObject({
        signer: 'O=Acme Bank, CN=Acme Compliance',
        doubt: null,
        timestamp: null,
        unsignedSha256: (await verified(unsigned)).sha256,
      });
    }
  }, 60_000);

  it('says without a pinned certificate who it says it is of, and that nobody has to believe it', async () => {
    expect(await verified(signed)).toMatchObject({
      outcome: 'intact',
      signature: { signer: 'O=Acme Bank, CN=Acme Compliance', doubt: 'no certificate was pinned' },
    });
  }, 60_000);

  it('is not believed of others, nor is a report without one where one is asked for', async () => {
    const trust = { signers: rootsOf(ec), authorities: null };
    expect(await verified(signed, trust)).toMatchObject({
      outcome: 'incomplete',
      reasons: [expect.stringContaining('does not follow from those that were pinned')],
      signature: { doubt: expect.stringContaining('pinned') },
    });
    expect(await verified(unsigned, trust)).toMatchObject({
      outcome: 'incomplete',
      reasons: ['its signature: it has none'],
      signature: null,
    });
  }, 60_000);

  it('has the word of an authority for when it was signed, where that is asked for', async () => {
    const bytes = await sign(ec, true);
    const roots = readRoots(authority.roots);
    const believed = await verified(bytes, { signers: rootsOf(ec), authorities: roots });
    expect(believed).toMatchObject({
      outcome: 'intact',
      signature: { timestamp: { authority: 'tsa.example', doubt: null } },
    });
    const doubted = await verified(bytes, { signers: rootsOf(ec), authorities: rootsOf(rsa) });
    expect(doubted.signature?.timestamp).toMatchObject({ at: null, doubt: expect.any(String) });
    const unpinned = await verified(bytes);
    expect(unpinned.signature?.timestamp).toEqual({ at: null, authority: null, doubt: 'no authority was pinned' });
  }, 60_000);

  it('is not there at all when the authority gives no token', async () => {
    authority.react = async () => ({ status: 500, body: '' });
    await expect(sign(ec, true)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    const file = path.join(root, 'untouched.pdf');
    writeFileSync(file, unsigned);
    const stamp = async () => ({ kind: 'failed', reason: 'no answer', waitMs: null }) as const;
    const signer = new ReportSigner({ identity: identityOf(ec), authority: { stamp }, clock: systemClock });
    await expect(signer.sign(file)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(readFileSync(file).equals(unsigned)).toBe(true);
    authority.react = (query) => authority.stamp(query);
  });

  it.skipIf(!hasPdfsig)('is valid to another program, which finds all of it signed', async () => {
    for (const bytes of [signed, await sign(ec), await sign(rsa, true)]) {
      const file = path.join(root, 'pdfsig.pdf');
      writeFileSync(file, bytes);
      const { stdout } = spawnSync('pdfsig', ['-nocert', file], { encoding: 'utf8' });
      expect(stdout).toContain('Signature Type: ETSI.CAdES.detached');
      expect(stdout).toContain('Total document signed');
      expect(stdout).toContain('Signature Validation: Signature is Valid.');
    }
  });

  it('is refused when more is added, taken away, or put in another place', async () => {
    const text = signed.toString('latin1');
    const update = text.slice(unsigned.length);
    const report = text.slice(0, unsigned.length);
    const odd = [
      text + update,
      `${text}\n`,
      `${report}% a comment\n${update}`,
      ...[
        ['/F 132', '/F 133'],
        ['/Rect [0 0 0 0]', '/Rect [0 0 9 9]'],
        ['/TU (Signature)', '/TU (Signatory)'],
        ['/SigFlags 3', '/SigFlags 1'],
        ['/ByteRange [0 ', '/ByteRange [1 '],
        ['/Prev ', '/Prev 1'],
        ['/MediaBox [0 0 5', '/MediaBox [0 0 6'],
        ['/Type /Catalog\n', '/Type /Catalog\n/OpenAction 9 0 R\n'],
        ['\nxref\n', '\n\nxref\n'],
      ].map(([from = '', to = '']) => report + update.replace(from, to)),
    ];
    for (const each of odd) {
      expect(each).not.toBe(text);
      expect(await verified(Buffer.from(each, 'latin1'))).toMatchObject({ outcome: 'tampered' });
    }
  });

  it('is told to be tampered with when the signature is of another report, or of another key', async () => {
    const hex = (bytes: Buffer) => /\/Contents <([0-9a-f]+)>\n>>/.exec(bytes.toString('latin1'))?.[1] ?? '';
    const text = signed.toString('latin1');
    const later = text.replace(/\/M \(D:\d{4}/, '/M (D:2001');
    expect(await verified(Buffer.from(later, 'latin1'))).toMatchObject({
      outcome: 'tampered',
      problem: 'its signature: it is of another file',
    });
    const [own, other] = [hex(signed), hex(await sign(ec))];
    const value = own.replace(/0*$/, '').slice(-32);
    const forged = text.replace(
      value,
      value.replace(/^./, (digit) => (digit === '0' ? '1' : '0')),
    );
    expect(await verified(Buffer.from(forged, 'latin1'))).toMatchObject({
      outcome: 'tampered',
      problem: 'its signature: it was not made with the key of its certificate',
    });
    expect(own).not.toBe(other);
  });

  it('has no byte that can be changed and be taken for what it was', async () => {
    const { sha256 } = await verified(signed, { signers: rootsOf(rsa), authorities: null });
    const cmsFrom = signed.lastIndexOf('/Contents <') + '/Contents <'.length;
    const cmsTo = signed.indexOf('0000000000000000'.repeat(8), cmsFrom);
    const place = fc.oneof(
      fc.nat(signed.length - 1),
      fc.integer({ min: unsigned.length, max: signed.length - 1 }),
      fc.integer({ min: cmsFrom, max: cmsTo }),
    );
    await fc.assert(
      fc.asyncProperty(place, fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const changed = Buffer.from(signed);
        changed[at] = (changed[at] as number) ^ flip;
        const verdict = await verified(changed, { signers: rootsOf(rsa), authorities: null });
        expect(verdict.sha256).not.toBe(sha256);
        // What another chain beside the signature says, is no more than what was pinned says without it.
        const isInChain = at >= cmsFrom && at <= cmsTo;
        if (verdict.outcome === 'intact') expect(isInChain).toBe(true);
      }),
      { numRuns: 60 },
    );
  }, 120_000);

  it('is opened by those who know nothing of signatures', async () => {
    const file = path.join(root, 'opened.pdf');
    writeFileSync(file, signed);
    const pdf = await PdfFile.open(file, unsigned.length);
    expect([...(await pdf.attachments()).keys()]).toContain('bundle.jsonl');
    await pdf.close();
    await expect(PdfFile.open(file)).rejects.toThrow();
  });
});

describe.skipIf(!hasPython)('the second verifier, of a signed report', () => {
  const run = (bytes: Buffer, options: readonly string[] = []) => verifyInPython(bytes, { root, bundle, options });
  /** What is left to the first one, whatever is asked. */
  const NOT_COMPARED = expect.stringContaining('not compared');

  it('says who signed it, when, and whom nobody has to believe, as the first one does', async () => {
    const [byEc, stamped] = [await sign(ec), await sign(ec, true)];
    const pem = path.join(root, 'authority.pem');
    writeFileSync(pem, authority.roots);
    const cases: [Buffer, signers: string | null, authorities: string | null, reasons: unknown[]][] = [
      [unsigned, null, null, []],
      [signed, null, null, []],
      [signed, rsa.roots, null, []],
      [byEc, ec.roots, pem, []],
      [stamped, null, null, []],
      [stamped, ec.roots, pem, []],
      [stamped, null, rsa.roots, []],
      [unsigned, rsa.roots, null, ['its signature: it has none']],
      [signed, ec.roots, null, [expect.stringContaining('does not follow from those that were pinned')]],
      [byEc, pem, null, [expect.stringContaining('does not follow from those that were pinned')]],
    ];
    for (const [bytes, signers, authorities, reasons] of cases) {
      const read = (file: string | null) => (file === null ? null : readRoots(readFileSync(file, 'utf8')));
      const verdict = await verified(bytes, { signers: read(signers), authorities: read(authorities) });
      expect(verdict).toMatchObject({ outcome: reasons.length === 0 ? 'intact' : 'incomplete', reasons });
      const options = [
        ...(signers === null ? [] : ['--signature-roots', signers]),
        ...(authorities === null ? [] : ['--timestamp-roots', authorities]),
      ];
      const answer = run(bytes, options);
      expect(answer).toMatchObject({ status: 2, stderr: '', verdict: { outcome: 'incomplete', problem: null } });
      expect(answer.verdict).toMatchObject({
        signature: verdict.signature,
        reasons: [...verdict.reasons, NOT_COMPARED],
      });
    }
  }, 90_000);

  it('refuses and tells what the first one does', async () => {
    const wrong = await signBesideToken(ec);
    for (const bytes of [signed, await sign(ec)]) {
      const text = bytes.toString('latin1');
      const [report, update] = [text.slice(0, unsigned.length), text.slice(unsigned.length)];
      const value = /\/Contents <([0-9a-f]+?)0*>/.exec(update)?.[1]?.slice(-16) ?? '';
      const odd = [
        wrong.toString('latin1'),
        text + update,
        `${report}%\n${update}`,
        report + update.replace('/SigFlags 3', '/SigFlags 1'),
        report + update.replace('/Rect [0 0 0 0]', '/Rect [0 0 9 9]'),
        report + update.replace(/\/M \(D:\d{4}/, '/M (D:2001'),
        report + update.replace(/\/M \(D:\d{6}/, '/M (D:202613'),
        report + update.replace('/Contents <30', '/Contents <31'),
        report + namedByKey(update),
        report +
          update.replace(
            value,
            value.replace(/^./, (digit) => (digit === '0' ? '1' : '0')),
          ),
      ];
      for (const each of odd) {
        const bytes = Buffer.from(each, 'latin1');
        const { outcome, problem } = await verified(bytes);
        expect(outcome).toBe('tampered');
        expect(run(bytes)).toMatchObject({ stderr: '', verdict: { outcome, problem } });
      }
    }
  }, 90_000);

  it('has a verdict on every signature that somebody changed', () => {
    const from = signed.lastIndexOf('/Contents <');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.integer({ min: unsigned.length, max: signed.length - 1 }),
          fc.integer({ min: from, max: from + 6_000 }),
        ),
        fc.integer({ min: 1, max: 255 }),
        (at, flip) => {
          const changed = Buffer.from(signed);
          changed[at] = (changed[at] as number) ^ flip;
          const { status, stderr } = run(changed);
          expect({ status, stderr }).toEqual({ status: expect.toBeOneOf([1, 2, 3]), stderr: '' });
        },
      ),
      { numRuns: 20 },
    );
  }, 60_000);
});

describe('a key that could not sign', () => {
  const refused = (files: SigningFiles, nowMs?: number) => {
    try {
      identityOf(files, nowMs);
    } catch (error) {
      return (error as Error).message;
    }
    return 'taken';
  };

  it('is told before anything is made', () => {
    expect(refused(rsa)).toBe('taken');
    expect(refused({ ...rsa, key: ec.key })).toMatch(
      /^reports\.signature: the key is not that of the first certificate/,
    );
    expect(refused(rsa, Date.now() + 31 * DAY_MS)).toMatch(/the certificate expired on \d{4}-/);
    expect(refused(rsa, Date.now() - DAY_MS)).toMatch(/the certificate is valid from \d{4}-/);
    expect(refused({ ...rsa, key: path.join(root, 'none') })).toMatch(/cannot be read \(ENOENT\)/);
    expect(refused({ ...rsa, key: rsa.certificates })).toMatch(/holds no private key in PEM/);
    expect(refused({ ...rsa, certificates: rsa.key })).toMatch(/holds no certificates in PEM/);
    expect(refused(issueSigner(root, { kind: 'p384' }))).toMatch(
      /neither RSA of at least 2048 bits nor ECDSA on P-256/,
    );
    const stranger = path.join(root, 'stranger.pem');
    copyFileSync(path.join(root, 'rsa-signer.pem'), stranger);
    appendFileSync(stranger, readFileSync(ec.roots));
    expect(refused({ ...rsa, certificates: stranger })).toMatch(/certificate 1 was not issued by the one after it/);
    expect(refused(issueSigner(root, { kind: 'p384', usage: 'keyEncipherment' }))).not.toBe('taken');
  });

  it('is not used when it has expired since', async () => {
    const file = path.join(root, 'expired.pdf');
    writeFileSync(file, unsigned);
    const clock = { now: () => Date.now() + 31 * DAY_MS };
    const signer = new ReportSigner({ identity: identityOf(rsa), authority: null, clock });
    await expect(signer.sign(file)).rejects.toThrow(/cannot be signed: the certificate expired/);
    expect(readFileSync(file).equals(unsigned)).toBe(true);
  });
});
