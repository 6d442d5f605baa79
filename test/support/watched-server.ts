import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startServer, type TestServer } from './server.js';

const SETTINGS = `agent_monitoring:
  alerting:
    - condition: error_rate > 5%
      severity: critical
  budgets:
    - name: refunds
      limit: $5
      per: month
`;

/** A server with a rule that fires for whoever fails, and a budget. */
export async function startWatched(databaseUrl: string): Promise<TestServer> {
  const folder = mkdtempSync(path.join(tmpdir(), 'midwatch-watched-'));
  const file = path.join(folder, 'midwatch.yaml');
  writeFileSync(file, SETTINGS);
  const server = await startServer({ databaseUrl, env: { MIDWATCH_CONFIG: file } });
  return {
    ...server,
    stop: async (signal) => {
      rmSync(folder, { recursive: true, force: true });
      return server.stop(signal);
    },
  };
}

/** Adds what a provider billed today. */
export async function importBill(server: TestServer): Promise<void> {
  const csv = `day,model,cost_usd\n${new Date().toISOString().slice(0, 10)},gpt-4o,12.5\n`;
  const { data, errors } = await server.graphql<{ importProviderUsage: { rows?: number } }>(
    `mutation ($input: ImportProviderUsageInput!) { importProviderUsage(input: $input) {
       ... on ImportProviderUsageSuccess { rows } ... on UserError { message } } }`,
    { input: { provider: 'openai', csv } },
  );
  if (data?.importProviderUsage.rows !== 1) throw new Error(JSON.stringify(errors ?? data));
}

/** The ids of the alerts that are open; empty while there are none. */
export async function openAlerts(server: TestServer): Promise<string[]> {
  const { data } = await server.graphql<{ alerts: { nodes: { id: string }[] } }>(
    '{ alerts(first: 20, filter: { states: [FIRING] }) { nodes { id } } }',
  );
  return data.alerts.nodes.map(({ id }) => id);
}
