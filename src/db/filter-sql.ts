export interface FilterSql {
  text: string;
  parameters: unknown[];
}

/** What each field of a filter stands for in SQL, given the parameter that has its value. */
export type FilterConditions<Field extends string> = Readonly<Record<Field, (parameter: string) => string>>;

/** The fields of the filter that are given, all of which must hold; the first parameter is `$<firstParameter>`. */
export function filterSql<Field extends string>(
  conditions: FilterConditions<Field>,
  filter: Readonly<Partial<Record<Field, unknown>>>,
  firstParameter: number,
): FilterSql {
  const parts: string[] = [];
  const parameters: unknown[] = [];
  for (const field of Object.keys(conditions) as Field[]) {
    const value = filter[field];
    if (value === null || value === undefined) continue;
    parts.push(conditions[field](`$${firstParameter + parameters.length}`));
    parameters.push(value instanceof Date ? value.toISOString() : value);
  }
  return { text: parts.length === 0 ? 'TRUE' : parts.join(' AND '), parameters };
}
