import type { AgentProfile } from '../fleet.js';
import { drawTask } from '../topic/by-role.js';
import { addAnswer, addToolRequest, addToolRun, beginInvocation, endInvocation, type Setting } from './invocation.js';
import type { SpanPlan } from './span-plan.js';

const PAGES = { min: 5, max: 9 } as const;
const DRAGGED_TOKENS_PER_PAGE = 9_000;

/** The agent reads page after page of an archive and sends everything it has read along with every call. */
export function burnTokens(agent: AgentProfile, setting: Setting): SpanPlan {
  const { random } = setting;
  const invocation = beginInvocation(agent, drawTask(agent.role, random), { setting, startMs: 0 });
  const pages = random.integer(PAGES.min, PAGES.max);
  for (let page = 1; page <= pages; page += 1) {
    const dragged = Math.round(page * random.lognormal(DRAGGED_TOKENS_PER_PAGE, 0.2));
    const call = addToolRequest(invocation, { name: 'read_archive', arguments: { page, of: pages } }, dragged);
    addToolRun(invocation, call, { result: { page, digest: random.hex(32) } });
  }
  const output = addAnswer(
    invocation,
    `I have read all ${pages} pages of the archive; the case needs a person to decide.`,
  );
  return endInvocation(invocation, { output, failure: null, isCalled: false });
}
