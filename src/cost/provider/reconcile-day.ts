import { compareText } from '../../order.js';
import type { KeyScopes } from './key-scope.js';
import { modelFamily } from './model-family.js';
import {
  addFigures,
  NO_FIGURES,
  type ProviderUsage,
  type SeenUsage,
  subtractFigures,
  UNDIVIDED,
  type UsageFigures,
} from './usage.js';

/** What one comparison is of. */
export interface ComparedRow {
  /** The family of models; null: the provider's figure is of all models together. */
  model: string | null;
  /** The names it goes by, on both sides. */
  modelNames: string[];
  /** What the provider says of each key; an `apiKey` of null is use without a key, or of all keys together. */
  keys: { apiKey: string | null; figures: UsageFigures }[];
  /** The agents named for the keys; null where none are. */
  agents: string[] | null;
  /** False: billed on a key that no agent is named for. Null: it cannot be told. */
  isMonitored: boolean | null;
  billed: UsageFigures;
  seen: UsageFigures;
  /** Billed less seen; null where the provider says nothing. */
  difference: UsageFigures;
  unpricedDecisions: number;
}

export interface ReconciliationRow extends ComparedRow {
  day: string;
  provider: string;
}

export interface ComparedDay {
  rows: ComparedRow[];
  billed: UsageFigures;
  seen: UsageFigures;
  difference: UsageFigures;
  /** What was billed beyond what the agents of the same keys were seen to cost, never less than nothing. */
  unmonitoredPicodollars: bigint;
}

interface DayOptions {
  billed: readonly ProviderUsage[];
  seen: readonly SeenUsage[];
  scopes: KeyScopes;
}

interface Cell {
  family: string;
  scope: string;
  modelNames: Set<string>;
  keys: Map<string, UsageFigures>;
  billed: UsageFigures;
  seen: UsageFigures;
  unpricedDecisions: number;
}

/** Compares one provider's day. */
export function compareDay({ billed, seen, scopes }: DayOptions): ComparedDay {
  const grid = new Grid();
  for (const usage of billed) {
    const cell = grid.at(familyOf(usage.model), scopes.ofKey(usage.apiKey));
    if (usage.model !== UNDIVIDED) cell.modelNames.add(usage.model);
    cell.billed = addFigures(cell.billed, usage);
    cell.keys.set(usage.apiKey, addFigures(cell.keys.get(usage.apiKey) ?? NO_FIGURES, usage));
  }
  for (const usage of seen) grid.place(usage, scopes.ofAgent(usage.agent));
  const billedTotal = billed.reduce<UsageFigures>(addFigures, NO_FIGURES);
  const seenTotal = seen.reduce((sum, { figures }) => addFigures(sum, figures), NO_FIGURES);
  return {
    rows: grid.cells().map((cell) => rowOf(cell, scopes)),
    billed: billedTotal,
    seen: addFigures(seenTotal, nothingOf(billedTotal)),
    difference: subtractFigures(billedTotal, seenTotal),
    unmonitoredPicodollars: unmonitored({ billed, seen, scopes }),
  };
}

function familyOf(model: string): string {
  return model === UNDIVIDED ? UNDIVIDED : modelFamily(model);
}

const FIGURES = Object.keys(NO_FIGURES) as (keyof UsageFigures)[];

/** The comparisons of one day, by family and scope. */
class Grid {
  readonly #cells = new Map<string, Cell>();

  at(family: string, scope: string): Cell {
    const key = JSON.stringify([family, scope]);
    const known = this.#cells.get(key);
    if (known !== undefined) return known;
    const cell: Cell = {
      family,
      scope,
      modelNames: new Set(),
      keys: new Map(),
      billed: NO_FIGURES,
      seen: NO_FIGURES,
      unpricedDecisions: 0,
    };
    this.#cells.set(key, cell);
    return cell;
  }

  /** Puts each figure where the provider states it most finely; one it does not state at all stands for itself. */
  place({ model, figures, unpricedDecisions }: SeenUsage, scope: string): void {
    const family = familyOf(model);
    for (const name of FIGURES) {
      if (figures[name] === null) continue;
      const isMissing = name === 'costPicodollars' && unpricedDecisions > 0;
      const isNothing = Number(figures[name]) === 0 && !isMissing;
      const cell = this.#stating(name, family, scope) ?? (isNothing ? undefined : this.at(family, scope));
      if (cell === undefined) continue;
      cell.modelNames.add(model);
      cell.seen = addFigures(cell.seen, { ...NO_FIGURES, [name]: figures[name] });
      if (name === 'costPicodollars') cell.unpricedDecisions += unpricedDecisions;
    }
  }

  #stating(name: keyof UsageFigures, family: string, scope: string): Cell | undefined {
    const places = [
      [family, scope],
      [family, UNDIVIDED],
      [UNDIVIDED, scope],
      [UNDIVIDED, UNDIVIDED],
    ];
    const cells = places.map((place) => this.#cells.get(JSON.stringify(place)));
    return cells.find((cell) => cell !== undefined && cell.billed[name] !== null);
  }

  /** By family and scope, undivided ones last. */
  cells(): Cell[] {
    const orderOf = ({ family, scope }: Cell) =>
      JSON.stringify([family === UNDIVIDED, family, scope === UNDIVIDED, scope]);
    return [...this.#cells.values()].sort((left, right) => compareText(orderOf(left), orderOf(right)));
  }
}

function rowOf({ family, scope, ...cell }: Cell, scopes: KeyScopes): ComparedRow {
  const isAssigned = scopes.isAssigned(scope);
  return {
    model: family === UNDIVIDED ? null : family,
    modelNames: [...cell.modelNames].filter((name) => name !== '').sort(),
    keys: [...cell.keys].map(([apiKey, figures]) => ({
      apiKey: apiKey === '' || apiKey === UNDIVIDED ? null : apiKey,
      figures,
    })),
    agents: isAssigned ? scopes.patternsOf(scope) : null,
    isMonitored: isAssigned || (scopes.areAssigned && scope !== UNDIVIDED && cell.keys.size > 0 ? false : null),
    billed: cell.billed,
    seen: addFigures(cell.seen, nothingOf(cell.billed)),
    difference: subtractFigures(cell.billed, cell.seen),
    unpricedDecisions: cell.unpricedDecisions,
  };
}

/** Of what the provider states and we know nothing of, we saw nothing. */
function nothingOf(billed: UsageFigures): UsageFigures {
  return subtractFigures(billed, billed);
}

/**
 * Models are added up first: a decision counts with one model even where it called two. Keys that no agent is named for
 * are held against the agents that no key is assigned to.
 */
function unmonitored({ billed, seen, scopes }: DayOptions): bigint {
  const costs = billed.filter(({ costPicodollars }) => costPicodollars !== null);
  const isByKey = costs.every(({ apiKey }) => scopes.ofKey(apiKey) !== UNDIVIDED);
  const poolOf = (scope: string) => (isByKey && scopes.isAssigned(scope) ? scope : '');
  const beyond = new Map<string, bigint>();
  const add = (pool: string, amount: bigint) => beyond.set(pool, (beyond.get(pool) ?? 0n) + amount);
  for (const { apiKey, costPicodollars } of costs) add(poolOf(scopes.ofKey(apiKey)), costPicodollars ?? 0n);
  for (const { agent, figures } of seen) add(poolOf(scopes.ofAgent(agent)), -(figures.costPicodollars ?? 0n));
  return [...beyond.values()].reduce((sum, amount) => (amount > 0n ? sum + amount : sum), 0n);
}
