// The dashboard's operations, typed from the schema: beside each *.graphql below src/dashboard lies a *.graphql.ts that this
// wrote. They are checked in, so that a clone builds without the generator, and a test holds them to their sources.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { codegen } from '@graphql-codegen/core';
import * as operations from '@graphql-codegen/typescript-operations';
// The same file that the generator loads: its types would not recognise those of another.
import { buildSchema, parse, print, stripIgnoredCharacters } from 'graphql/index.js';

const root = path.resolve(import.meta.dirname, '..');
const dashboard = path.join(root, 'src/dashboard');
const text = readFileSync(path.join(root, 'schema.graphql'), 'utf8');
const [schema, schemaAst] = [parse(text), buildSchema(text)];

/** What the generator writes for itself alone. */
const INTERNAL = /\/\*\* Internal type\. DO NOT USE DIRECTLY\. \*\/\n(export )?type [^\n]*\n/g;

async function generate(file) {
  const document = parse(readFileSync(file, 'utf8'));
  const types = await codegen({
    schema,
    schemaAst,
    filename: file,
    documents: [{ location: file, document }],
    config: {},
    plugins: [
      {
        operations: {
          scalars: { DateTime: 'string', JSON: 'unknown', ID: 'string' },
          enumType: 'string-literal',
          useTypeImports: true,
          arrayInputCoercion: false,
          inlineFragmentTypes: 'combine',
          // The schema says it; here every word that changes there would be a difference.
          disableDescriptions: true,
        },
      },
    ],
    pluginMap: { operations },
  });
  const named = document.definitions.filter(({ kind }) => kind === 'OperationDefinition');
  const fragments = document.definitions.filter(({ kind }) => kind === 'FragmentDefinition');
  const constants = named.map((definition) => {
    const name = definition.name.value;
    const type = `${name}${definition.operation[0].toUpperCase()}${definition.operation.slice(1)}`;
    const sent = stripIgnoredCharacters([definition, ...used(definition, fragments)].map(print).join('\n'));
    return `export const ${name} = ${JSON.stringify(sent)} as Operation<${type}, ${type}Variables>;\n`;
  });
  const operationFile = path.relative(path.dirname(file), path.join(dashboard, 'data/operation.js'));
  const from = operationFile.startsWith('.') ? operationFile : `./${operationFile}`;
  const exact = types.includes('Exact<')
    ? 'type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };\n'
    : '';
  return [
    `// Written by npm run operations from ${path.basename(file)}: change that.`,
    `import type { Operation } from '${from}';\n`,
    exact + types.replace(INTERNAL, '').trim(),
    `\n${constants.join('\n')}`,
  ].join('\n');
}

/** The fragments a definition spreads, and those that they do. */
function used(definition, fragments, seen = new Set()) {
  for (const [, name] of print(definition).matchAll(/\.\.\.\s?(\w+)/g)) {
    const fragment = fragments.find((candidate) => candidate.name.value === name);
    if (fragment === undefined || seen.has(fragment)) continue;
    seen.add(fragment);
    used(fragment, fragments, seen);
  }
  return [...seen];
}

/** Each generated file's path and text. */
export async function generateOperations() {
  const names = readdirSync(dashboard, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.graphql'),
  );
  const files = names.sort().map((name) => path.join(dashboard, name));
  return Promise.all(files.map(async (file) => ({ file: `${file}.ts`, text: await generate(file) })));
}

if (process.argv[1] === import.meta.filename) {
  for (const { file, text: written } of await generateOperations()) writeFileSync(file, written);
}
