import type { AgentProfile } from '../fleet.js';
import { drawTask } from '../topic/by-role.js';
import { callOf } from '../topic/topic.js';
import { addAnswer, addToolRequest, addToolRun, beginInvocation, endInvocation, type Setting } from './invocation.js';
import type { SpanPlan } from './span-plan.js';

export const LOOP_TURNS = { min: 8, max: 20 } as const;

const TURNS_EXCEEDED = { type: 'max_turns_exceeded', message: 'the agent used all its turns without an answer' };

/**
 * The agent asks the same tool for the same thing again and again, is told each time that nothing is there yet, and
 * gives up or is stopped.
 */
export function loop(agent: AgentProfile, setting: Setting): SpanPlan {
  const { random } = setting;
  const invocation = beginInvocation(agent, drawTask(agent.role, random), { setting, startMs: 0 });
  const asked = callOf(invocation.task.lookup);
  const turns = random.integer(LOOP_TURNS.min, LOOP_TURNS.max);
  for (let turn = 0; turn < turns; turn += 1) {
    const call = addToolRequest(invocation, asked);
    addToolRun(invocation, call, { result: { state: 'pending' } });
  }
  if (random.chance(0.5)) return endInvocation(invocation, { output: null, failure: TURNS_EXCEEDED, isCalled: false });
  const output = addAnswer(invocation, 'This is still pending on our side. I cannot tell you more at the moment.');
  return endInvocation(invocation, { output, failure: null, isCalled: false });
}
