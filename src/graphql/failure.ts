import type { ObjectRef } from '@pothos/core';
import { type BuilderTypes, builder } from './builder.js';
import { Refusal } from './refusal.js';

const UserErrorRef = builder.interfaceRef<Refusal>('UserError').implement({
  description: 'A refusal a caller can act on. Asking for this interface covers refusals that are added later.',
  fields: (t) => ({
    message: t.exposeString('message', { description: 'What was wrong and what to do.' }),
    path: t.exposeStringList('path', { description: 'Where in the input; empty when it is not about one place.' }),
    code: t.exposeString('code', { description: 'One of the documented codes, in capitals.' }),
  }),
});

const failureType = (name: string, description: string) =>
  builder.objectRef<Refusal>(name).implement({ description, interfaces: [UserErrorRef] });

/** The refusals that can be members of a payload, by code. */
const FAILURES = {
  VALIDATION_FAILED: failureType('ValidationError', 'Something in the input is not valid; nothing was done.'),
  NOT_FOUND: failureType('NotFoundError', 'There is no such thing in the fleet; nothing was done.'),
  FORBIDDEN: failureType('ForbiddenError', 'The credential does not allow this; nothing was done.'),
  CONFLICT: failureType('ConflictError', 'It is in conflict with what exists; nothing was done.'),
} as const;

type FailureCode = keyof typeof FAILURES;

/** The union of a mutation's success and the refusals it declares. */
export function payloadUnion<Success extends object>(
  name: string,
  options: { description: string; success: ObjectRef<BuilderTypes, Success>; failures: readonly FailureCode[] },
) {
  const { description, success, failures } = options;
  return builder.unionType(name, {
    description,
    types: [success, ...failures.map((code) => FAILURES[code])],
    resolveType: (value) => (value instanceof Refusal ? FAILURES[value.code as FailureCode].name : success.name),
  });
}
