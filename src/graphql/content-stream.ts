import {
  type FieldNode,
  type GraphQLField,
  getArgumentValues,
  getOperationAST,
  getVariableValues,
  separateOperations,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import type { CanonicalValue } from '../ledger/canonical.js';
import type { Operation } from '../live/operation.js';
import { disclosesContent } from './access.js';
import { describeFilter, searchesOf } from './content-search.js';
import { schema } from './schema.js';

export interface ContentStream {
  /** The subscription with its filter, without what that searches for. */
  of: { [key: string]: CanonicalValue };
  /** Texts that it searches for in content. */
  searches: readonly string[];
}

/**
 * What a subscription asks for, where it selects content, whether conditions hold or not, or searches in it; null where it does
 * neither.
 */
export function contentStreamOf({ document, operationName, variables }: Operation): ContentStream | null {
  const definition = getOperationAST(document, operationName);
  if (!definition) return null;
  const { coerced = {} } = getVariableValues(schema, definition.variableDefinitions ?? [], variables);
  const own = separateOperations(document)[definition.name?.value ?? ''] ?? document;
  const { root, hasContent, searches } = readSelection(own, coerced);
  if (root === null || (!hasContent && searches.size === 0)) return null;
  const { filter = null } = getArgumentValues(root.field, root.node, coerced);
  return { of: { filter: describeFilter(filter), stream: root.field.name }, searches: [...searches] };
}

interface Selected {
  root: { field: GraphQLField<unknown, unknown>; node: FieldNode } | null;
  hasContent: boolean;
  searches: Set<string>;
}

function readSelection(document: Operation['document'], variables: { [name: string]: unknown }): Selected {
  const info = new TypeInfo(schema);
  const selected: Selected = { root: null, hasContent: false, searches: new Set() };
  const enter = (node: FieldNode) => {
    const field = info.getFieldDef();
    if (!field) return;
    if (info.getParentType() === schema.getSubscriptionType()) selected.root = { field, node };
    if (disclosesContent(field)) selected.hasContent = true;
    const { filter } = getArgumentValues(field, node, variables);
    for (const text of searchesOf(filter)) selected.searches.add(text);
  };
  visit(document, visitWithTypeInfo(info, { Field: enter }));
  return selected;
}
