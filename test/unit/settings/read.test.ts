import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { AppError } from '../../../src/errors.js';
import { checkSettings, loadSettings, readSettings } from '../../../src/settings/read.js';
import { DEFAULT_SETTINGS } from '../../../src/settings/settings.js';

const DAY_MS = 86_400_000;

/** The lines of a section, indented under `agent_monitoring`. */
const monitoring = (section: string) => `agent_monitoring:\n${section.replaceAll(/^/gm, '  ')}`;
const read = (section: string) => readSettings(monitoring(section), 'midwatch.yaml');
const problemsOf = (text: string) =>
  checkSettings(text, 'midwatch.yaml').problems.map(
    ({ line, column, key, message }) => `${line}:${column}: ${key}: ${message}`,
  );

/** The example of the contract, as it stands there. */
const SHARED = `agent_monitoring:
  metrics:
    - token_usage_per_request
    - decision_latency_p95
    - hallucination_score
    - tool_invocation_success_rate
  alerting:
    - condition: token_usage > 5000
      severity: warning
    - condition: decision_latency_p95 > 2s
      severity: critical
    - condition: tool_invocation_success_rate < 0.95
      severity: warning
  sampling:
    high_risk_decisions: 100%
    routine_queries: 10%
    admin_actions: 100%
`;

describe('settings', () => {
  it('are read from the file of the contract as it is', () => {
    expect(readSettings(SHARED, 'midwatch.yaml')).toEqual({
      ...DEFAULT_SETTINGS,
      alerting: [
        expect.objectContaining({ name: 'token_usage > 5000', severity: 'WARNING', windowMs: 300_000, origin: 'FILE' }),
        expect.objectContaining({ name: 'decision_latency_p95 > 2s', severity: 'CRITICAL' }),
        expect.objectContaining({ name: 'tool_invocation_success_rate < 0.95', severity: 'WARNING' }),
      ],
      sampling: { shares: { HIGH_RISK: 1, ROUTINE: 0.1, ADMIN: 1 }, rules: [] },
    });
  });

  it('keep high-risk decisions for six months at least', () => {
    const read = (age: string) =>
      readSettings(`agent_monitoring: {retention: {high_risk_decisions: ${age}}}`, 'm.yaml');
    expect(() => read('183d')).toThrow(/at least 184d/);
    expect(read('184d').retention.decisions.HIGH_RISK).toBe(184 * DAY_MS);
  });

  it.each([
    '',
    '# nothing yet\n',
    'agent_monitoring:\n',
    '\uFEFFagent_monitoring: ~',
    monitoring('alerting:\nstatus: null'),
  ])('are the defaults where %j says nothing', (text) =>
    expect(readSettings(text, 'midwatch.yaml')).toEqual(DEFAULT_SETTINGS),
  );

  it.each([
    ['$500', 'USD', '500'],
    ['$ 0.25', 'USD', '0.25'],
    ['20M tokens', 'TOKENS', '20000000'],
    ['0.1 k tokens', 'TOKENS', '100'],
    ['1.5B tokens', 'TOKENS', '1500000000'],
    ['007 tokens', 'TOKENS', '7'],
  ])('have a budget of %s', (limit, unit, amount) => {
    expect(read(`budgets: [{name: all, limit: ${limit}, per: week, warn_at: [100%, 25%]}]`).budgets).toEqual([
      expect.objectContaining({ fleet: null, models: null, unit, limit: amount, per: 'week', warnAt: [0.25, 1] }),
    ]);
  });

  it('are those of the documentation, whose every key is read', () => {
    const page = readFileSync(path.resolve(import.meta.dirname, '../../../docs/CONFIGURATION.md'), 'utf8');
    const [, example = ''] = /```yaml\n([\s\S]*?)```/.exec(page) ?? [];
    expect(readSettings(example, '/etc/midwatch/midwatch.yaml')).toEqual({
      metrics: ['token_usage_per_request', 'decision_latency_p95'],
      alerting: [
        expect.objectContaining({
          condition: expect.objectContaining({ text: 'decision_latency_p95 > 2s' }),
          severity: 'CRITICAL',
        }),
      ],
      sampling: {
        shares: { HIGH_RISK: 1, ROUTINE: 0.1, ADMIN: 1 },
        rules: [
          {
            riskClass: 'HIGH_RISK',
            agents: ['fraud-*', 'kyc-*'],
            requestTypes: ['loan.*'],
            tools: ['transfer_funds'],
            attributes: { 'customer.tier': 'gold*' },
          },
        ],
      },
      retention: {
        decisions: { HIGH_RISK: 7 * 366 * DAY_MS, ROUTINE: 90 * DAY_MS, ADMIN: 7 * 366 * DAY_MS },
        minuteRollups: 14 * DAY_MS,
        hourRollups: 400 * DAY_MS,
        alerts: 400 * DAY_MS,
      },
      cardinality: { valuesPerDimension: 500, slicesPerDay: 20_000 },
      status: { degradedErrorRate: 0.05, failingErrorRate: 0.5, degradedLatencyFactor: 2, silentAfterMs: null },
      prices: [
        {
          model: 'acme-kyc-*',
          provider: 'acme',
          validFromMs: Date.UTC(2026, 0, 1),
          input: '2.50',
          output: '10',
          cacheRead: '0.25',
          cacheWrite: '3.125',
          reasoning: '10',
        },
      ],
      providers: [
        {
          kind: 'openai',
          name: 'openai',
          fleet: 'default',
          url: null,
          keyVariable: 'OPENAI_ADMIN_KEY',
          file: null,
          everyMs: 3_600_000,
          keys: { key_abc123: ['fraud-*'] },
        },
        {
          kind: 'csv',
          name: 'azure',
          fleet: 'default',
          url: null,
          keyVariable: null,
          file: '/etc/midwatch/usage/azure.csv',
          everyMs: 3_600_000,
          keys: {},
        },
      ],
      requiresTool: [{ agents: ['support-*'], requestTypes: ['order_status', 'refund_*'] }],
      budgets: [
        {
          name: 'claims',
          fleet: 'prod-eu',
          agents: ['claims-*'],
          customerSegments: ['retail'],
          models: ['gpt-*'],
          unit: 'USD',
          limit: '500',
          per: 'month',
          warnAt: [0.5, 0.8, 1],
        },
      ],
      judge: {
        url: 'https://api.openai.com/v1',
        model: 'gpt-5-mini',
        keyVariable: 'OPENAI_API_KEY',
        share: 0.05,
        agents: ['support-*'],
        requestTypes: ['order_status'],
        callsPerDayMax: 1_000,
        deadlineMs: 30_000,
      },
      timestamps: {
        url: 'https://tsa.example.com',
        rootsFile: '/etc/midwatch/tsa-roots.pem',
        everyMs: 600_000,
      },
      // Read in full by the test of that section.
      notifications: expect.objectContaining({ heartbeat: { url: 'https://hc-ping.com/0b9c1e7e', everyMs: 60_000 } }),
      erasure: { approval: 'TWO_PEOPLE' },
      reports: {
        keptMs: 400 * DAY_MS,
        signature: {
          certificatesFile: '/etc/midwatch/reports-chain.pem',
          keyFile: null,
          keyVariable: 'MIDWATCH_REPORT_KEY',
          isTimestamped: true,
        },
        schedules: [
          {
            name: 'monthly-audit',
            preset: 'AUDITOR',
            per: 'month',
            fleet: 'prod-eu',
            timeZone: 'Europe/Berlin',
            agents: ['loan-officer'],
            riskClasses: ['HIGH_RISK'],
          },
        ],
      },
    });
  });

  it('keep every digit of a price', () => {
    const { prices } = read('prices:\n- {model: a, input: 0.100000, output: 123456.000001}');
    expect(prices).toMatchObject([
      { input: '0.100000', output: '123456.000001', validFromMs: -Infinity, provider: null },
    ]);
  });

  it('say what is kept for ever and what is learned', () => {
    const settings = read('retention: {minute_rollups: forever, hour_rollups: 1d}\nstatus: {silent_after: 90s}');
    expect(settings.retention).toMatchObject({ minuteRollups: null, hourRollups: DAY_MS });
    expect(settings.status.silentAfterMs).toBe(90_000);
  });

  it('may repeat themselves by alias', () => {
    const { sampling } = read(
      'sampling:\n  rules:\n  - {risk_class: admin, agents: &ops [ops-*]}\n  - {risk_class: routine, tools: *ops}',
    );
    expect(sampling.rules.map(({ agents, tools }) => agents ?? tools)).toEqual([['ops-*'], ['ops-*']]);
  });

  it('take keys that objects have already as names of the user', () => {
    const { providers } = read('providers:\n- {kind: openai, key_env: K, keys: {__proto__: [a], constructor: [b]}}');
    expect(Object.entries(providers[0]?.keys ?? {})).toEqual([
      ['__proto__', ['a']],
      ['constructor', ['b']],
    ]);
  });
});

describe('a mistake is told with its line and what to write', () => {
  it.each([
    ['metric: []', '2:3: agent_monitoring: unknown key "metric": did you mean metrics?'],
    ['metrics: [decision_latncy_p95]', 'there is no metric "decision_latncy_p95": did you mean decision_latency_p95?'],
    ['metrics: [error_rate_p95]', 'error_rate is one figure and has no p95: write error_rate'],
    ['metrics: [frobnication]', 'there is no metric "frobnication": the metrics are decisions, error_rate'],
    ['metrics: cost', 'must be a list such as [decision_latency_p95], but is a single value'],
    ['alerting: [{}]', '2:14: agent_monitoring.alerting[0].condition: is missing: write what is wrong'],
    ['alerting: [token_usage > 5]', 'must be keys with values, of condition, name, severity, window, for,'],
    ['alerting: [{condition: token_usage = 5}]', 'with one of the operators >, >=, <, <='],
    [
      'alerting: [{condition: decision_latency_p95 > 2000}]',
      '"2000" is not what decision_latency_p95 is compared with: write a time',
    ],
    ['alerting: [{condition: error_rate > 5}]', 'write a share from 0 to 1 such as 10% or 0.1'],
    ['alerting: [{condition: token_usage > 5s}]', 'write a number without a unit'],
    ['alerting: [{condition: cost > 5%}]', 'write US dollars such as $5 or 0.25'],
    [
      'alerting: [{condition: cost > 5, severity: CRITICAL}]',
      '"CRITICAL" is not one of info, warning, critical: did you mean critical?',
    ],
    [
      'sampling: {routine_query: 10%}',
      '2:14: agent_monitoring.sampling: unknown key "routine_query": did you mean routine_queries?',
    ],
    ['sampling: {routine_queries: 10}', '2:31: agent_monitoring.sampling.routine_queries: "10" is not a share'],
    ['sampling: {routine_queries: 101%}', '"101%" is not a share'],
    ['sampling: {routine_queries: [1]}', 'must be a share from 0 to 1 such as 10% or 0.1, but is a list'],
    ['sampling: {rules: [{agents: [a]}]}', 'rules[0].risk_class: is missing: write high_risk, routine or admin'],
    ['sampling: {rules: [{risk_class: high, agents: [a]}]}', '"high" is not one of high_risk, routine, admin'],
    [
      'sampling: {rules: [{risk_class: admin}]}',
      "the rule has no condition: give it agents, request_types, tools, attributes; agents: ['*'] for all",
    ],
    ['sampling: {rules: [{risk_class: admin, tools: []}]}', 'the list is empty'],
    [
      'sampling: {rules: [{risk_class: admin, agents: ops-*}]}',
      'must be a list such as [fraud-*], but is a single value',
    ],
    [
      'sampling: {rules: [{risk_class: admin, attributes: [a]}]}',
      'must be keys with values such as {customer.tier: gold*}, but is a list',
    ],
    [
      'retention: {routine_queries: 90 days}',
      '"90 days" is not a time such as 500ms, 2s, 5m, 1h, 90d or 7y, of at least 1d, or forever',
    ],
    ['retention: {routine_queries: 1h}', '"1h" is not a time'],
    ['retention: 7y', 'must be keys with values, of high_risk_decisions'],
    ['prices: [{model: "a\\0", input: 1, output: 1}]', '"a\\u0000" is not a name or a pattern such as fraud-*'],
    ['cardinality: {slices_per_day: 0}', '"0" is not a whole number from 1 to 1000000'],
    ['status: {degraded_latency_factor: 1}', '"1" is not a number above 1'],
    ['status: {silent_after: never}', '"never" is not auto, or a time'],
    ['status: {degraded_error_rate: 60%}', 'degraded_error_rate is above failing_error_rate'],
    ['prices: [{model: a, output: 1}]', 'prices[0].input: is missing: write US dollars per million tokens'],
    ['prices: [{model: a, input: $1, output: 1}]', '"$1" is not US dollars per million tokens'],
    ['prices: [{model: a, input: 1e-3, output: 1}]', '"1e-3" is not US dollars'],
    ['prices: [{model: a, input: 0.0000001, output: 1}]', 'at most 6 digits before and after the point'],
    [
      'prices: [{model: a, input: 1, output: 1, valid_from: 2026-02-30}]',
      '"2026-02-30" is not a day such as 2026-01-31',
    ],
    [
      'prices:\n- &p {model: a, input: 1, output: 1}\n- {model: a, input: 2, output: 1}',
      '4:5: agent_monitoring.prices[1]: the price of a is given twice',
    ],
    ['providers: [{kind: opnai, key_env: K}]', '"opnai" is not one of openai, anthropic, csv: did you mean openai?'],
    ['providers: [{kind: openai}]', 'key_env: is missing: write the name of the environment variable'],
    [
      'providers: [{kind: openai, key_env: K, file: a.csv}]',
      'providers[0].file: does not go with kind: openai: take it out',
    ],
    ['providers: [{kind: csv, file: a.csv, key_env: K}]', 'providers[0].key_env: does not go with kind: csv'],
    ['providers: [{kind: csv}]', 'file: is missing: write the name of the CSV file'],
    [
      'providers: [{kind: openai, key_env: K, url: "http://gateway"}]',
      'providers[0].url: must be a URL that begins with https://',
    ],
    [
      'providers: [{kind: openai, key_env: K, every: 10s}]',
      '"10s" is not a time such as 500ms, 2s, 5m, 1h, 90d or 7y, from 1m to 7d',
    ],
    ['providers: [{kind: openai, key_env: K, fleet: a b}]', '"a b": a fleet id is 1 to 63 letters'],
    [
      'providers: [{kind: openai, key_env: K}, {kind: openai, key_env: L}]',
      'providers[1]: the name openai is given twice',
    ],
    ['judge: {model: m}', 'judge.url: is missing: write the base URL of the API'],
    ['judge: {url: "https://a.b/v1"}', 'judge.model: is missing: write the name of the model that judges'],
    ['judge: {url: "ftp://a.b", model: m}', 'must be a URL that begins with https:// or http://, without a password'],
    ['judge: {url: "https://a.b", model: m, key_env: sk-canary}', 'never the key itself'],
    ['judge: {url: "https://a.b", model: m, share: 0%}', '"0%" is not a share from 0 to 1'],
    ['judge: {url: "https://a.b", model: m, daily_limit: 0}', '"0" is not a whole number of calls from 1 to 1000000'],
    ['judge: {url: "https://a.b", model: m, deadline: 500ms}', '"500ms" is not a time such as'],
    ['judge: {url: "https://a.b", model: m, agents: []}', 'judge.agents: the list is empty'],
    ['reports: {signature: {key: k.pem}}', 'reports.signature.certificates: is missing: write the name'],
    ['reports: {signature: {certificates: c.pem}}', 'reports.signature: needs one of key'],
    ['reports: {signature: {certificates: c.pem, key: k.pem, key_env: K}}', 'reports.signature: needs one of key'],
    ['reports: {signature: {certificates: c.pem, key_env: "-----BEGIN"}}', 'never the key itself'],
    [
      'reports: {signature: {certificates: c.pem, key: k.pem, timestamp: true}}',
      'reports.signature.timestamp: needs an authority to ask: write timestamps beside reports',
    ],
    ['timestamps: {roots: tsa.pem}', 'timestamps.url: is missing: write the URL of the time-stamping authority'],
    ['timestamps: {url: "https://a.b"}', 'timestamps.roots: is missing: write the name of the PEM file'],
    ['timestamps: {url: "https://u:p@a.b", roots: tsa.pem}', 'timestamps.url: must be a URL'],
    ['timestamps: {url: "https://a.b", roots: tsa.pem, every: 1s}', '"1s" is not a time such as'],
    ['budgets: [{limit: $5, per: day}]', 'budgets[0].name: is missing: write a name, by which it is told from others'],
    [
      'budgets: [{name: a, per: day}]',
      'budgets[0].limit: is missing: write US dollars such as $500, or tokens such as',
    ],
    [
      'budgets: [{name: a, limit: 500, per: day}]',
      '"500" is not US dollars such as $500, or tokens such as 20M tokens',
    ],
    ['budgets: [{name: a, limit: $0, per: day}]', '"$0" is not US dollars'],
    ['budgets: [{name: a, limit: 1.5 tokens, per: day}]', '"1.5 tokens" is not US dollars'],
    ['budgets: [{name: a, limit: $5, per: year}]', '"year" is not one of day, week, month'],
    ['budgets: [{name: a, limit: $5, per: day, warn_at: []}]', 'warn_at: the list is empty: leave the key out'],
    ['budgets: [{name: a, limit: $5, per: day, warn_at: [0%]}]', '"0%" is not a share from 0 to 1'],
    ['budgets: [{name: a, limit: $5, per: day, warn_at: [0.5, 50%]}]', 'warn_at[1]: 50% is given twice'],
    ['budgets: [{name: a, limit: $5, per: day, segments: [x]}]', 'unknown key "segments"'],
    [
      'budgets: [{name: a, limit: $5, per: day}, {name: a, limit: $9, per: week}]',
      'budgets[1]: the name a is given twice',
    ],
    ['status: {}\nstatus: {}', '3:3: agent_monitoring.status: "status" is given twice: it already stands in line 2'],
    ['status: {<<: 1}', '2:12: agent_monitoring.status: unknown key "<<"'],
    ['metrics: *x', 'no &x ends before *x'],
    ['metrics: &m [*m]', 'no &m ends before *m: write the value out'],
    ['\tmetrics: []', 'this is not YAML as it should be: Tabs are not allowed as indentation'],
  ])('%s', (section, expected) => {
    const problems = problemsOf(monitoring(section));
    expect(problems).toEqual([expect.stringContaining(expected)]);
  });

  it.each([
    ['nested', `metrics: ${'['.repeat(100_000)}`, '1:1: : values are nested more than'],
    ['long a list', `metrics: [${'cost,'.repeat(1_001)}]`, 'there are 1001 entries here: at most 1000 are read'],
    ['full of aliases', `metrics: [&c cost${',*c'.repeat(101)}]`, 'there are more than 100 aliases'],
    ['long', `# ${'x'.repeat(300_000)}`, '1:1: : the file is longer than 256 KiB'],
  ])('where it is too %s', (_, section, expected) => {
    expect(problemsOf(monitoring(section))).toEqual([expect.stringContaining(expected)]);
  });

  it('at the top', () => {
    expect(problemsOf('agent_monitorin: {}')).toEqual([
      '1:1: : unknown key "agent_monitorin": did you mean agent_monitoring?',
    ]);
    expect(problemsOf('a: 1\n---\nb: 2')).toEqual([
      '2:1: : this is not YAML as it should be: only one document is read: take out what begins here',
    ]);
    expect(problemsOf('- a')).toEqual(['1:1: : must be keys with values, of agent_monitoring, but is a list']);
  });

  it('together with all others, in the order of the file, as one refusal', () => {
    const text = SHARED.replace('10%', 'ten')
      .replace('token_usage > 5000', 'token_usage > 5 s')
      .replace('critical', 'bad');
    expect(() => readSettings(text, 'conf/m.yaml')).toThrow(
      expect.objectContaining({
        code: 'VALIDATION_FAILED',
        message: [
          'conf/m.yaml:8:32: agent_monitoring.alerting[0].condition: "5 s" is not what token_usage is compared with: write a number without a unit, such as 5000 or 10k',
          'conf/m.yaml:11:17: agent_monitoring.alerting[1].severity: "bad" is not one of info, warning, critical',
          'conf/m.yaml:16:22: agent_monitoring.sampling.routine_queries: "ten" is not a share from 0 to 1 such as 10% or 0.1',
        ].join('\n'),
      }),
    );
  });

  it('once where aliases repeat it, and never beyond a hundred', () => {
    expect(problemsOf(monitoring('metrics: [&c cots, *c, *c]'))).toHaveLength(1);
    const problems = problemsOf(monitoring(`metrics: [${'cots,'.repeat(150)}]`));
    expect(problems).toHaveLength(101);
    expect(problems.at(-1)).toContain('and 50 more problems from here on');
  });

  it('without what may be a secret', () => {
    const section = 'providers: [{kind: openai, key_env: sk-canary, url: "https://me:canary@gateway"}]';
    const problems = problemsOf(monitoring(section));
    expect(problems).toEqual([
      expect.stringContaining('must be the name of an environment variable'),
      expect.stringContaining('without a password'),
    ]);
    expect(problems.join()).not.toContain('canary');
  });
});

describe('loading settings', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'midwatch-settings-'));
  const write = (name: string, bytes: string | Buffer) => {
    writeFileSync(path.join(directory, name), bytes);
    return path.join(directory, name);
  };
  test.afterAll(() => rmSync(directory, { recursive: true }));

  it('reads the file that is named', () => {
    expect(loadSettings(write('mine.yaml', SHARED)).sampling.shares.ROUTINE).toBe(0.1);
  });

  it('misses only a file that somebody named', () => {
    expect(loadSettings(path.resolve('midwatch.yaml'))).toEqual(DEFAULT_SETTINGS);
    expect(() => loadSettings(path.join(directory, 'none.yaml'))).toThrow(/none\.yaml: there is no such file/);
  });

  it('refuses what is no text', () => {
    expect(() => loadSettings(directory)).toThrow(AppError);
    expect(() => loadSettings(write('binary', Buffer.from([0x61, 0xff])))).toThrow('it is not UTF-8 text');
    expect(() => loadSettings(write('large', 'a'.repeat(5_000_000)))).toThrow('longer than 256 KiB');
  });
});
