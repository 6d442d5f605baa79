import { useEffect, useState } from 'preact/hooks';
import { type Failure, toFailure } from '../../data/failure.js';
import { request } from '../../data/request.js';
import { fleet } from '../../route/slice.js';
import { FleetAgents, type FleetAgentsQuery, type FleetAgentsQueryVariables } from './fleet.graphql.js';

export type FleetAgent = FleetAgentsQuery['agents']['nodes'][number];

/** More than a screen can use; whoever has more narrows the slice. */
const AGENTS_MAX = 2_000;

/** Every agent that passes, page after page. */
export function useAgents(filter: FleetAgentsQueryVariables['filter'], atMs: number) {
  const [agents, setAgents] = useState<FleetAgent[] | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const key = JSON.stringify([filter, fleet.value]);
  useEffect(() => {
    const abort = new AbortController();
    const read = async () => {
      const all: FleetAgent[] = [];
      let after: string | null = null;
      do {
        const variables: FleetAgentsQueryVariables = { filter, after };
        const { data }: { data: FleetAgentsQuery } = await request(FleetAgents, variables, abort.signal);
        all.push(...data.agents.nodes);
        after = data.agents.pageInfo.hasNextPage ? data.agents.pageInfo.endCursor : null;
      } while (after !== null && all.length < AGENTS_MAX);
      setAgents(all);
      setFailure(null);
    };
    read().catch((error: unknown) => {
      if (!abort.signal.aborted) setFailure(toFailure(error));
    });
    return () => abort.abort();
  }, [key, atMs]);
  return { agents, failure };
}
