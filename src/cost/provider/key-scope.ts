import { matchesPattern } from '../../settings/pattern.js';
import { UNDIVIDED } from './usage.js';

/** Which agents call with which key of a provider, by the key's id or name as the provider reports it; agents are patterns. */
export type KeyAssignments = Readonly<Record<string, readonly string[]>>;

/**
 * What is compared with what: keys that share an agent are one scope, since nobody can tell which of them it used. Where no
 * key of a provider is assigned, all keys and all agents are one.
 */
export class KeyScopes {
  readonly #assignments: readonly (readonly [key: string, patterns: readonly string[]])[];
  readonly #scopeOfKey = new Map<string, string>();
  readonly #scopeOfAgent = new Map<string, string>();

  /** `agents`: all that are to be told apart. */
  constructor(assignments: KeyAssignments, agents: Iterable<string>) {
    this.#assignments = Object.entries(assignments);
    for (const [key] of this.#assignments) this.#scopeOfKey.set(key, `of ${key}`);
    for (const agent of agents) this.#join(agent);
  }

  get areAssigned(): boolean {
    return this.#assignments.length > 0;
  }

  /** `UNDIVIDED` for all of them together; of a key that no agent is named for, its own. */
  ofKey(apiKey: string): string {
    if (!this.areAssigned || apiKey === UNDIVIDED) return UNDIVIDED;
    return this.#scopeOfKey.get(apiKey) ?? `alone ${apiKey}`;
  }

  /** Agents no key is assigned to are one scope. */
  ofAgent(agent: string): string {
    if (!this.areAssigned) return UNDIVIDED;
    const joined = this.#scopeOfAgent.get(agent);
    return joined === undefined ? 'rest' : (this.#scopeOfKey.get(joined) ?? 'rest');
  }

  /** Whether agents are named for the keys of the scope. */
  isAssigned(scope: string): boolean {
    return [...this.#scopeOfKey.values()].includes(scope);
  }

  /** The agents named for the keys of the scope, as patterns. */
  patternsOf(scope: string): string[] {
    const own = this.#assignments.filter(([key]) => this.#scopeOfKey.get(key) === scope);
    return [...new Set(own.flatMap(([, patterns]) => patterns))];
  }

  #join(agent: string): void {
    const keys = this.#assignments.filter(([, patterns]) => patterns.some((pattern) => matchesPattern(pattern, agent)));
    const [first] = keys;
    if (first === undefined) return;
    this.#scopeOfAgent.set(agent, first[0]);
    const scope = this.#scopeOfKey.get(first[0]) ?? '';
    const merged = new Set(keys.map(([key]) => this.#scopeOfKey.get(key)));
    for (const [key, known] of this.#scopeOfKey) if (merged.has(known)) this.#scopeOfKey.set(key, scope);
  }
}
