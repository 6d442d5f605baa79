import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/errors.js';
import { Payload, slicePayloads } from '../../../src/live/payload.js';
import { closeForRefusal, fitReason } from '../../../src/live/socket/close-code.js';
import { openNext, readMessage, writeNext } from '../../../src/live/socket/message.js';
import { MessageBudget } from '../../../src/live/socket/message-budget.js';

describe('a message', () => {
  it('is never thrown about, whatever the text', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void expect(readMessage(text)).toBeNull()));
    expect(readMessage('{"type":"complete","id":""}')).toBeNull();
    expect(readMessage('[]')).toBeNull();
    expect(readMessage('{"type":"subscribe","id":"1","payload":{"query":"{a}","variables":[]}}')).toBeNull();
  });

  it('holds the shared payload unchanged in an envelope of its own, whatever the id', () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), (id, value) => {
        const payload = new Payload({ data: { value } });
        const expected = { id, type: 'next', payload: JSON.parse(payload.json) };
        expect(JSON.parse(writeNext(openNext(id), payload))).toEqual(expected);
      }),
    );
  });
});

describe('a close', () => {
  it('says what the refusal was, and nothing of an unexpected failure', () => {
    expect(closeForRefusal(new AppError('UNAUTHENTICATED', 'no'))).toEqual({ code: 4403, reason: 'no' });
    expect(closeForRefusal(new AppError('UNAVAILABLE', 'later'))).toEqual({ code: 1013, reason: 'later' });
    expect(closeForRefusal(new TypeError('secret'))).toEqual({ code: 1011, reason: 'something went wrong here' });
  });

  it('has a reason of at most 123 bytes that is still text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (reason) => {
        const fitting = fitReason(reason);
        expect(Buffer.byteLength(fitting)).toBeLessThanOrEqual(123);
        expect(fitting.isWellFormed()).toBe(true);
      }),
    );
    expect(fitReason('short')).toBe('short');
  });
});

describe('the budget of messages', () => {
  it('allows a burst, refuses a flood, and refills with time', () => {
    let nowMs = 0;
    const budget = new MessageBudget({ now: () => nowMs });
    expect(Array.from({ length: 250 }, () => budget.spend()).every(Boolean)).toBe(true);
    expect(budget.spend()).toBe(false);
    nowMs += 1_000;
    expect(Array.from({ length: 48 }, () => budget.spend()).every(Boolean)).toBe(true);
  });
});

describe('slices of payloads', () => {
  it('keep everything in order, and none is empty or longer than it should be', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 40_000 }), { maxLength: 120 }), (lengths) => {
        const placed = lengths.map((length, seq) => ({
          seq,
          payload: new Payload({ data: { text: 'x'.repeat(length) } }),
        }));
        const slices = [...slicePayloads(placed)];
        expect(slices.flat()).toEqual(placed);
        for (const slice of slices) {
          expect(slice.length).toBeGreaterThan(0);
          expect(slice.length).toBeLessThanOrEqual(32);
          const before = slice.slice(0, -1).reduce((sum, { payload }) => sum + payload.json.length, 0);
          expect(before).toBeLessThan(64 * 1024);
        }
      }),
      { numRuns: 30 },
    );
  });
});
