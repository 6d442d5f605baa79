import {
  type ArgumentNode,
  type DocumentNode,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  print,
  visit,
} from 'graphql';
import type { Operation } from './operation.js';

/** The argument by which a subscription says where it resumes (CONTRACT section 7). */
const RESUME_ARGUMENT = 'after';

/** The operation without the place it resumes from: subscribers that differ in nothing else can share what comes. */
export function withoutResume(operation: Operation): Operation {
  const definition = getOperationAST(operation.document, operation.operationName);
  const [field] = definition?.selectionSet.selections ?? [];
  // Inside a fragment it stays: such a subscription shares with those that resume from the same place.
  if (!definition || field?.kind !== Kind.FIELD) return operation;
  const resume = field.arguments?.find(({ name }) => name.value === RESUME_ARGUMENT);
  if (resume === undefined) return operation;
  const name = resume.value.kind === Kind.VARIABLE ? resume.value.name.value : null;
  if (name !== null && countUses(operation.document, name) > 1) return operation;
  const { [name ?? '']: _resumed, ...variables } = operation.variables;
  return { ...operation, variables, document: remove(operation.document, definition, { resume, variable: name }) };
}

function countUses(document: DocumentNode, variable: string): number {
  let uses = 0;
  visit(document, {
    VariableDefinition: () => false,
    Variable: ({ name }) => {
      if (name.value === variable) uses += 1;
    },
  });
  return uses;
}

function remove(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  { resume, variable }: { resume: ArgumentNode; variable: string | null },
): DocumentNode {
  const changed = visit(operation, {
    Argument: (node) => (node === resume ? null : undefined),
    VariableDefinition: (node) => (node.variable.name.value === variable ? null : undefined),
  });
  return { ...document, definitions: document.definitions.map((node) => (node === operation ? changed : node)) };
}

/** Equal for operations that give the same results for the same events to the same eyes. */
export function identify({ document, operationName, variables }: Operation): string {
  const definition = getOperationAST(document, operationName);
  // In the order of their definitions, and only those that are defined: others have no effect.
  const values = definition?.variableDefinitions?.map(({ variable }) => variables[variable.name.value]);
  return JSON.stringify([print(document), operationName, values?.map((value) => (value === undefined ? [] : [value]))]);
}
