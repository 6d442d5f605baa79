import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layOut } from '../../src/dashboard/screen/fleet/layout.js';

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
const calls = fc.array(fc.record({ caller: fc.constantFrom(...NAMES), callee: fc.constantFrom(...NAMES) }), {
  maxLength: 24,
});

describe('the map of calls', () => {
  it('gives every agent one place of its own, also where they call in circles', () => {
    fc.assert(
      fc.property(calls, (given) => {
        const placed = layOut(NAMES, given);
        expect(placed.map(({ name }) => name).sort()).toEqual(NAMES);
        expect(new Set(placed.map(({ layer, place }) => `${layer} ${place}`)).size).toBe(NAMES.length);
      }),
    );
  });

  it('puts callers before whom they call, where nobody calls back', () => {
    const downward = fc.array(fc.tuple(fc.nat(7), fc.nat(7)), { maxLength: 24 });
    fc.assert(
      fc.property(downward, (pairs) => {
        const given = pairs
          .filter(([one, other]) => one < other)
          .map(([one, other]) => ({ caller: NAMES[one] as string, callee: NAMES[other] as string }));
        const layerOf = new Map(layOut(NAMES, given).map(({ name, layer }) => [name, layer]));
        for (const { caller, callee } of given) {
          expect(layerOf.get(caller) as number).toBeLessThan(layerOf.get(callee) as number);
        }
      }),
    );
  });

  it('crosses no lines where there is a way not to', () => {
    const given = [
      { caller: 'a', callee: 'd' },
      { caller: 'b', callee: 'c' },
    ];
    const placeOf = new Map(layOut(['a', 'b', 'c', 'd'], given).map(({ name, place }) => [name, place]));
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => placeOf.get(name) as number) as [
      number,
      number,
      number,
      number,
    ];
    expect((a - b) * (d - c)).toBeGreaterThan(0);
  });
});
