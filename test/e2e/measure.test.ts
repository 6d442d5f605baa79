/** What the demo did to its fleet, asked of the server over HTTP, against the demo's own log of it. */
import { spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FaultLine, SummaryLine, TruthLine, UnmonitoredLine } from '../../src/demo/truth.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { newDataDir, ROOT, startServer, type TestServer } from '../support/server.js';
import { until } from '../support/wait.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Half a day at least, and at least two hours of yesterday. */
const BACKFILL_HOURS = Math.max(12, new Date().getUTCHours() + 3);
const DURATION = '36s';
const DECISIONS_PER_S = 20;
const SETUP_MS_MAX = 300_000;

const SETTINGS = `agent_monitoring:
  sampling:
    high_risk_decisions: 100%
    routine_queries: 10%
    admin_actions: 100%
`;

let dataDir: string;
let database: TestDatabase;
let server: TestServer;
let screen: string;
let faults: FaultLine[];
let summary: SummaryLine;
let unmonitored: UnmonitoredLine[];
/** Around everything that was sent. */
let range: { from: string; to: string };

beforeAll(async () => {
  dataDir = newDataDir();
  const configFile = path.join(dataDir, 'midwatch.yaml');
  writeFileSync(configFile, SETTINGS);
  database = await createDatabase();
  server = await startServer({ databaseUrl: database.url, dataDir, env: { MIDWATCH_CONFIG: configFile } });
  const startMs = Date.now();
  const truthFile = path.join(dataDir, 'truth.jsonl');
  screen = await runDemo(truthFile);
  range = iso({ fromMs: startMs - (BACKFILL_HOURS + 1) * HOUR_MS, toMs: Date.now() + HOUR_MS });

  const truth = readFileSync(truthFile, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line): TruthLine => JSON.parse(line));
  faults = truth.filter((line): line is FaultLine => 'agent' in line);
  unmonitored = truth.filter((line): line is UnmonitoredLine => line.kind === 'UNMONITORED');
  summary = truth.filter((line): line is SummaryLine => line.kind === 'SUMMARY').at(-1) ?? expect.fail('no summary');
  await until(async () => (await askFleet('load { decisions }')).load.decisions === summary.decisions, 60_000);
}, SETUP_MS_MAX);

afterAll(async () => {
  await server?.stop();
  await database?.drop();
  rmSync(dataDir, { recursive: true, force: true });
});

/** As a user runs it; resolves to what it printed once it has ended well. */
async function runDemo(truthFile: string): Promise<string> {
  const args = ['--url', server.url, '--seed', '7', '--rate', `${DECISIONS_PER_S}`, '--duration', DURATION];
  const demo = spawn(
    process.execPath,
    ['dist/demo/main.js', ...args, '--backfill', `${BACKFILL_HOURS}`, '--truth', truthFile],
    { cwd: ROOT, env: { PATH: process.env.PATH, MIDWATCH_DATA_DIR: dataDir } },
  );
  let output = '';
  for (const stream of [demo.stdout, demo.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
    });
  }
  const code = await new Promise<number | null>((resolve) => demo.once('close', resolve));
  if (code !== 0) throw new TypeError(`the demo ended with ${code}: ${output}`);
  return output;
}

// biome-ignore lint/suspicious/noExplicitAny: answers are read freely in tests
async function ask(query: string, variables: object = {}): Promise<any> {
  const { data, errors } = await server.graphql(query, variables);
  if (errors) throw new TypeError(JSON.stringify(errors));
  return data;
}

/** `fields` of the fleet, each of which takes the whole range with `$from` and `$to`. */
// biome-ignore lint/suspicious/noExplicitAny: answers are read freely in tests
async function askFleet(fields: string): Promise<any> {
  const [name, ...rest] = fields.split(' ');
  const query = `query ($from: DateTime, $to: DateTime) { fleet { ${name}(from: $from, to: $to) ${rest.join(' ')} } }`;
  return (await ask(query, range)).fleet;
}

function iso({ fromMs, toMs }: { fromMs: number; toMs: number }): { from: string; to: string } {
  return { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
}

const dayRange = (day: string) => iso({ fromMs: Date.parse(day), toMs: Date.parse(day) + DAY_MS });

describe('with the demo running', () => {
  it('everything it sent was taken, and nothing it did was refused', () => {
    expect(screen).not.toContain('lost');
    expect(screen).not.toContain('not imported');
  });

  it('one can ask which agent does 40 % of the work', async () => {
    const { load } = await askFleet('load { agents { name share decisions } }');
    const injected = faults.find(({ kind }) => kind === 'LOAD_SKEW');
    const [busiest] = load.agents;
    expect(busiest.name).toBe(injected?.agent);
    expect(Math.abs(busiest.share - 0.4)).toBeLessThan(0.03);
    const decisions = load.agents.map((agent: { name: string; decisions: number }) => [agent.name, agent.decisions]);
    expect(Object.fromEntries(decisions)).toEqual(summary.decisionsByAgent);
  });

  it('one can ask which agent lags a version', async () => {
    const { versions } = await askFleet('versions { laggards { agent version roleVersion } }');
    const injected = faults.find(({ kind }) => kind === 'VERSION_DRIFT');
    expect(versions.laggards).toEqual([{ agent: injected?.agent, version: '2.2.0', roleVersion: '2.4.1' }]);
  });

  it('one can ask where the cascades break', async () => {
    const fields = 'cascades { total isComplete cascades { traceId path origin { agent stepKind stepName } } }';
    const { cascades } = await askFleet(fields);
    const injected = faults.flatMap((fault) => (fault.kind === 'CASCADE_FAILURE' ? [fault] : []));
    expect(injected.length).toBeGreaterThanOrEqual(3);
    const byTrace = (left: { traceId: string }, right: { traceId: string }) => (left.traceId < right.traceId ? -1 : 1);
    expect(cascades.cascades.sort(byTrace)).toEqual(
      injected
        .map(({ traceId, path: agents, tool }) => ({
          traceId: traceId ?? '',
          path: agents,
          origin: { agent: agents[2], stepKind: 'TOOL_CALL', stepName: `execute_tool ${tool}` },
        }))
        .sort(byTrace),
    );
    expect(cascades).toMatchObject({ total: injected.length, isComplete: true });
  });

  it('one can ask what a segment cost yesterday by model', async () => {
    const days = [...new Set(summary.costs.map(({ day }) => day))];
    expect(days).toContain(new Date(Date.parse(summary.at) - DAY_MS).toISOString().slice(0, 10));
    const segments = new Set(summary.costs.map(({ segment }) => segment));
    for (const day of days) for (const segment of segments) await expectCosts(day, segment);

    const { unpricedModels } = await ask(
      'query ($from: DateTime!, $to: DateTime!) { unpricedModels(from: $from, to: $to) { model } }',
      range,
    );
    const unpriced = new Set(summary.costs.flatMap(({ model, costUsd }) => (costUsd === null ? [model] : [])));
    expect(unpricedModels).toEqual([...unpriced].map((model) => ({ model })));
  });

  it('one can ask what sampling saved, and every fault was kept', async () => {
    const { samplingReport } = await ask(
      `query ($from: DateTime!, $to: DateTime!) { samplingReport(from: $from, to: $to) {
        classes { riskClass counts { decisions } } total { decisions bytes keptBytes savedShare }
      } }`,
      range,
    );
    const { classes, total } = samplingReport;
    expect(total.savedShare).toBeGreaterThanOrEqual(0.7);
    expect(total.savedShare).toBeCloseTo(1 - total.keptBytes / total.bytes, 9);
    const decisions = classes.map((each: { riskClass: string; counts: { decisions: number } }) => [
      each.riskClass,
      each.counts.decisions,
    ]);
    expect(Object.fromEntries(decisions)).toEqual(summary.decisionsByRiskClass);

    const traceIds = new Set(faults.flatMap(({ traceId }) => traceId ?? []));
    const dropped: string[] = [];
    for (const traceId of traceIds) {
      const { trace } = await ask('query ($id: String!) { trace(traceId: $id) { decisions { sampled } } }', {
        id: traceId,
      });
      if (trace.decisions.some(({ sampled }: { sampled: boolean }) => !sampled)) dropped.push(traceId);
    }
    expect(faults.filter(({ traceId }) => dropped.includes(traceId ?? ''))).toEqual([]);
  });

  it('one can ask what a provider billed beyond what was seen', async () => {
    const { costReconciliation } = await ask(
      `query ($from: DateTime!, $to: DateTime!) { costReconciliation(from: $from, to: $to) {
        unmonitoredUsd sources { name } rows { day provider model keys { apiKey } difference { costUsd } }
      } }`,
      range,
    );
    const { sources, rows, unmonitoredUsd } = costReconciliation;
    const days = [...new Set(summary.costs.map(({ day }) => day))];
    expect(unmonitored.map(({ day }) => day)).toEqual(days);
    const expected = unmonitored.reduce((sum, { usd }) => sum + usd, 0);
    expect(Math.abs(unmonitoredUsd / expected - 1)).toBeLessThan(0.01);
    expect(sources.map(({ name }: { name: string }) => name).sort()).toEqual(['anthropic', 'openai']);
    for (const { day, provider, model, keys, difference } of rows) {
      const shadow = unmonitored.find((use) => use.provider === provider && day.startsWith(use.day));
      const isShadowed = keys.some(({ apiKey }: { apiKey: string }) => apiKey === shadow?.apiKey);
      expect(isShadowed).toBe(model === 'gpt-4.1');
      expect(Math.abs(difference.costUsd - (isShadowed ? (shadow?.usd ?? 0) : 0))).toBeLessThan(0.05);
    }
  });
});

async function expectCosts(day: string, segment: string): Promise<void> {
  const { metrics } = await ask('query ($query: MetricQuery!) { metrics(query: $query) { labels { value } value } }', {
    query: {
      metric: 'COST',
      statistic: 'SUM',
      ...dayRange(day),
      groupBy: ['MODEL'],
      filter: { customerSegments: [segment] },
    },
  });
  const seen = new Map<string, number>();
  for (const { labels, value } of metrics) if (value !== null && value > 0) seen.set(labels[0].value, value);
  const costs = summary.costs.filter((cost) => cost.day === day && cost.segment === segment && cost.costUsd !== null);
  expect([...seen.keys()].sort()).toEqual(costs.map(({ model }) => model));
  for (const { model, costUsd } of costs) {
    expect(Math.abs((seen.get(model) ?? 0) / (costUsd ?? 0) - 1)).toBeLessThan(1e-6);
  }
}
