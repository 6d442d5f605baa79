import type { AgentProfile } from '../fleet.js';
import { drawTask } from '../topic/by-role.js';
import { callOf, type Task } from '../topic/topic.js';
import { answerTask } from './conversation.js';
import {
  addAnswer,
  addRemoteInvocation,
  addToolRequest,
  addToolRun,
  beginInvocation,
  endInvocation,
  type Invocation,
  type Reply,
  type Setting,
} from './invocation.js';
import { textOf } from './message.js';
import type { Failure, SpanPlan } from './span-plan.js';

const NETWORK_MS = 4;

/** Three agents in three services: the first asks the second, which asks the third. */
export interface Crew {
  first: AgentProfile;
  second: AgentProfile;
  third: AgentProfile;
}

/** A request that goes through three services and comes back with an answer. */
export function delegate(crew: Crew, setting: Setting): SpanPlan {
  return runCrew(crew, { task: drawTask(crew.third.role, setting.random), setting, end: 'answers' });
}

/** The same request when the third agent's tool breaks: each service fails because the one it asked did. */
export function cascade(crew: Crew, setting: Setting): { plan: SpanPlan; brokenTool: string } {
  const task = drawTask(crew.third.role, setting.random);
  return { plan: runCrew(crew, { task, setting, end: 'breaks' }), brokenTool: callOf(task.lookup).name };
}

interface Errand {
  task: Task;
  setting: Setting;
  end: 'answers' | 'breaks';
}

function runCrew({ first, second, third }: Crew, { task, setting, end }: Errand): SpanPlan {
  const askThird = (startMs: number) => runThird(third, { task, setting, startMs, end });
  const askSecond = (startMs: number) => runCaller(second, { task, setting, startMs, ask: askThird, isCalled: true });
  return runCaller(first, { task, setting, startMs: 0, ask: askSecond, isCalled: false }).plan;
}

interface Caller {
  task: Task;
  setting: Setting;
  startMs: number;
  /** Asks the next agent, whose service takes the request at `startMs`. */
  ask(startMs: number): Reply;
  isCalled: boolean;
}

function runCaller(agent: AgentProfile, { task, setting, startMs, ask, isCalled }: Caller): Reply {
  const invocation = beginInvocation(agent, task, { setting, startMs });
  const call = addToolRequest(invocation, { name: 'ask_colleague', arguments: { about: task.requestType } });
  const reply = ask(invocation.clockMs + NETWORK_MS);
  addRemoteInvocation(invocation, { call, reply });
  const { agent: asked, failure: cause } = reply.plan;
  const failure = cause === null ? null : { type: 'agent_error', message: `${asked.name} failed: ${cause.message}` };
  const output = reply.output === null ? null : addAnswer(invocation, textOf(reply.output));
  return { output, plan: endInvocation(invocation, { output, failure, isCalled }) };
}

function runThird(agent: AgentProfile, { task, setting, startMs, end }: Errand & { startMs: number }): Reply {
  const invocation = beginInvocation(agent, task, { setting, startMs });
  const failure = end === 'breaks' ? breakTool(invocation) : null;
  const output = failure === null ? answerTask(invocation, 'grounded') : null;
  return { output, plan: endInvocation(invocation, { output, failure, isCalled: true }) };
}

function breakTool(invocation: Invocation): Failure {
  const call = addToolRequest(invocation, callOf(invocation.task.lookup));
  const failure: Failure = { type: 'timeout', message: `${call.name} did not answer in time` };
  addToolRun(invocation, call, { failure });
  return failure;
}
