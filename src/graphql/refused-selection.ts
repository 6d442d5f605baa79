import {
  type ExecutionArgs,
  type FieldNode,
  type FragmentDefinitionNode,
  type FragmentSpreadNode,
  type GraphQLField,
  GraphQLIncludeDirective,
  type GraphQLNamedType,
  GraphQLSkipDirective,
  getDirectiveValues,
  getNamedType,
  getOperationAST,
  getVariableValues,
  isInterfaceType,
  isNonNullType,
  isObjectType,
  Kind,
  OperationTypeNode,
  print,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { rolesFor } from '../access/policy.js';
import { mayDo, type Viewer } from '../access/viewer.js';
import { AppError } from '../errors.js';
import { operationsOf } from './access.js';
import type { GraphQLContext } from './context.js';

/**
 * Refuses a mutation whose answer would be lost, before it does anything: a refusal where null cannot stand blanks all
 * around it, and what was committed would go unreported.
 */
export function useRefusedSelections(): Plugin {
  return { onExecute: ({ args }) => checkAnswer(args) };
}

/** Throws FORBIDDEN for a mutation that selects, below its root fields, a field without null that the viewer may not read. */
function checkAnswer(args: ExecutionArgs): void {
  const operation = getOperationAST(args.document, args.operationName);
  if (operation?.operation !== OperationTypeNode.MUTATION) return;
  // Conditions are Booleans; the other variables may be megabytes that are read once, by execution.
  const conditions = operation.variableDefinitions?.filter(({ type }) => /^Boolean!?$/.test(print(type))) ?? [];
  const { coerced: variables } = getVariableValues(args.schema, conditions, args.variableValues ?? {});
  // What is not valid is refused by execution, with its place.
  if (variables === undefined) return;
  const { viewer } = args.contextValue as GraphQLContext;
  const walk: Walk = { args, variables, viewer, seen: new Set() };
  checkSelections(operation.selectionSet, args.schema.getMutationType(), { walk, isRoot: true });
}

interface Walk {
  args: ExecutionArgs;
  variables: Record<string, unknown>;
  viewer: Viewer;
  /** The fragments that were checked: each has the same fields wherever it is spread. */
  seen: Set<string>;
}

interface Place {
  walk: Walk;
  /** A root field's own refusal comes before anything is done. */
  isRoot: boolean;
}

function checkSelections(
  { selections }: SelectionSetNode,
  type: GraphQLNamedType | null | undefined,
  place: Place,
): void {
  const { args, variables } = place.walk;
  for (const selection of selections) {
    if (!isIncluded(selection, variables)) continue;
    if (selection.kind === Kind.FIELD) {
      checkField(selection, type, place);
      continue;
    }
    const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : unseenFragment(selection, place.walk);
    if (fragment === undefined) continue;
    const condition = fragment.typeCondition;
    const narrowed = condition === undefined ? type : args.schema.getType(condition.name.value);
    checkSelections(fragment.selectionSet, narrowed, place);
  }
}

function checkField(node: FieldNode, type: GraphQLNamedType | null | undefined, { walk, isRoot }: Place): void {
  const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[node.name.value] : undefined;
  if (type === null || type === undefined || field === undefined) return;
  const isAllowed = mayRead(walk.viewer, field);
  if (!isAllowed && !isRoot && isNonNullType(field.type)) {
    const roles = new Set(operationsOf(field).flatMap(rolesFor));
    const name = `${type.name}.${field.name}`;
    throw new AppError('FORBIDDEN', `nothing was done: ${name} needs one of the roles ${[...roles].join(', ')}`);
  }
  // Below a field that is refused nothing is read.
  if (isAllowed && node.selectionSet !== undefined) {
    checkSelections(node.selectionSet, getNamedType(field.type), { walk, isRoot: false });
  }
}

function mayRead(viewer: Viewer, field: GraphQLField<unknown, unknown>): boolean {
  const operations = operationsOf(field);
  return operations.length === 0 || operations.some((operation) => mayDo(viewer, operation));
}

function unseenFragment({ name }: FragmentSpreadNode, { args, seen }: Walk): FragmentDefinitionNode | undefined {
  if (seen.has(name.value)) return undefined;
  seen.add(name.value);
  return args.document.definitions.find(
    (definition): definition is FragmentDefinitionNode =>
      definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === name.value,
  );
}

function isIncluded(selection: SelectionNode, variables: Record<string, unknown>): boolean {
  const { if: skip } = getDirectiveValues(GraphQLSkipDirective, selection, variables) ?? { if: false };
  const { if: include } = getDirectiveValues(GraphQLIncludeDirective, selection, variables) ?? { if: true };
  return skip !== true && include === true;
}
