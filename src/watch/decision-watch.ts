import type { Sighting } from '../anomaly/anomaly.js';
import type { Clock } from '../clock.js';
import type { Decision } from '../decision/decision.js';
import type { Judgement, WatchedUnit, Watcher } from '../decision/watcher.js';
import type { BudgetStatus } from '../detect/budget/status.js';
import type { Judgement as GroundingJudgement } from '../detect/grounding/judge-grounding.js';
import type { Log } from '../log.js';
import type { Settings, Severity } from '../settings/settings.js';
import { BehaviourWatch } from './behaviour-watch.js';
import { CascadeWatch } from './cascade-watch.js';
import { FailureLog } from './failure-log.js';
import { GroundingWatch } from './grounding-watch.js';
import { LoopWatch } from './loop-watch.js';
import type { Memory } from './memory.js';
import { PaceWatch } from './pace-watch.js';
import { sightingIn } from './sighting.js';
import { SpendWatch } from './spend-watch.js';
import { TokenWatch } from './token-watch.js';
import { ToolWatch } from './tool-watch.js';

/** Incidents of runs still going on that were told: the record takes each once anyway, this spares it the asking. */
const TOLD_MAX = 10_000;

const NONE: readonly Sighting[] = [];

export interface DecisionWatchOptions {
  memory: Pick<Memory, 'shelf' | 'prepare'>;
  /** As they are when they are asked for. */
  settings: () => Pick<Settings, 'requiresTool' | 'budgets'>;
  clock: Clock;
  log: Log;
}

/**
 * Looks at decisions one by one: while they run, and when they are about to be sealed. Never throws: a detector that fails is
 * named and skipped.
 */
export class DecisionWatch implements Watcher {
  readonly #memory: DecisionWatchOptions['memory'];
  readonly #clock: Clock;
  readonly #loops: LoopWatch;
  readonly #grounding: GroundingWatch;
  readonly #tools: ToolWatch;
  readonly #paces: PaceWatch;
  readonly #cascades: CascadeWatch;
  readonly #behaviours: BehaviourWatch;
  readonly #tokens: TokenWatch;
  readonly #spending: SpendWatch;
  readonly #told = new Map<string, Severity>();
  readonly #failures: FailureLog;

  constructor({ memory, settings, clock, log }: DecisionWatchOptions) {
    this.#memory = memory;
    this.#clock = clock;
    this.#failures = new FailureLog({ log, clock });
    this.#loops = new LoopWatch(memory);
    this.#grounding = new GroundingWatch(memory, () => settings().requiresTool);
    this.#tools = new ToolWatch(memory);
    this.#paces = new PaceWatch(memory);
    this.#cascades = new CascadeWatch(memory);
    this.#behaviours = new BehaviourWatch(memory);
    this.#tokens = new TokenWatch(memory);
    this.#spending = new SpendWatch(memory, () => settings().budgets);
  }

  prepare(fleet: string): Promise<void> {
    return this.#memory.prepare(fleet);
  }

  judge(unit: WatchedUnit): Judgement {
    const { fleet, fresh, amended } = unit;
    const nowMs = this.#clock.now();
    const sightings: Sighting[] = [];
    const scores = new Map<string, number | null>();
    const looping = new Set<string>();
    for (const decision of [...fresh, ...amended]) {
      const loop = this.#ask('loops', fleet, null, () => this.#loops.judge(fleet, decision));
      const { score, findings } = this.#ground(fleet, decision);
      scores.set(decision.id, score);
      if (loop !== null) looping.add(decision.id);
      for (const finding of loop === null ? findings : [loop, ...findings]) {
        sightings.push(sightingIn(decision, finding, nowMs));
      }
    }
    for (const decision of fresh) {
      sightings.push(...this.#observe(fleet, decision, { isLooping: looping.has(decision.id), nowMs }));
    }
    sightings.push(...this.#ask('cascades', fleet, NONE, () => this.#cascades.observe(unit, nowMs)));
    return { sightings, scores };
  }

  /** What learns of decisions sees each once. */
  #observe(fleet: string, decision: Decision, seen: { isLooping: boolean; nowMs: number }): Sighting[] {
    const { nowMs } = seen;
    this.#ask('usual tools', fleet, undefined, () => this.#grounding.learn(fleet, decision));
    return [
      ...this.#ask('tools', fleet, NONE, () => this.#tools.observe(fleet, decision, nowMs)),
      ...this.#ask('paces', fleet, NONE, () => this.#paces.observe(fleet, decision, nowMs)),
      ...this.#ask('behaviour', fleet, NONE, () => this.#behaviours.observe(fleet, decision, nowMs)),
      ...this.#ask('tokens', fleet, NONE, () => this.#tokens.observe(fleet, decision, seen)),
      ...this.#ask('budgets', fleet, NONE, () => this.#spending.observe(fleet, decision, nowMs)),
    ];
  }

  #ground(fleet: string, decision: Decision): GroundingJudgement {
    const nothing: GroundingJudgement = { score: null, findings: [] };
    return this.#ask('grounding', fleet, nothing, () => this.#grounding.judge(fleet, decision));
  }

  #ask<Answer>(detector: string, fleet: string, otherwise: Answer, look: () => Answer): Answer {
    try {
      return look();
    } catch (error) {
      this.#failures.note(detector, fleet, error);
      return otherwise;
    }
  }

  /** How the fleet's budgets stand. */
  budgets(fleet: string): BudgetStatus[] {
    return this.#spending.statuses(fleet, this.#clock.now());
  }

  score(fleet: string, decision: Decision): number | null {
    return this.#ground(fleet, decision).score;
  }

  glance(fleet: string, running: readonly Decision[]): Sighting[] {
    const sightings: Sighting[] = [];
    for (const decision of running) {
      const finding =
        this.#ask('loops', fleet, null, () => this.#loops.glance(fleet, decision)) ??
        this.#ask('tokens', fleet, null, () => this.#tokens.glance(fleet, decision));
      if (finding === null) continue;
      // It has no agent yet where its root has not come: the one it is sealed with is taken over then.
      const sighting = { ...sightingIn(decision, finding, this.#clock.now()), decisionId: null };
      if (this.#isNews(fleet, sighting)) sightings.push(sighting);
    }
    return sightings;
  }

  #isNews(fleet: string, { kind, incident, severity }: Sighting): boolean {
    const key = JSON.stringify([fleet, kind, incident]);
    if (this.#told.get(key) === severity) return false;
    this.#told.delete(key);
    this.#told.set(key, severity);
    if (this.#told.size <= TOLD_MAX) return true;
    const [oldest] = this.#told.keys();
    if (oldest !== undefined) this.#told.delete(oldest);
    return true;
  }
}
