/**
 * What is known under a name that anybody may have chosen: an agent called `constructor` is not what every object has by
 * that name.
 */
export function named<Value>(values: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}
