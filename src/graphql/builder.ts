import './access.js';
import SchemaBuilder from '@pothos/core';
import ComplexityPlugin from '@pothos/plugin-complexity';
import type { GraphQLContext } from './context.js';

/** What the schema is made of; each type is defined in its own file, and schema.ts puts them together. */
export const builder = new SchemaBuilder<{
  Context: GraphQLContext;
  DefaultFieldNullability: false;
  Scalars: {
    ID: { Input: string; Output: string };
    DateTime: { Input: Date; Output: Date };
    JSON: { Input: never; Output: unknown };
  };
}>({
  plugins: ['access', ComplexityPlugin],
  defaultFieldNullability: false,
  // The limit is enforced before execution begins (limits.ts), so that nothing runs of what is refused.
  complexity: { disabled: true },
});

/** The types of the builder, which refs of it are typed by. */
export type BuilderTypes = typeof builder.$inferSchemaTypes;
