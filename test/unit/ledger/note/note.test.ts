import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { leafHash } from '../../../../src/ledger/chain.js';
import { formatCheckpoint, parseCheckpoint } from '../../../../src/ledger/note/checkpoint.js';
import { checkCosignature, cosign } from '../../../../src/ledger/note/cosignature.js';
import { formatVerifierKey, parseVerifierKey, signerKey, type VerifierKey } from '../../../../src/ledger/note/key.js';
import {
  checkSignature,
  formatNote,
  formatSignature,
  parseNote,
  signText,
} from '../../../../src/ledger/note/signed-note.js';
import { formatTlogProof, parseTlogProof } from '../../../../src/ledger/note/tlog-proof.js';
import { Frontier } from '../../../../src/ledger/tree/frontier.js';
import rfc8032 from '../../../vectors/ed25519/rfc8032.json' with { type: 'json' };
import checkpoints from '../../../vectors/tlog/checkpoint-parse.json' with { type: 'json' };
import notes from '../../../vectors/tlog/signed-notes.json' with { type: 'json' };
import meta from '../../../vectors/tlog/tessera-log/META.json' with { type: 'json' };
import proofs from '../../../vectors/tlog/tlog-proof.json' with { type: 'json' };

const LOG = path.resolve(import.meta.dirname, '../../../vectors/tlog/tessera-log');

/** A signing key as Go writes it: PRIVATE+KEY+name+id+base64 of type and seed. */
function goSigner(text: string) {
  const [, name, encoded] = /^PRIVATE\+KEY\+([^+]+)\+[0-9a-f]{8}\+(.*)$/.exec(text) ?? [];
  return signerKey(name ?? '', Buffer.from(encoded ?? '', 'base64').subarray(1), 'note');
}

const key = (text: string): VerifierKey => {
  const parsed = parseVerifierKey(text);
  if (parsed === null) throw new Error(`no key: ${text}`);
  return parsed;
};

describe('a key', () => {
  it('is made from its seed as RFC 8032 has it', () => {
    for (const { secretKey, publicKey } of rfc8032.vectors) {
      expect(signerKey('rfc8032', Buffer.from(secretKey, 'hex'), 'note').publicKey.toString('hex')).toBe(publicKey);
    }
  });

  it('is written as it was read', () => {
    for (const { vkey } of notes.sign) expect(formatVerifierKey(key(vkey))).toBe(vkey);
  });

  it('that is cut, changed or of another kind is none', () => {
    const { vkey } = notes.sign[0] ?? { vkey: '' };
    const cut = Array.from(vkey, (_, at) => [vkey.slice(0, at), vkey.slice(at + 1)]).flat();
    const changed = Array.from(vkey, (_, at) => {
      const next = String.fromCharCode(vkey.charCodeAt(at) + 1);
      return `${vkey.slice(0, at)}${next}${vkey.slice(at + 1)}`;
    });
    const bad = notes.badVkeys.filter((text) => !text.startsWith('also'));
    for (const text of [...cut, ...changed, ...bad]) expect([text, parseVerifierKey(text)]).toEqual([text, null]);
  });
});

describe('a signed note', () => {
  it.each(notes.sign)('is signed as published: $name', ({ testSigningKey, text, signed }) => {
    expect(formatNote({ text, signatures: [signText(text, goSigner(testSigningKey))] })).toBe(signed);
  });

  it.each(notes.open)('is opened or refused as published: $name', (vector) => {
    const text = vector.note ?? Buffer.from(vector.noteBase64 ?? '', 'base64').toString('latin1');
    const note = parseNote(text);
    const verdicts = note === null ? [] : vector.vkeys.map((vkey) => checkSignature(note, key(vkey)));
    const isOpen = verdicts.includes('verified') && !verdicts.includes('forged');
    expect(isOpen).toBe(vector.ok);
    if (isOpen && note !== null) expect(formatNote(note)).toBe(text);
  });
});

describe('a checkpoint', () => {
  it.each(checkpoints.valid)('is read: $body', ({ body, origin, size, hashUtf8, rest, strictMayReject }) => {
    const checkpoint = parseCheckpoint(body);
    if (strictMayReject) {
      expect(checkpoint).toBeNull();
      return;
    }
    expect(checkpoint).toMatchObject({ origin, size: BigInt(size), root: Buffer.from(hashUtf8) });
    expect(checkpoint?.extensions).toEqual(rest.split('\n').slice(0, -1));
    if (checkpoint !== null) expect(formatCheckpoint(checkpoint)).toBe(body);
  });

  it.each(checkpoints.invalid)('is refused: $name', ({ body }) => {
    expect(parseCheckpoint(body)).toBeNull();
  });

  it.each(['01', '+1', '1_0', '0x1', ' 1', '18446744073709551616'])('is refused with a size of %s', (size) => {
    expect(parseCheckpoint(`Log\n${size}\nYmFuYW5hcw==\n`)).toBeNull();
  });

  it('of another log’s software opens, and has the root our tree has', () => {
    const frontier = Frontier.empty();
    for (let size = 0; size <= meta.leaves.length; size += 1) {
      const note = parseNote(readFileSync(path.join(LOG, `checkpoint.${size}`), 'utf8'));
      if (note === null) throw new Error('no note');
      expect(checkSignature(note, key(meta.vkey))).toBe('verified');
      const { origin, extensions } = parseCheckpoint(note.text) ?? { origin: '', extensions: [] };
      expect(formatCheckpoint({ origin, size: frontier.size, root: frontier.root(), extensions })).toBe(note.text);
      frontier.append(Buffer.from(leafHash(meta.leaves[size] ?? ''), 'hex'));
    }
  });
});

describe('a cosignature', () => {
  const seed = Buffer.alloc(32, 7);
  const witness = signerKey('witness.example/w1', seed, 'cosignature');
  const text = 'example.com/log\n5\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n';

  it('says when, and the newest counts', () => {
    const signatures = [cosign(text, witness, 1_679_315_147n), cosign(text, witness, 1_679_315_150n)];
    expect(checkCosignature({ text, signatures }, witness)).toBe(1_679_315_150n);
    expect(checkCosignature({ text, signatures: [] }, witness)).toBeNull();
    const other = signerKey('witness.example/w2', seed, 'cosignature');
    expect(checkCosignature({ text, signatures }, other)).toBeNull();
  });

  it('with another time, another text or too few bytes is forged', () => {
    const good = cosign(text, witness, 1_679_315_147n);
    const later = Buffer.from(good.bytes);
    later.writeBigUInt64BE(1_779_315_147n);
    for (const bytes of [later, good.bytes.subarray(0, -1), Buffer.alloc(72)]) {
      expect(checkCosignature({ text, signatures: [{ ...good, bytes }] }, witness)).toBe('forged');
    }
    expect(checkCosignature({ text: text.replace('5', '6'), signatures: [good] }, witness)).toBe('forged');
  });

  it('with a time beyond 63 bits is forged, though it is signed', () => {
    const last = 2n ** 63n - 1n;
    expect(checkCosignature({ text, signatures: [cosign(text, witness, last)] }, witness)).toBe(last);
    expect(checkCosignature({ text, signatures: [cosign(text, witness, last + 1n)] }, witness)).toBe('forged');
  });

  it('in the form C2SP shows is read', () => {
    const { checkpoint, cosignature } = notes.formatExamplesWithoutKnownKey;
    const note = parseNote(checkpoint + cosignature);
    expect(note?.signatures).toHaveLength(2);
    expect(note?.signatures.map(formatSignature)[1]).toBe(cosignature);
    expect(note?.signatures[1]?.bytes.readBigUInt64BE()).toBe(1_679_315_147n);
  });
});

describe('a tlog-proof', () => {
  it.each(proofs.marshal)('is written and read: index $index', ({ index, hashes, extra, checkpoint, want }) => {
    const proof = {
      index: BigInt(index),
      proof: hashes.map((hash) => Buffer.from(hash, 'base64')),
      checkpoint,
      ...(extra === undefined ? {} : { extra: Buffer.from(extra, 'base64') }),
    };
    expect(formatTlogProof(proof)).toBe(want);
    expect(parseTlogProof(want)).toEqual(proof);
  });

  it.each(proofs.invalid)('is refused: $name', ({ proof }) => {
    expect(parseTlogProof(proof)).toBeNull();
  });
});
