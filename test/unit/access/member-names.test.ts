import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasRepeatedMember } from '../../../src/access/member-names.js';

describe('hasRepeatedMember', () => {
  it.each([
    '{"a":1,"a":2}',
    '{"a":1,"b":{"c":[{"d":1,"d":2}]}}',
    '{"a":1,"\\u0061":2}',
    '{"a":{"x":1},"b":2,"a":3}',
    '{ "a" : "b" , "a" : "c" }',
  ])('finds the one in %s', (json) => {
    expect(hasRepeatedMember(json)).toBe(true);
  });

  it.each(['{"a":{"a":{"a":1}}}', '[{"a":1},{"a":1}]', '{"a":"a","b":"\\"a\\":1,\\"a\\":"}', '{"a":["a","a"]}'])(
    'finds none in %s',
    (json) => {
      expect(hasRepeatedMember(json)).toBe(false);
    },
  );

  it('finds none in what JSON.stringify writes of any value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(hasRepeatedMember(JSON.stringify(value, null, 1))).toBe(false);
      }),
    );
  });

  it('finds one member written twice into any object', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), (members) => {
        const [name = ''] = Object.keys(members);
        const json = JSON.stringify(members);
        expect(hasRepeatedMember(`${json.slice(0, -1)},${JSON.stringify(name)}:0}`)).toBe(true);
      }),
    );
  });
});
