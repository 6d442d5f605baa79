/** Asks for one thing; all that are asked for in the same turn are read together. */
export interface Loader<Key, Value> {
  load(key: Key): Promise<Value>;
}

interface Waiting<Key, Value> {
  key: Key;
  resolve: (value: Value) => void;
  reject: (error: unknown) => void;
}

/**
 * Batches, and keeps nothing: a subscription may live for days and must not answer from memory. `idOf` says which keys
 * are the same; `read` gets each of them once and answers by id; `missing` stands in for ids it left out.
 */
export function createLoader<Key, Id, Value>(options: {
  idOf: (key: Key) => Id;
  read: (keys: Key[]) => Promise<ReadonlyMap<Id, Value>>;
  missing: Value;
}): Loader<Key, Value> {
  let waiting: Waiting<Key, Value>[] = [];

  const dispatch = async () => {
    const batch = waiting;
    waiting = [];
    try {
      const distinct = new Map(batch.map(({ key }) => [options.idOf(key), key]));
      const found = await options.read([...distinct.values()]);
      for (const { key, resolve } of batch) resolve(found.get(options.idOf(key)) ?? options.missing);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  };

  return {
    load: (key) =>
      new Promise((resolve, reject) => {
        // The tick after all promises that are settled now: the whole level of a query has asked by then.
        if (waiting.length === 0) void Promise.resolve().then(() => process.nextTick(dispatch));
        waiting.push({ key, resolve, reject });
      }),
  };
}
