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
