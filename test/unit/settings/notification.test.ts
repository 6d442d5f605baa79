import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkSettings, readSettings } from '../../../src/settings/read.js';

const MINUTE_MS = 60_000;

/** The lines of the section, indented under `notifications`. */
const section = (lines: string) => `agent_monitoring:\n  notifications:\n${lines.replaceAll(/^/gm, '    ')}`;
const read = (lines: string) => readSettings(section(lines), 'midwatch.yaml').notifications;
const problemsOf = (lines: string) =>
  checkSettings(section(lines), 'midwatch.yaml').problems.map(
    ({ line, column, key, message }) => `${line}:${column}: ${key}: ${message}`,
  );

describe('notifications', () => {
  it('are those of the documentation', () => {
    const page = readFileSync(path.resolve(import.meta.dirname, '../../../docs/CONFIGURATION.md'), 'utf8');
    const [, example = ''] = /```yaml\n([\s\S]*?)```/.exec(page) ?? [];
    const route = {
      groupBy: ['alertname', 'agent'],
      groupWaitMs: 10_000,
      groupIntervalMs: MINUTE_MS,
      repeatIntervalMs: 240 * MINUTE_MS,
      isContinued: false,
    };
    expect(readSettings(example, 'midwatch.yaml').notifications).toEqual({
      receivers: [
        {
          name: 'risk',
          channel: {
            kind: 'webhook',
            url: 'https://hooks.example.com/midwatch',
            secretVariable: 'MIDWATCH_WEBHOOK_SECRET',
            isPrivateAllowed: false,
          },
        },
        { name: 'chat', channel: { kind: 'slack', urlVariable: 'SLACK_WEBHOOK_URL', isPrivateAllowed: false } },
        {
          name: 'pager',
          channel: {
            kind: 'pagerduty',
            routingKeyVariable: 'PAGERDUTY_ROUTING_KEY',
            url: 'https://events.pagerduty.com',
          },
        },
        {
          name: 'office',
          channel: {
            kind: 'email',
            smtpVariable: 'MIDWATCH_SMTP_URL',
            from: 'midwatch@example.com',
            to: ['ops@example.com'],
          },
        },
        { name: 'prometheus', channel: { kind: 'alertmanager', url: 'http://alertmanager:9093' } },
      ],
      routes: [
        { ...route, match: { severity: 'critical', agent: 'fraud-*' }, receivers: ['pager', 'risk'] },
        { ...route, match: {}, receivers: ['chat'] },
      ],
      maintenance: [
        {
          match: { agent: 'kyc-*' },
          period: { kind: 'daily', fromMinute: 120, untilMinute: 180 },
          reason: 'nightly import',
        },
        {
          match: {},
          period: { kind: 'once', fromMs: Date.UTC(2026, 11, 24, 18), untilMs: Date.UTC(2026, 11, 24, 20) },
          reason: null,
        },
      ],
      inhibit: [{ source: { severity: 'critical' }, target: { severity: 'warning' }, equal: ['agent'] }],
      heartbeat: { url: 'https://hc-ping.com/0b9c1e7e', everyMs: MINUTE_MS },
    });
  });

  it('reach addresses within the network, without TLS, only where the receiver allows it', () => {
    const { receivers } = read(`receivers:
- {name: a, webhook: {url: "http://hooks.internal/", secret_env: S, allow_private_addresses: true}}
routes: [{receivers: [a]}]`);
    expect(receivers[0]?.channel).toMatchObject({ url: 'http://hooks.internal/', isPrivateAllowed: true });
  });
});

const OPS = 'receivers: [{name: ops, slack: {url_env: SLACK_URL}}]\n';

describe('a mistake in notifications is told with its line and what to write', () => {
  it.each([
    ['recievers: []', '3:5: agent_monitoring.notifications: unknown key "recievers": did you mean receivers?'],
    ['receivers: [{name: ops}]', 'receivers[0]: has no channel: give it one of webhook, slack, pagerduty, email'],
    ['receivers: [{name: ops, slak: {}}]', 'receivers[0]: unknown key "slak": did you mean slack?'],
    ['receivers: [{name: "a b", slack: {url_env: U}}]', '"a b" is not a name of letters, digits, dots'],
    [
      `${OPS}routes: [{receivers: [opps]}]`,
      '4:27: agent_monitoring.notifications.routes[0].receivers[0]: is not the name of one of receivers: did you mean ops?',
    ],
    [`${OPS}routes: [{match: {severity: CRITICAL}, receivers: [ops]}]`, 'did you mean critical?'],
    [`${OPS}routes: [{receivers: [ops]}, {match: {agent: a}, receivers: [ops]}]`, 'routes[1]: is never reached'],
    [`${OPS}routes: [{receivers: [ops], repeat_interval: 10s}]`, '"10s" is not a time such as 500ms, 2s'],
    [`${OPS}routes: [{receivers: [ops], continue: yes}]`, '"yes" is not true or false'],
    [OPS, 'routes: nobody would be told: write [{receivers: [ops]}]'],
    ['maintenance: [{daily: 02:00-02:00}]', '"02:00-02:00" is not two times of the day in UTC such as 02:00-03:00'],
    ['maintenance: [{daily: 02:00-25:00}]', '"02:00-25:00" is not two times of the day'],
    ['maintenance: [{from: 2026-12-24, until: 2026-12-25T00:00Z}]', '"2026-12-24" is not a moment such as'],
    ['maintenance: [{from: 2026-12-25T00:00Z, until: 2026-12-24T00:00Z}]', 'maintenance[0].until: is not after from'],
    ['maintenance: [{daily: 02:00-03:00, until: 2026-12-24T00:00Z}]', 'until: does not go with daily'],
    ['inhibit: [{source: {severity: critical}}]', 'inhibit[0].target: is missing: write which alerts they mute'],
    ['heartbeat: {url: "https://a.example/", every: 100ms}', '"100ms" is not a time such as'],
  ])('%s', (lines, expected) => {
    expect(problemsOf(lines)).toContainEqual(expect.stringContaining(expected));
  });

  it('gives a receiver one channel', () => {
    const lines =
      'receivers: [{name: a, slack: {url_env: U}, alertmanager: {url: "http://a"}}]\nroutes: [{receivers: [a]}]';
    expect(problemsOf(lines)).toEqual([
      expect.stringContaining('a receiver has one channel, and this one has "slack"'),
    ]);
  });

  it('never quotes what may be a secret', () => {
    const lines = `receivers:
- {name: a, webhook: {url: "https://me:canary@hooks.example", secret_env: whsec_canary=}}
- {name: b, slack: {url_env: "https://hooks.slack.example/canary"}}
- {name: c, pagerduty: {routing_key_env: canary-key}}
- {name: d, email: {smtp_env: "smtps://me:canary@mail", from: a@b.c, to: [a@b.c]}}
routes: [{receivers: [a, b, c, d]}]`;
    const problems = problemsOf(lines);
    expect(problems).toHaveLength(5);
    expect(problems.join()).not.toContain('canary');
  });
});
