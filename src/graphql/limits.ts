import { complexityFromQuery } from '@pothos/plugin-complexity';
import {
  type ASTVisitor,
  type DocumentNode,
  type ExecutionArgs,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  parse,
  type ValidationContext,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { AppError } from '../errors.js';

const TOKENS_MAX = 2_000;
const ALIASES_MAX = 30;
const DIRECTIVES_MAX = 20;
const ROOT_FIELDS_MAX = 20;
const DEPTH_MAX = 12;
/** About 100 decisions with their steps, or 100 agents with 50 decisions each. */
const COMPLEXITY_MAX = 50_000;

/** Bounds what one request can ask for, before anything of it runs. */
export function useLimits(): Plugin {
  return {
    onParse: ({ params, setParseFn }) => {
      setParseFn(() => parse(params.source, { ...params.options, maxTokens: TOKENS_MAX }));
    },
    onValidate: ({ addValidationRule }) => {
      addValidationRule(limitDocument);
    },
    onExecute: ({ args }) => checkComplexity(args),
    onSubscribe: ({ args }) => checkComplexity(args),
  };
}

/** Counts across the whole document, fragments once each: aliases with `__typename` and directives are not free. */
function limitDocument(context: ValidationContext): ASTVisitor {
  let aliases = 0;
  let directives = 0;
  const refuse = (what: string, most: number) =>
    context.reportError(new GraphQLError(`the document has too many ${what}: the most is ${most}`));
  return {
    Field: (field) => {
      if (field.alias === undefined) return;
      aliases += 1;
      if (aliases === ALIASES_MAX + 1) refuse('aliases', ALIASES_MAX);
    },
    Directive: () => {
      directives += 1;
      if (directives === DIRECTIVES_MAX + 1) refuse('directives', DIRECTIVES_MAX);
    },
    OperationDefinition: ({ selectionSet }) => {
      if (selectionSet.selections.length > ROOT_FIELDS_MAX) refuse('root fields', ROOT_FIELDS_MAX);
    },
  };
}

/**
 * By the arguments as they are at execution, variables included: what a limit on the document alone can't see.
 * Introspection has no part in it; graphql-js bounds its depth by a rule of its own.
 */
export function checkComplexity({
  schema,
  document,
  operationName,
  variableValues,
  contextValue,
}: ExecutionArgs): void {
  const { depth, complexity } = complexityFromQuery(onlyOperation(document, operationName), {
    schema,
    variables: variableValues ?? {},
    ctx: contextValue as object,
  });
  if (depth > DEPTH_MAX) throw tooLarge(`it is ${depth} levels deep; the most is ${DEPTH_MAX}`);
  if (complexity > COMPLEXITY_MAX)
    throw tooLarge(`it asks for about ${complexity} values; the most is ${COMPLEXITY_MAX}`);
}

function tooLarge(why: string): AppError {
  return new AppError('VALIDATION_FAILED', `the query is too large: ${why}`);
}

/** The document without its other operations: the complexity plugin looks at the first one there is. */
function onlyOperation(document: DocumentNode, operationName: string | null | undefined): DocumentNode {
  const isOther = (definition: OperationDefinitionNode) =>
    operationName !== null && operationName !== undefined && definition.name?.value !== operationName;
  const definitions = document.definitions.filter(
    (definition) => definition.kind !== Kind.OPERATION_DEFINITION || !isOther(definition),
  );
  return definitions.length === document.definitions.length ? document : { ...document, definitions };
}
