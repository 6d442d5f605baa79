import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  EMPTY_HEAD,
  type Entry,
  type EntryDraft,
  extendChain,
  findFault,
  GENESIS_HASH,
  type Head,
} from '../../../src/ledger/chain.js';

const RECORDED_AT = '2026-11-22T20:26:39.926Z';
const draft = (subject: string): EntryDraft => ({
  kind: 'DECISION',
  subject,
  payload: '{"agent":"billing","steps":["ab"]}',
});

function chainOf(count: number): Entry[] {
  const drafts = Array.from({ length: count }, (_, index) => draft(`decision-${index}`));
  return extendChain('fleet-a', EMPTY_HEAD, { drafts, recordedAt: RECORDED_AT });
}

function firstFault(entries: readonly Entry[], fleet = 'fleet-a'): { seq: number; fault: string } | null {
  let head: Head = EMPTY_HEAD;
  for (const entry of entries) {
    const fault = findFault(fleet, head, entry);
    if (fault !== null) return { seq: head.seq + 1, fault };
    head = entry;
  }
  return null;
}

test('writes the canonical form to the letter, and its hash is SHA-256 of a zero byte and that form', () => {
  const [entry] = chainOf(1);
  expect(entry?.canonical).toBe(
    `{"fleet":"fleet-a","kind":"DECISION","payload":{"agent":"billing","steps":["ab"]},"previousHash":"${GENESIS_HASH}",` +
      `"recordedAt":"${RECORDED_AT}","seq":0,"subject":"decision-0","v":1}`,
  );
  const bytes = Buffer.concat([Buffer.from([0]), Buffer.from(entry?.canonical ?? '', 'utf8')]);
  expect(entry?.hash).toBe(createHash('sha256').update(bytes).digest('hex'));
});

test('hashes the UTF-8 bytes of what agents write', () => {
  const [entry] = extendChain('flotte-é', EMPTY_HEAD, { drafts: [draft('ärger \u{1f6a8}')], recordedAt: RECORDED_AT });
  expect(entry?.hash).toBe(createHash('sha256').update(`\u0000${entry?.canonical}`, 'utf8').digest('hex'));
});

test('each entry names the one before, from 0 without gaps, however the chain was built up', () => {
  const whole = chainOf(7);
  const first = extendChain('fleet-a', EMPTY_HEAD, {
    drafts: [0, 1, 2].map((n) => draft(`decision-${n}`)),
    recordedAt: RECORDED_AT,
  });
  const rest = extendChain('fleet-a', first.at(-1) as Entry, {
    drafts: [3, 4, 5, 6].map((n) => draft(`decision-${n}`)),
    recordedAt: RECORDED_AT,
  });
  expect([...first, ...rest]).toEqual(whole);
  expect(whole.map(({ seq }) => seq)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(firstFault(whole)).toBeNull();
});

test('any change to any entry is found, at that entry or the next', () => {
  const chain = chainOf(6);
  const change = fc.record({
    seq: fc.nat(5),
    field: fc.constantFrom('canonical', 'hash', 'previousHash', 'subject', 'kind', 'recordedAt', 'seq'),
  });
  fc.assert(
    fc.property(change, ({ seq, field }) => {
      const changed = chain.map((entry) => (entry.seq === seq ? tamper(entry, field as keyof Entry) : entry));
      expect(firstFault(changed)?.seq).toBe(seq);
    }),
  );
});

function tamper(entry: Entry, field: keyof Entry): Entry {
  if (field === 'seq') return { ...entry, seq: entry.seq + 10 };
  if (field === 'canonical') return { ...entry, canonical: entry.canonical.replace('billing', 'Billing') };
  const value = String(entry[field]);
  return { ...entry, [field]: `${value.slice(0, -1)}${value.endsWith('0') ? '1' : '0'}` };
}

test('a missing entry, a swap and another fleet are found', () => {
  const [a, b, c] = chainOf(3) as [Entry, Entry, Entry];
  expect(firstFault([a, c])).toEqual({ seq: 1, fault: 'seq 1 is missing' });
  expect(firstFault([b, a, c])?.seq).toBe(0);
  expect(firstFault([a, b, c], 'fleet-b')?.seq).toBe(0);
});

test('an entry that was re-hashed after a change breaks the chain at the next one', () => {
  const [a, b, c] = chainOf(3) as [Entry, Entry, Entry];
  const [forged] = extendChain('fleet-a', a, { drafts: [draft('another')], recordedAt: RECORDED_AT }) as [Entry];
  expect(forged.hash).not.toBe(b.hash);
  expect(firstFault([a, forged, c])).toEqual({ seq: 2, fault: 'previousHash is not the hash of the entry before' });
});
