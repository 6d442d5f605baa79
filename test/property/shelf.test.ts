import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Shelf } from '../../src/watch/shelf.js';

const MAX = 3;
const place = fc.record({ fleet: fc.constantFrom('f', 'f2'), subject: fc.constantFrom('', 'a', 'b\nc', '__proto__') });
const step = fc.record({ place, state: fc.option(fc.nat(9)), isSaved: fc.boolean() });

it('a shelf holds what was set last, and what is saved of it is the same', () => {
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const shelf = new Shelf<number>('counts', { max: MAX });
      /** Those set longest ago first. */
      let naive: { key: string; state: number }[] = [];
      const saved = new Map<string, string>();
      const save = () => {
        for (const { fleet, subject, state } of shelf.takeChanges(1_000)) {
          const key = JSON.stringify({ fleet, subject });
          if (state === null) saved.delete(key);
          else saved.set(key, state);
        }
      };
      for (const { place: at, state, isSaved } of steps) {
        const key = JSON.stringify(at);
        shelf.set(at.fleet, at.subject, state);
        naive = naive.filter((each) => each.key !== key);
        if (state !== null) naive = [...naive, { key, state }].slice(-MAX);
        if (isSaved) save();
      }
      save();
      expect([...saved].sort()).toEqual(naive.map(({ key, state }) => [key, String(state)]).sort());
      for (const { key, state } of naive) {
        const { fleet, subject } = JSON.parse(key) as { fleet: string; subject: string };
        expect(shelf.get(fleet, subject)).toBe(state);
        expect(shelf.entries(fleet)).toContainEqual([subject, state]);
      }
      expect(['f', 'f2'].flatMap((fleet) => shelf.entries(fleet))).toHaveLength(naive.length);
    }),
  );
});
