import { describe, expect, it } from 'vitest';
import { formatCheckpoint } from '../../../../src/ledger/note/checkpoint.js';
import { cosign } from '../../../../src/ledger/note/cosignature.js';
import { formatVerifierKey, signerKey } from '../../../../src/ledger/note/key.js';
import { isQuorum, parsePolicy } from '../../../../src/ledger/note/policy.js';
import { formatNote, signText } from '../../../../src/ledger/note/signed-note.js';
import { openCheckpoint } from '../../../../src/ledger/note/trust.js';

const seed = (fill: number) => Buffer.alloc(32, fill);
const log = signerKey('example.com/log', seed(1), 'note');
const names = ['X1', 'X2', 'X3', 'Y1', 'Y2'];
const witnesses = names.map((name, at) => signerKey(`${name}.example/w`, seed(10 + at), 'cosignature'));
const vkey = formatVerifierKey;

/** The example of C2SP tlog-policy, with keys. */
const EXAMPLE = `
# what we believe
log ${vkey(log)} https://log.example/
${names.map((name, at) => `witness ${name}\t${vkey(witnesses[at] ?? log)}`).join('\n')}
group X-witnesses 2 X1 X2 X3
  group Y-witnesses any Y1 Y2
group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
`;

describe('a policy', () => {
  it.each([
    [[], false],
    [['X1', 'X2'], false],
    [['X1', 'Y1'], false],
    [['X1', 'X3', 'Y2'], true],
    [['X1', 'X2', 'X3', 'Y1', 'Y2'], true],
  ])('counts k of n: %j', (cosigned, enough) => {
    expect(isQuorum(parsePolicy(EXAMPLE).quorum, new Set(cosigned))).toBe(enough);
  });

  it.each([
    ['quorum none\nquorum none', /line 2: there is a quorum/],
    ['', /^there is no quorum line$/],
    ['quorum none\r\n', /line 1: it ends in a carriage return/],
    ['quorum W', /line 1: W is not defined above/],
    ['log nonsense\nquorum none', /line 1: nonsense is no key/],
    [`witness W ${vkey(log)}\nquorum W`, /line 1: .* is no key for this/],
    [`log ${vkey(log)}\nlog ${vkey({ ...log, name: 'other' })}`, /line 2/],
    [`witness none ${vkey(witnesses[0] ?? log)}\nquorum none`, /the name none is taken/],
    [`${EXAMPLE}group Z any X1`, /X1 is a member already/],
    [EXAMPLE.replace('2 X1', '4 X1'), /4 is not any, all or 1 to 3/],
    [EXAMPLE.replace('2 X1', '0 X1'), /0 is not any, all or 1 to 3/],
    ['monitor X\nquorum none', /line 1: monitor is neither/],
    ['quorum\u0001none', /line 1: it has control characters/],
  ])('that is none is refused by line: %s', (text, fault) => {
    expect(() => parsePolicy(text)).toThrow(fault);
  });
});

describe('a checkpoint under a policy', () => {
  const text = formatCheckpoint({ origin: log.name, size: 5n, root: seed(9), extensions: [] });
  const cosigned = (...at: number[]) => at.map((index) => cosign(text, witnesses[index] ?? log, 1_700_000_000n));
  const policy = parsePolicy(EXAMPLE);

  it('is believed with the log’s signature and a quorum', () => {
    const note = formatNote({ text, signatures: [signText(text, log), ...cosigned(0, 2, 3)] });
    expect(openCheckpoint(note, policy)).toMatchObject({
      checkpoint: { origin: log.name, size: 5n },
      signedBy: { name: log.name },
      cosignedAtS: new Map([
        ['X1', 1_700_000_000n],
        ['X3', 1_700_000_000n],
        ['Y1', 1_700_000_000n],
      ]),
    });
  });

  it.each([
    ['without a quorum', [signText(text, log), ...cosigned(0, 1)], /no quorum/],
    ['without the log', cosigned(0, 2, 3), /not signed by a known key/],
    ['with a wrong signature', [{ ...signText(text, log), bytes: Buffer.alloc(64) }], /is wrong/],
    [
      'with a wrong cosignature',
      [signText(text, log), { ...cosigned(0)[0], bytes: Buffer.alloc(72) }],
      /of X1 is wrong/,
    ],
  ])('is not believed %s', (_what, signatures, fault) => {
    const note = formatNote({ text, signatures: signatures as never });
    expect(openCheckpoint(note, policy)).toMatchObject({ fault: expect.stringMatching(fault) });
  });

  it('of another log is not believed, though a known key signed it', () => {
    const other = text.replace('example.com/log', 'example.com/other');
    const note = formatNote({ text: other, signatures: [signText(other, log)] });
    expect(openCheckpoint(note, { ...policy, quorum: null })).toMatchObject({
      fault: expect.stringMatching(/example.com\/other/),
    });
  });
});
