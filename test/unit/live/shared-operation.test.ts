import { OperationTypeNode, parse, print } from 'graphql';
import { describe, expect, it } from 'vitest';
import { anonymize, type Operation } from '../../../src/live/operation.js';
import { identify, withoutResume } from '../../../src/live/shared-operation.js';

function operation(query: string, variables: Record<string, unknown> = {}, operationName: string | null = null) {
  return { kind: OperationTypeNode.SUBSCRIPTION, document: parse(query), operationName, variables } satisfies Operation;
}

const key = (...args: Parameters<typeof operation>) => identify(withoutResume(operation(...args)));

describe('operations that share', () => {
  it('differ in nothing but the place they resume from, however it is given', () => {
    const plain = key('subscription S { decisionRecorded { id } }');
    expect(key('subscription S { decisionRecorded(after: "x") { id } }')).toBe(plain);
    expect(key('subscription S($a: ID) { decisionRecorded(after: $a) { id } }', { a: 'y' })).toBe(plain);
    expect(key('subscription S($a: ID) {\n  decisionRecorded(after: $a) { id }\n}')).toBe(plain);
  });

  it('have the same variables, whatever their order and whatever is sent beside them', () => {
    const query = 'subscription S($f: F, $n: Int) { decisionRecorded(filter: $f) { id @include(if: $n) } }';
    expect(key(query, { n: 1, f: { agents: ['a'] } })).toBe(key(query, { f: { agents: ['a'] }, n: 1, other: 2 }));
    expect(key(query, { n: 1 })).not.toBe(key(query, { n: 2 }));
    expect(key(query, { n: null })).not.toBe(key(query, {}));
  });

  it('select the same operation of a document', () => {
    const query = 'subscription A { decisionRecorded { id } } subscription B { decisionRecorded { model } }';
    expect(key(query, {}, 'A')).not.toBe(key(query, {}, 'B'));
  });

  it('keep a variable that is used elsewhere too, and what stands in a fragment', () => {
    const used = operation('subscription ($a: ID) { decisionRecorded(after: $a) { x(id: $a) } }', { a: 'y' });
    expect(withoutResume(used)).toBe(used);
    const fragment = operation(
      'subscription { ...F } fragment F on Subscription { decisionRecorded(after: "x") { id } }',
    );
    expect(withoutResume(fragment)).toBe(fragment);
  });

  it('leave other arguments and variables as they are', () => {
    const { document, variables } = withoutResume(
      operation('subscription ($a: ID, $f: F) { decisionRecorded(filter: $f, after: $a) { id } }', { a: 1, f: 2 }),
    );
    expect(print(document)).toBe(print(parse('subscription ($f: F) { decisionRecorded(filter: $f) { id } }')));
    expect(variables).toEqual({ f: 2 });
  });
});

describe('viewers who share', () => {
  const viewer = (role: 'VIEWER' | 'OPERATOR', subject = 'a') => ({
    viewer: { subject, roles: new Set([role]), fleets: '*' as const, expiresAtMs: 7 },
    fleet: 'f',
  });

  it('may do the same, and are nobody in particular', () => {
    const [one, other] = [anonymize(viewer('VIEWER', 'a')), anonymize(viewer('VIEWER', 'b'))];
    expect(one).toEqual(other);
    expect(one.caller.viewer).toMatchObject({ subject: 'shared', fleets: new Set(['f']) });
    expect(anonymize(viewer('OPERATOR')).scope).not.toBe(one.scope);
  });
});
