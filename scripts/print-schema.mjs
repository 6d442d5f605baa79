// Writes schema.graphql as the built code has it: `npm run schema`.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { schema } from '../dist/graphql/schema.js';

writeFileSync(
  path.resolve(import.meta.dirname, '../schema.graphql'),
  `${printSchema(lexicographicSortSchema(schema))}\n`,
);
