import { type GraphQLResolveInfo, Kind, type SelectionNode } from 'graphql';

/**
 * The names of all fields that are selected below a field, however deep, whether their conditions hold or not: what is dear
 * to read is read when its name is among them.
 */
export function selectedNames({
  fieldNodes,
  fragments,
}: Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments'>): ReadonlySet<string> {
  const names = new Set<string>();
  const spread = new Set<string>();
  const walk = (selections: readonly SelectionNode[]) => {
    for (const selection of selections) {
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        const { value } = selection.name;
        if (!spread.has(value)) walk(fragments[value]?.selectionSet.selections ?? []);
        spread.add(value);
        continue;
      }
      if (selection.kind === Kind.FIELD) names.add(selection.name.value);
      walk(selection.selectionSet?.selections ?? []);
    }
  };
  for (const { selectionSet } of fieldNodes) walk(selectionSet?.selections ?? []);
  return names;
}
