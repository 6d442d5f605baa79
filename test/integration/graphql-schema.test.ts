import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isSpecifiedScalarType,
  lexicographicSortSchema,
  printSchema,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { schema } from '../../src/graphql/schema.js';

const COMMITTED = path.resolve(import.meta.dirname, '../../schema.graphql');

interface Described {
  name: string;
  description?: string | null | undefined;
}

const types = Object.values(schema.getTypeMap()).filter(
  (type) => !type.name.startsWith('__') && !isSpecifiedScalarType(type),
);

function partsOf(type: (typeof types)[number]): [path: string, part: Described][] {
  if (isEnumType(type)) return type.getValues().map((value) => [`${type.name}.${value.name}`, value]);
  if (isInputObjectType(type)) {
    return Object.values(type.getFields()).map((field) => [`${type.name}.${field.name}`, field]);
  }
  if (!isObjectType(type) && !isInterfaceType(type)) return [];
  return Object.values(type.getFields()).flatMap((field): [string, Described][] => [
    [`${type.name}.${field.name}`, field],
    ...field.args.map((argument): [string, Described] => [`${type.name}.${field.name}(${argument.name})`, argument]),
  ]);
}

describe('the schema', () => {
  it('is the one that is committed: `npm run schema` prints it again', () => {
    expect(`${printSchema(lexicographicSortSchema(schema))}\n`).toBe(readFileSync(COMMITTED, 'utf8'));
  });

  it('describes every type, field, argument and value', () => {
    const parts = types.flatMap((type): [string, Described][] => [[type.name, type], ...partsOf(type)]);
    expect(parts.length).toBeGreaterThan(200);
    expect(parts.filter(([, { description }]) => !description?.trim()).map(([name]) => name)).toEqual([]);
  });

  it('gives an example in the description of each root field', () => {
    for (const root of [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]) {
      for (const field of Object.values(root?.getFields() ?? {})) expect(field.description).toContain('Example: `');
    }
  });
});
