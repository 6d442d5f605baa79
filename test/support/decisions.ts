import type { TestServer } from './server.js';
import { until } from './wait.js';

export interface SeenStep {
  kind: string;
  name: string;
  model: string | null;
  toolName: string | null;
  outcome: string;
  errorMessage: string | null;
}

export interface SeenEntry {
  seq: number;
  kind: string;
  subject: string;
  canonical: string;
  hash: string;
}

/** A decision as GraphQL tells it. */
export interface SeenDecision {
  id: string;
  agent: { name: string };
  agentVersion: string | null;
  parent: { id: string } | null;
  complete: boolean;
  outcome: string;
  errorMessage: string | null;
  conversationId: string | null;
  customerSegment: string | null;
  toolCalls: number;
  tokens: { input: number; output: number; cacheRead: number; cacheWrite: number; reasoning: number };
  steps: SeenStep[];
  ledgerEntry: SeenEntry;
  amendments: SeenEntry[];
}

const TRACE = `
  fragment Entry on LedgerEntry { seq kind subject canonical hash }
  query ($traceId: String!) {
    trace(traceId: $traceId) {
      decisions {
        id agent { name } agentVersion parent { id } complete outcome errorMessage conversationId customerSegment toolCalls
        tokens { input output cacheRead cacheWrite reasoning }
        steps { kind name model toolName outcome errorMessage }
        ledgerEntry { ...Entry }
        amendments { ...Entry }
      }
    }
  }`;

/** The decisions of a trace that are sealed so far, in the order they started. */
export async function readTrace(
  server: TestServer,
  traceId: string,
  headers: Record<string, string> = {},
): Promise<SeenDecision[]> {
  const { data, errors } = await server.graphql<{ trace: { decisions: SeenDecision[] } | null }>(
    TRACE,
    { traceId },
    headers,
  );
  if (errors) throw new TypeError(JSON.stringify(errors));
  return data.trace?.decisions ?? [];
}

/** Waits until the decisions of a trace are as wanted, and gives them. */
export function untilTrace(
  server: TestServer,
  traceId: string,
  isThere: (decisions: SeenDecision[]) => boolean,
): Promise<SeenDecision[]> {
  let seen: SeenDecision[] = [];
  return until(async () => {
    seen = await readTrace(server, traceId);
    return isThere(seen) ? seen : null;
  }).catch((cause: unknown) => {
    throw new TypeError(`the trace has ${JSON.stringify(seen)}`, { cause });
  });
}

/** Each decision as `Agent` or `Parent > Agent`, sorted. */
export function callTree(decisions: readonly SeenDecision[]): string[] {
  const names = new Map(decisions.map(({ id, agent }) => [id, agent.name]));
  return decisions
    .map(({ agent, parent }) => (parent === null ? agent.name : `${names.get(parent.id)} > ${agent.name}`))
    .sort();
}
