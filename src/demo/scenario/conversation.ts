import type { AgentProfile } from '../fleet.js';
import { drawTask } from '../topic/by-role.js';
import { callOf, type Task } from '../topic/topic.js';
import {
  addAnswer,
  addRefusedModelCall,
  addRetrieval,
  addToolRequest,
  addToolRun,
  beginInvocation,
  endInvocation,
  type Invocation,
  type Setting,
} from './invocation.js';
import type { Message } from './message.js';
import type { Failure, SpanPlan } from './span-plan.js';

/** Small troubles that every fleet has: no fault of the demo's, and not in its truth log. */
const MODEL_REFUSAL_SHARE = 0.003;
const TOOL_HICCUP_SHARE = 0.004;

const RATE_LIMITED: Failure = { type: '429', message: 'Rate limit reached for requests. Please try again in 2 s.' };

/** How the answer stands to what was looked up. */
export type Grounding = 'grounded' | 'invented figures' | 'nothing looked up';

/** One ordinary request to one agent: look up what is needed, then answer. */
export function converse(agent: AgentProfile, setting: Setting, grounding: Grounding = 'grounded'): SpanPlan {
  const invocation = beginInvocation(agent, drawTask(agent.role, setting.random), { setting, startMs: 0 });
  if (grounding === 'grounded' && setting.random.chance(MODEL_REFUSAL_SHARE)) return refuse(invocation);
  const output = answerTask(invocation, grounding);
  return endInvocation(invocation, { output, failure: null, isCalled: false });
}

function refuse(invocation: Invocation): SpanPlan {
  addRefusedModelCall(invocation, RATE_LIMITED);
  return endInvocation(invocation, { output: null, failure: RATE_LIMITED, isCalled: false });
}

/** The work between question and answer. Without the facts the agent says so: it does not fail. */
export function answerTask(invocation: Invocation, grounding: Grounding): Message {
  const { task } = invocation;
  if (grounding === 'nothing looked up') return addAnswer(invocation, task.inventedAnswer);
  if (!lookUp(invocation)) return addAnswer(invocation, apologyFor(task));
  return addAnswer(invocation, grounding === 'grounded' ? task.answer : task.inventedAnswer);
}

/** Tries twice; false when the tool failed both times. */
function lookUp(invocation: Invocation): boolean {
  const { lookup } = invocation.task;
  const { random, toolFailure } = invocation.setting;
  if (lookup.source === 'documents') {
    addRetrieval(invocation, lookup);
    return true;
  }
  for (let attempt = 1; attempt <= 2; attempt += 1) {
    const call = addToolRequest(invocation, callOf(lookup));
    const hiccup = attempt === 1 && random.chance(TOOL_HICCUP_SHARE) ? connectionReset(lookup.tool) : null;
    const failure = toolFailure(lookup.tool) ?? hiccup;
    addToolRun(invocation, call, failure === null ? { result: lookup.result } : { failure });
    if (failure === null) return true;
  }
  return false;
}

function connectionReset(tool: string): Failure {
  return { type: 'ECONNRESET', message: `${tool}: the connection was reset` };
}

function apologyFor({ lookup }: Task): string {
  const system = lookup.source === 'tool' ? lookup.tool : lookup.collection;
  return `I am sorry, I cannot look that up at the moment (${system} is not available). Please try again later.`;
}
