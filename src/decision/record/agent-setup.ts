/** What an agent works with, as a decision of it shows; null where it shows nothing. */
export interface AgentSetup {
  /** As the agent calls itself. */
  version: string | null;
  model: string | null;
  /** Of the system prompt and the tools, 16 hex digits. */
  fingerprint: string | null;
}

/** Prompts of one version and model that are told apart: some agents compose a prompt for each decision. */
const PROMPTS_MAX = 20;
/** Set-ups of one agent that are told apart: some call each decision a version. */
const SETUPS_MAX = 1_000;

/** The set-ups that one agent was seen with, in the order they came. */
export class KnownSetups {
  readonly #setups: AgentSetup[] = [];
  readonly #keys = new Set<string>();
  readonly #promptsOf = new Map<string, number>();

  get count(): number {
    return this.#setups.length;
  }

  get newest(): AgentSetup | null {
    return this.#setups.at(-1) ?? null;
  }

  /**
   * Whether the agent was not seen like this before. What shows less of a set-up that is known is nothing new; neither is the
   * model of a decision that failed, which is what was asked for, by another name perhaps.
   */
  isNew(setup: AgentSetup, { hasFailed }: { hasFailed: boolean }): boolean {
    const { version, model, fingerprint } = setup;
    if (version === null && model === null && fingerprint === null) return false;
    if (this.#keys.has(keyOf(setup)) || this.isFull) return false;
    if (fingerprint !== null && this.hasAllPrompts(setup)) return false;
    const shown = hasFailed ? { ...setup, model: null } : setup;
    const isKnown = this.#setups.some((known) => shows(known, shown));
    if (isKnown && !hasFailed) this.#keys.add(keyOf(setup));
    return !isKnown;
  }

  /** Whether no further prompt of this version and model is told apart. */
  hasAllPrompts(setup: AgentSetup): boolean {
    return (this.#promptsOf.get(withoutPrompt(setup)) ?? 0) >= PROMPTS_MAX;
  }

  /** Whether nothing further of the agent is told apart. */
  get isFull(): boolean {
    return this.#setups.length >= SETUPS_MAX;
  }

  add(setup: AgentSetup): void {
    this.#setups.push(setup);
    this.#keys.add(keyOf(setup));
    const prompts = this.#promptsOf.get(withoutPrompt(setup)) ?? 0;
    if (setup.fingerprint !== null) this.#promptsOf.set(withoutPrompt(setup), prompts + 1);
  }
}

function shows(known: AgentSetup, { version, model, fingerprint }: AgentSetup): boolean {
  return (
    (version === null || known.version === version) &&
    (model === null || known.model === model) &&
    (fingerprint === null || known.fingerprint === fingerprint)
  );
}

/** The recorder asks for each decision. What the ledger holds has no NUL, so nothing is mistaken for something else. */
function keyOf(setup: AgentSetup): string {
  return `${withoutPrompt(setup)}\0${part(setup.fingerprint)}`;
}

function withoutPrompt({ version, model }: AgentSetup): string {
  return `${part(version)}\0${part(model)}`;
}

function part(text: string | null): string {
  return text === null ? '0' : `1${text}`;
}
