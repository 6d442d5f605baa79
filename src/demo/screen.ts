import type { DemoOptions } from './options.js';

/** The counts a status line shows. */
export interface Progress {
  decisions: number;
  acceptedSpans: number;
  lostSpans: number;
  lastError: string | null;
  faults: ReadonlyMap<string, number>;
}

/** What is sent and where to look: three queries to paste, and the plain HTTP view. */
export function describeDemo({ url, fleet, decisionsPerS, seed, truthFile }: DemoOptions): string {
  return `Midwatch demo: 30 agents in 4 regions, about ${decisionsPerS} decisions a second, OTLP to ${url}/v1/traces
  fleet ${fleet} · seed ${seed} · what is done to it, and should be found, is logged in ${truthFile}

See it: the dashboard ${url}/ · GraphiQL ${url}/graphql, with a token of
  npx midwatch token --fleet ${fleet}

Who is unwell:
  { agents(first: 30) { edges { node { name status version
      stats { decisions errorRate toolSuccessRate latencyMs { p95 } costUsd } } } } }
What failed last, and how it came about:
  { decisions(first: 5, filter: { outcomes: [ERROR] }) { edges { node { agent { name } errorMessage
      parent { agent { name } } steps { kind name outcome durationMs } } } } }
Who does most of the work, who lags a version, where cascades break (README.md, "Ask the fleet": costs, sampling, bills):
  { fleet { load { agents { name share } } versions { laggards { agent version roleVersion } }
      cascades { patterns { path stepName count } } } }
What is sealed:
  { ledger { size head { hash recordedAt } } }
And without GraphQL:
  curl -s -H "Authorization: Bearer $(npx midwatch token --fleet ${fleet})" -H "X-Fleet-ID: ${fleet}" ${url}/agents \\
    | jq '.agents[] | {name, status, avg_latency, error_rate}'

Ctrl-C stops it.
`;
}

export function statusLine(progress: Progress, atMs: number): string {
  const time = new Date(atMs).toISOString().slice(11, 19);
  const faults = [...progress.faults].map(([kind, count]) => `${kind} ${count}`).join(', ');
  const lost =
    progress.lostSpans === 0 ? '' : `, ${progress.lostSpans} lost (${progress.lastError ?? 'no reason given'})`;
  return `${time}  ${progress.decisions} decisions, ${progress.acceptedSpans} spans accepted${lost} · faults: ${faults}\n`;
}
