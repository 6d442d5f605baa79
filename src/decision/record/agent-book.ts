import type { Client } from '../../db/pool.js';
import { canonicalize } from '../../ledger/canonical.js';
import type { EntryDraft } from '../../ledger/chain.js';
import { type AgentSetup, KnownSetups } from './agent-setup.js';
import type { AgentSighting } from './prepared.js';

/** Agents of one fleet whose set-ups are held in memory; beyond, they are asked again. */
const AGENTS_HELD_MAX = 10_000;

/** A decision as it was written. */
export interface SeenDecision {
  id: string;
  seq: number;
  agent: AgentSighting;
}

interface NewSetup {
  agent: string;
  place: number;
  setup: AgentSetup;
  decisionId: string;
}

/**
 * Tells when an agent works with another version, model, prompt or tools than ever before. It knows what agents were seen with,
 * so that a decision like the ones before costs no statement; what it knows can be read again.
 */
export class AgentBook {
  readonly #fleets = new Map<string, Map<string, KnownSetups>>();

  /** Writes down the set-ups that are new in these decisions, in the caller's transaction; returns what the ledger is to say. */
  async tell(client: Client, fleet: string, decisions: readonly SeenDecision[]): Promise<EntryDraft[]> {
    const known = await this.#knownOf(client, fleet, decisions);
    const fresh: NewSetup[] = [];
    const drafts: EntryDraft[] = [];
    for (const { id, seq, agent } of decisions) {
      const { name, setup } = agent;
      const setups = known.get(name) as KnownSetups;
      if (!setups.isNew(setup, agent)) continue;
      const previous = setups.newest;
      setups.add(setup);
      fresh.push({ agent: name, place: setups.count, setup, decisionId: id });
      drafts.push(draftOf({ id, seq, agent }, { previous, setups }));
    }
    if (fresh.length > 0) await writeSetups(client, fleet, fresh);
    return drafts;
  }

  /** To be called when a transaction that told was rolled back. */
  forget(fleet: string): void {
    this.#fleets.delete(fleet);
  }

  async #knownOf(client: Client, fleet: string, decisions: readonly SeenDecision[]): Promise<Map<string, KnownSetups>> {
    const held = this.#fleets.get(fleet) ?? new Map<string, KnownSetups>();
    this.#fleets.set(fleet, held);
    if (held.size > AGENTS_HELD_MAX) held.clear();
    const unread = new Set<string>();
    for (const { agent } of decisions) if (!held.has(agent.name)) unread.add(agent.name);
    if (unread.size > 0) await readSetups(client, fleet, { agents: [...unread], into: held });
    return held;
  }
}

async function readSetups(
  client: Client,
  fleet: string,
  { agents, into }: { agents: readonly string[]; into: Map<string, KnownSetups> },
): Promise<void> {
  for (const agent of agents) into.set(agent, new KnownSetups());
  const { rows } = await client.query<AgentSetup & { agent: string }>(
    `SELECT agent, version, model, fingerprint FROM agent_setup
     WHERE fleet_id = $1 AND agent = ANY($2::text[]) ORDER BY agent, place`,
    [fleet, agents],
  );
  for (const { agent, ...setup } of rows) into.get(agent)?.add(setup);
}

async function writeSetups(client: Client, fleet: string, fresh: readonly NewSetup[]): Promise<void> {
  await client.query(
    `INSERT INTO agent_setup (fleet_id, agent, place, version, model, fingerprint, decision_id)
     SELECT $1, * FROM unnest($2::text[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[])`,
    [
      fleet,
      fresh.map(({ agent }) => agent),
      fresh.map(({ place }) => place),
      fresh.map(({ setup }) => setup.version),
      fresh.map(({ setup }) => setup.model),
      fresh.map(({ setup }) => setup.fingerprint),
      fresh.map(({ decisionId }) => decisionId),
    ],
  );
}

function draftOf(
  { id, seq, agent: { name, setup, models } }: SeenDecision,
  { previous, setups }: { previous: AgentSetup | null; setups: KnownSetups },
): EntryDraft {
  const isLastPrompt = setup.fingerprint !== null && setups.hasAllPrompts(setup);
  const payload = {
    change: previous === null ? 'FIRST_SEEN' : 'CHANGED',
    decisionIds: [id],
    decisionSeq: seq,
    fingerprint: setup.fingerprint,
    model: setup.model,
    models: [...models],
    previous: previous === null ? null : { ...previous },
    untold: setups.isFull ? 'SETUPS' : isLastPrompt ? 'PROMPTS' : null,
    version: setup.version,
  };
  return { kind: 'AGENT', subject: `Agent:${name}`, payload: canonicalize(payload) };
}
