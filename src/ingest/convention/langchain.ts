import type { Span } from '../../decision/assembly/span.js';

/** What LangChain and LangGraph write into a run's name and metadata, whichever convention carries it. */
export interface GraphRun {
  runName: string;
  /** `lc_agent_name` of the run's metadata, which the runs inside an agent inherit. */
  agentName: string | null;
  /** Whether the metadata has `langgraph_node`: the run is a node inside some graph. */
  isNode: boolean;
}

/** Whether a chain run is the run of a whole graph, that is an agent's invocation, and not of one of its nodes. */
export function isGraphRun({ runName, agentName, isNode }: GraphRun): boolean {
  if (runName === 'LangGraph' || runName === agentName) return true;
  return agentName !== null && !isNode;
}

/** Runs that LangChain names after the class of a composition nobody named. */
const COMPOSITION_PREFIX = 'Runnable';

/** The run a trace starts with, as the owner of what is in it: a graph or chain is named by whoever built it. Null for other runs. */
export function ownerByRootRun({ name, parentSpanId }: Span): string | null {
  return parentSpanId === null && !name.startsWith(COMPOSITION_PREFIX) ? name : null;
}
