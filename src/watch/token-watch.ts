import type { Sighting } from '../anomaly/anomaly.js';
import type { Finding } from '../anomaly/finding.js';
import type { Decision } from '../decision/decision.js';
import type { AgentFinding } from '../detect/incident.js';
import { findingOfManyBurning, isBurningAt } from '../detect/token-burn/hourly.js';
import {
  isUsualKnown,
  judgeTokens,
  newTokenState,
  observeTokens,
  type TimedTokenUse,
  type TokenState,
} from '../detect/token-burn/watch-tokens.js';
import type { Memory } from './memory.js';
import type { Shelf } from './shelf.js';
import { sightingIn, sightingOfAgent } from './sighting.js';

const AGENTS_MAX = 5_000;
const BURNING_MANY = 3;

/** What all agents together use: not the name of any, since that is JSON. */
const ALL_AGENTS = '';

/** Follows what each agent uses, against its own usual, or while that is not known against that of all agents. */
export class TokenWatch {
  readonly #states: Shelf<TokenState>;

  constructor(memory: Pick<Memory, 'shelf'>) {
    this.#states = memory.shelf('token-burn', { max: AGENTS_MAX });
  }

  /** Takes each decision once. Tokens that a loop burns are the loop's. */
  observe(fleet: string, decision: Decision, { isLooping, nowMs }: { isLooping: boolean; nowMs: number }): Sighting[] {
    const { agent } = decision;
    // What a clock that is ahead says happened now: the hours before it are not over for others.
    const use = { ...useOf(decision), atMs: Math.min(decision.endedAtMs, nowMs) };
    const runaway = isLooping ? null : this.#judge(fleet, agent, use);
    const findings = this.#learn(fleet, subjectOf(agent), use);
    this.#learn(fleet, ALL_AGENTS, use);
    const hours = findings.find(({ evidence }) => evidence.burn !== 'DECISION');
    return [
      ...(runaway === null ? [] : [sightingIn(decision, runaway, nowMs)]),
      ...(hours === undefined ? [] : this.#sayHours(fleet, { agent, finding: hours }, use.atMs)).map((found) =>
        sightingOfAgent(found, nowMs),
      ),
    ].map((sighting) => ({ ...sighting, metric: 'TOKEN_USAGE' as const }));
  }

  /** Of a decision that goes on, by what its calls have used so far. */
  glance(fleet: string, running: Decision): Finding | null {
    return this.#judge(fleet, running.agent, useOf(running));
  }

  #judge(fleet: string, agent: string, use: TimedTokenUse): Finding | null {
    const own = this.#states.get(fleet, subjectOf(agent));
    const isOwnKnown = own !== null && isUsualKnown(own, use.requestType);
    const usual = isOwnKnown ? own : this.#states.get(fleet, ALL_AGENTS);
    return usual === null ? null : judgeTokens(usual, use);
  }

  /** Two agents are said each by itself; the third makes it one finding of the fleet, which all after it are part of. */
  #sayHours(fleet: string, found: AgentFinding, atMs: number): AgentFinding[] {
    const burning = this.#states
      .entries(fleet)
      .flatMap(([subject, { hours }]) =>
        subject !== ALL_AGENTS && isBurningAt(hours, atMs) ? [JSON.parse(subject) as string] : [],
      );
    if (burning.length < BURNING_MANY) return [found];
    return burning.length > BURNING_MANY ? [] : [{ agent: null, finding: findingOfManyBurning(burning, atMs) }];
  }

  #learn(fleet: string, subject: string, use: TimedTokenUse): Finding[] {
    const { state, findings } = observeTokens(this.#states.get(fleet, subject) ?? newTokenState(), use);
    this.#states.set(fleet, subject, state);
    return findings;
  }
}

function subjectOf(agent: string): string {
  return JSON.stringify(agent);
}

function useOf({ id, requestType, tokens, endedAtMs }: Decision): TimedTokenUse {
  return { decisionId: id, requestType, tokens: tokens.input + tokens.output, atMs: endedAtMs };
}
