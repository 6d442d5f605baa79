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
import { schema } from './schema.js';

type Described = { [key: string]: CanonicalValue };

/**
 * What a subscription asks for, where content is among what it selects, whether conditions hold or not; null where none is. A
 * text that is searched for is content itself and is left out.
 */
export function contentStreamOf({ document, operationName, variables }: Operation): Described | null {
  const definition = getOperationAST(document, operationName);
  if (!definition) return null;
  const { root, hasContent } = readSelection(separateOperations(document)[definition.name?.value ?? ''] ?? document);
  if (root === null || !hasContent) return null;
  const { coerced = {} } = getVariableValues(schema, definition.variableDefinitions ?? [], variables);
  const { filter = null } = getArgumentValues(root.field, root.node, coerced);
  return { filter: describe(filter), stream: root.field.name };
}

interface Selected {
  root: { field: GraphQLField<unknown, unknown>; node: FieldNode } | null;
  hasContent: boolean;
}

function readSelection(document: Operation['document']): Selected {
  const info = new TypeInfo(schema);
  const selected: Selected = { root: null, hasContent: false };
  const enter = (node: FieldNode) => {
    const field = info.getFieldDef();
    if (!field) return;
    if (info.getParentType() === schema.getSubscriptionType()) selected.root = { field, node };
    if (disclosesContent(field)) selected.hasContent = true;
  };
  visit(document, visitWithTypeInfo(info, { Field: enter }));
  return selected;
}

const WITHHELD: ReadonlySet<string> = new Set(['text']);

/** Numbers become decimals in text: the ledger's form has no fractions. */
function describe(value: unknown): CanonicalValue {
  if (value === null || value === undefined) return null;
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(describe);
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'object') return String(value);
  const kept = Object.entries(value).filter(([key]) => !WITHHELD.has(key));
  return Object.fromEntries(kept.map(([key, each]) => [key, describe(each)]));
}
