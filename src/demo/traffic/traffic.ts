import { type AgentProfile, BUSIEST, FLEET, SEGMENTS } from '../fleet.js';
import { createRandom, type Random } from '../random.js';
import { type Crew, cascade, delegate } from '../scenario/cascade.js';
import { converse } from '../scenario/conversation.js';
import type { Setting } from '../scenario/invocation.js';
import { loop } from '../scenario/loop.js';
import type { Failure, SpanPlan } from '../scenario/span-plan.js';
import { burnTokens } from '../scenario/token-burn.js';
import type { Fault } from './fault.js';
import { FAULT_SHARES } from './fault.js';
import {
  activeIncidents,
  type IncidentName,
  incidentsBeginning,
  OUTAGE,
  SILENCED_AGENT,
  slownessDuring,
} from './incident.js';

export interface Request {
  /** Seconds of traffic since the start, at the mean rate. */
  elapsedS: number;
  plan: SpanPlan;
  /** What is wrong with this request. */
  faults: readonly Fault[];
  /** Lasting faults that begin with it. */
  beginning: readonly Fault[];
}

/** Requests through three services that end well. */
const DELEGATED_SHARE = 0.02;
const FOLLOW_UP_SHARE = 0.35;

/** Three decisions each: so the busiest agent needs a larger part of the simple requests to take its part of all decisions. */
const CREW_SHARE = DELEGATED_SHARE + FAULT_SHARES.CASCADE_FAILURE;
const DECISIONS_PER_REQUEST = 1 + 2 * CREW_SHARE;
const BUSIEST_SHARE = (BUSIEST.share * DECISIONS_PER_REQUEST) / (1 - CREW_SHARE);

const CREW_ROLES = { first: ['routing'], second: ['support', 'billing', 'refunds'], third: ['fraud', 'kyc', 'ops'] };

export interface TrafficOptions {
  seed: number;
  /** On average. */
  decisionsPerS: number;
  /** `ordinary`: no faults but the standing ones, for the hours before the demo. */
  mood: 'faulty' | 'ordinary';
}

/** The requests of a fleet, for ever: the same for the same options, whatever the time of day. */
export function* generateTraffic({ seed, decisionsPerS, mood }: TrafficOptions): Generator<Request, never> {
  const random = createRandom(seed).fork(mood);
  const conversations = new Map<string, string>();
  let elapsedS = 0;
  for (let count = 1; ; count += 1) {
    const previousS = elapsedS;
    elapsedS += random.exponential(DECISIONS_PER_REQUEST / decisionsPerS);
    const active = mood === 'faulty' ? activeIncidents(elapsedS) : new Set<IncidentName>();
    const situation: Situation = { random, active, conversations, faults: [] };
    const opening = mood === 'faulty' ? OPENING.get(count) : undefined;
    const plan = opening === undefined ? drawPlan(situation, mood) : opening(situation);
    const beginning = mood === 'faulty' ? incidentsBeginning(previousS, elapsedS) : [];
    yield { elapsedS, plan, faults: situation.faults, beginning };
  }
}

/** Requests near the start that fail on purpose, so that whoever looks in the first minute has something to see. */
const OPENING: ReadonlyMap<number, (situation: Situation) => SpanPlan> = new Map([
  [5, (situation: Situation) => planCascade(situation, 'faulty')],
  [15, planLoop],
  [25, planUngrounded],
  [40, planTokenBurn],
]);

interface Situation {
  random: Random;
  active: ReadonlySet<IncidentName>;
  /** The last conversation of each agent. */
  conversations: Map<string, string>;
  /** Grows while the request is made. */
  faults: Fault[];
}

function drawPlan(situation: Situation, mood: TrafficOptions['mood']): SpanPlan {
  const draw = situation.random.next();
  let below = DELEGATED_SHARE;
  const falls = (share: number): boolean => {
    below += share;
    return draw < below;
  };
  if (draw < below) return planCrew(situation, delegate);
  if (falls(FAULT_SHARES.CASCADE_FAILURE)) return planCascade(situation, mood);
  if (mood === 'ordinary') return planOrdinary(situation);
  if (falls(FAULT_SHARES.LOOP)) return planLoop(situation);
  if (falls(FAULT_SHARES.UNGROUNDED_ANSWER)) return planUngrounded(situation);
  if (falls(FAULT_SHARES.TOKEN_BURN)) return planTokenBurn(situation);
  return planOrdinary(situation);
}

function planOrdinary(situation: Situation): SpanPlan {
  const agent = drawAgent(situation);
  return converse(agent, drawSetting(situation, agent));
}

function planLoop(situation: Situation): SpanPlan {
  const agent = drawAgent(situation);
  note(situation, { kind: 'LOOP', agent: agent.name, detail: 'same tool, same arguments, no progress' });
  return loop(agent, drawSetting(situation, agent));
}

function planUngrounded(situation: Situation): SpanPlan {
  const agent = drawAgent(situation);
  const grounding = situation.random.chance(0.67) ? 'invented figures' : 'nothing looked up';
  note(situation, { kind: 'UNGROUNDED_ANSWER', agent: agent.name, detail: grounding });
  return converse(agent, { ...drawSetting(situation, agent), toolFailure: () => null }, grounding);
}

function planTokenBurn(situation: Situation): SpanPlan {
  const agent = drawAgent(situation);
  note(situation, { kind: 'TOKEN_BURN', agent: agent.name, detail: 'reads an archive into every call' });
  return burnTokens(agent, drawSetting(situation, agent));
}

/** Before the demo the same requests go well, so that an agent's part of the traffic does not change when it starts. */
function planCascade(situation: Situation, mood: TrafficOptions['mood']): SpanPlan {
  if (mood === 'ordinary') return planCrew(situation, delegate);
  return planCrew(situation, (crew, setting) => {
    const { plan, brokenTool } = cascade(crew, setting);
    const path = [crew.first.name, crew.second.name, crew.third.name] as const;
    const detail = `${brokenTool} breaks in ${path.join(' → ')}`;
    note(situation, { kind: 'CASCADE_FAILURE', agent: crew.third.name, detail, path, tool: brokenTool });
    return plan;
  });
}

function planCrew(situation: Situation, run: (crew: Crew, setting: Setting) => SpanPlan): SpanPlan {
  const { random } = situation;
  const first = random.pick(FLEET.filter(({ role }) => CREW_ROLES.first.includes(role)));
  const colleagues = FLEET.filter(
    ({ region, name, environment }) =>
      region === first.region && name !== BUSIEST.agent && environment === 'production',
  );
  const second = random.pick(colleagues.filter(({ role }) => CREW_ROLES.second.includes(role)));
  const third = random.pick(colleagues.filter(({ role }) => CREW_ROLES.third.includes(role)));
  return run({ first, second, third }, drawSetting(situation, first));
}

function drawAgent({ random, active }: Situation): AgentProfile {
  const busiest = FLEET.find(({ name }) => name === BUSIEST.agent);
  if (busiest !== undefined && random.chance(BUSIEST_SHARE)) return busiest;
  const others = FLEET.filter(
    ({ name }) => name !== BUSIEST.agent && !(active.has('silence') && name === SILENCED_AGENT),
  );
  let left = random.next() * others.reduce((sum, { weight }) => sum + weight, 0);
  const drawn = others.find(({ weight }) => {
    left -= weight;
    return left < 0;
  });
  return drawn ?? random.pick(others);
}

function drawSetting(situation: Situation, agent: AgentProfile): Setting {
  const { random, active, conversations } = situation;
  const last = conversations.get(agent.name);
  const conversationId = last !== undefined && random.chance(FOLLOW_UP_SHARE) ? last : `conv-${random.hex(16)}`;
  conversations.set(agent.name, conversationId);
  return {
    random,
    conversationId,
    segment: random.pick(SEGMENTS),
    slownessOf: slownessDuring(active),
    toolFailure: (tool) => failDuringOutage(situation, { agent, tool }),
  };
}

function failDuringOutage(
  situation: Situation,
  { agent, tool }: { agent: AgentProfile; tool: string },
): Failure | null {
  if (!situation.active.has('outage') || tool !== OUTAGE.tool) return null;
  if (!situation.random.chance(OUTAGE.share)) return null;
  note(situation, { kind: 'TOOL_FAILURE', agent: agent.name, detail: tool });
  return { type: '503', message: `${tool}: service unavailable` };
}

function note(situation: Situation, fault: Fault): void {
  situation.faults.push(fault);
}
