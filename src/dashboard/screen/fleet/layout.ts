export interface Call {
  caller: string;
  callee: string;
}

export interface Placed {
  name: string;
  /** How many callers are above it at most: its column. */
  layer: number;
  /** Its place in the column, from 0. */
  place: number;
}

const SWEEPS = 6;

/**
 * Who calls whom in layers, callers before callees, each layer in an order that crosses few lines (Sugiyama’s method:
 * longest paths, then barycentres). Calls that go back in a circle are drawn against the direction.
 */
export function layOut(agents: readonly string[], calls: readonly Call[]): Placed[] {
  const forward = withoutCircles(agents, calls);
  const layers = layersOf(agents, forward);
  const columns: string[][] = [];
  for (const agent of agents) {
    const layer = layers.get(agent) ?? 0;
    const column = columns[layer] ?? [];
    column.push(agent);
    columns[layer] = column;
  }
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const isDown = sweep % 2 === 0;
    const order = [...columns.keys()];
    for (const layer of isDown ? order : order.reverse()) arrange(columns, layer, forward, isDown);
  }
  return columns.flatMap((column, layer) => column.map((name, place) => ({ name, layer, place })));
}

/** The calls without those that lead back to an agent the search is still under. */
function withoutCircles(agents: readonly string[], calls: readonly Call[]): Call[] {
  const callees = new Map<string, Call[]>();
  for (const call of calls) callees.set(call.caller, [...(callees.get(call.caller) ?? []), call]);
  const done = new Set<string>();
  const kept: Call[] = [];
  for (const start of agents) {
    if (done.has(start)) continue;
    const path = new Set([start]);
    const stack = [{ agent: start, rest: [...(callees.get(start) ?? [])] }];
    while (stack.length > 0) {
      const top = stack.at(-1) as (typeof stack)[number];
      const call = top.rest.pop();
      if (call === undefined) {
        path.delete(top.agent);
        done.add(top.agent);
        stack.pop();
      } else if (!path.has(call.callee)) {
        kept.push(call);
        if (done.has(call.callee)) continue;
        path.add(call.callee);
        stack.push({ agent: call.callee, rest: [...(callees.get(call.callee) ?? [])] });
      }
    }
  }
  return kept;
}

function layersOf(agents: readonly string[], calls: readonly Call[]): Map<string, number> {
  const layers = new Map(agents.map((agent) => [agent, 0]));
  // No path is longer than there are agents.
  for (let round = 0; round < agents.length; round++) {
    let isChanged = false;
    for (const { caller, callee } of calls) {
      const below = (layers.get(caller) ?? 0) + 1;
      if ((layers.get(callee) ?? 0) >= below) continue;
      layers.set(callee, below);
      isChanged = true;
    }
    if (!isChanged) break;
  }
  return layers;
}

/** Puts a layer in the order of where its neighbours lie on average. */
function arrange(columns: string[][], layer: number, calls: readonly Call[], isDown: boolean): void {
  const column = columns[layer] ?? [];
  const places = new Map(
    columns.flatMap((names) => names.map((name, place) => [name, (place + 0.5) / names.length] as const)),
  );
  const weightOf = (name: string) => {
    const near = calls.flatMap(({ caller, callee }) => {
      if (isDown) return callee === name ? [places.get(caller) ?? 0] : [];
      return caller === name ? [places.get(callee) ?? 0] : [];
    });
    return near.length === 0 ? (places.get(name) ?? 0) : near.reduce((sum, place) => sum + place, 0) / near.length;
  };
  const weights = new Map(column.map((name) => [name, weightOf(name)]));
  columns[layer] = [...column].sort((one, other) => (weights.get(one) ?? 0) - (weights.get(other) ?? 0));
}
