import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Channel } from '../../src/notify/channel/channel.js';
import type { Notice } from '../../src/notify/plan/notice.js';
import { createReceivers } from '../../src/notify/receivers.js';
import type { ChannelSetting } from '../../src/settings/notification/settings.js';
import { alertOf, NOW, resolved } from '../support/alert.js';
import { type ReceivedRequest, type ReceiverServer, startReceiver } from '../support/receiver-server.js';
import { startSmtpServer } from '../support/smtp-server.js';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const DEADLINE_MS = 300;

let receiver: ReceiverServer;
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

const HOSTILE = 'a <!channel> & *b*\n\u202eevil\u0000';
const hostile = alertOf({ labels: { agent: HOSTILE }, summary: `${HOSTILE} is failing` });

function noticeOf(over: Partial<Notice> = {}): Notice {
  const alerts = over.alerts ?? [hostile];
  return {
    fleet: 'default',
    receiver: 'ops',
    groupKey: 'c0ffee',
    groupLabels: { alertname: 'HighErrorRate', agent: HOSTILE },
    status: 'FIRING',
    atMs: NOW,
    alerts,
    firingCount: alerts.length,
    resolvedCount: 0,
    quietCount: 0,
    ...over,
  };
}

function channelOf(channel: ChannelSetting, secret = ''): Channel {
  const [made] = createReceivers([{ name: 'ops', channel }], { secretOf: () => secret, deadlineMs: DEADLINE_MS });
  if (made === undefined) throw new Error('no receiver');
  return made.channel;
}
const attempt = { key: 'msg_1', nowMs: NOW, signal: new AbortController().signal };

const webhook = (over: Partial<Extract<ChannelSetting, { kind: 'webhook' }>> = {}) =>
  channelOf(
    { kind: 'webhook', url: `${receiver.url}/hook`, secretVariable: 'S', isPrivateAllowed: true, ...over },
    SECRET,
  );

describe('a webhook', () => {
  it('is versioned JSON with everything that is known of the alerts', async () => {
    const alert = resolved(alertOf({ victims: ['kyc'] }), NOW + 1);
    const notice = noticeOf({ alerts: [alert], status: 'RESOLVED', firingCount: 0, resolvedCount: 3 });
    expect(await webhook().send(notice, attempt)).toEqual({ kind: 'sent' });
    expect(receiver.requests[0]?.body).toEqual({
      type: 'alerts.resolved',
      timestamp: '2026-11-28T10:00:00.000Z',
      data: {
        version: 1,
        fleet: 'default',
        receiver: 'ops',
        groupKey: 'c0ffee',
        groupLabels: { alertname: 'HighErrorRate', agent: HOSTILE },
        firingCount: 0,
        resolvedCount: 3,
        quietCount: 0,
        omittedCount: 2,
        alerts: [
          {
            id: 'a1',
            rule: 'HighErrorRate',
            condition: 'error_rate > 5%',
            severity: 'CRITICAL',
            state: 'RESOLVED',
            labels: { alertname: 'HighErrorRate', agent: 'billing', severity: 'critical', fleet: 'default' },
            summary: 'error_rate of billing is 12%, above 5%',
            value: 0.12,
            threshold: 0.05,
            firedAt: '2026-11-28T10:00:00.000Z',
            resolvedAt: '2026-11-28T10:00:00.001Z',
            acknowledgedAt: null,
            decisionIds: ['d1'],
            victims: ['kyc'],
          },
        ],
      },
    });
  });

  it('is signed as Standard Webhooks says', async () => {
    await webhook().send(noticeOf(), attempt);
    const { headers, text } = receiver.requests[0] as ReceiverServer['requests'][number];
    expect(headers).toMatchObject({ 'webhook-id': 'msg_1', 'webhook-timestamp': String(NOW / 1_000) });
    const key = Buffer.from(SECRET.slice('whsec_'.length), 'base64');
    const signature = createHmac('sha256', key)
      .update(`msg_1.${NOW / 1_000}.${text}`)
      .digest('base64');
    expect(headers['webhook-signature']).toBe(`v1,${signature}`);
  });

  it.each([
    [{ status: 204 }, { kind: 'sent' }],
    [
      { status: 302, headers: { location: '/elsewhere' } },
      { kind: 'failed', waitMs: null },
    ],
    [
      { status: 400, body: 'no\u0000such\u001b[31m field' },
      { kind: 'refused', reason: 'status 400: no such [31m field' },
    ],
    [{ status: 404 }, { kind: 'refused', reason: 'status 404' }],
    [{ status: 408 }, { kind: 'failed' }],
    [{ status: 410 }, { kind: 'gone' }],
    [
      { status: 429, headers: { 'retry-after': '7' } },
      { kind: 'failed', waitMs: 7_000 },
    ],
    [
      { status: 503, headers: { 'retry-after': 'Sat, 28 Nov 2026 10:01:00 GMT' } },
      { kind: 'failed', waitMs: 60_000 },
    ],
    [
      { status: 500, body: 'x'.repeat(100_000) },
      { kind: 'failed', reason: `status 500: ${'x'.repeat(200)}` },
    ],
    ['hang', { kind: 'failed', reason: 'no answer within 0.3 seconds' }],
  ] as const)('answered %j comes to %j', async (reaction, verdict) => {
    receiver.reactions = [reaction];
    expect(await webhook().send(noticeOf(), attempt)).toMatchObject(verdict);
    expect(receiver.requests).toHaveLength(1);
  });

  it('does not connect to private addresses unless it may, however they are written', async () => {
    for (const host of ['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]', '2130706433']) {
      const url = `http://${host}:${receiver.port}/`;
      expect(await webhook({ url, isPrivateAllowed: false }).send(noticeOf(), attempt)).toMatchObject({
        kind: 'refused',
        reason: expect.stringContaining('may not reach'),
      });
    }
    expect(receiver.requests).toEqual([]);
    expect(await webhook({ url: `http://localhost:${receiver.port}/` }).send(noticeOf(), attempt)).toEqual({
      kind: 'sent',
    });
  });

  it('fails where nobody listens', async () => {
    const { url } = receiver;
    await receiver.close();
    expect(await webhook({ url }).send(noticeOf(), attempt)).toMatchObject({
      kind: 'failed',
      reason: 'the connection failed (ECONNREFUSED)',
    });
  });
});

describe('Slack', () => {
  const slack = () =>
    channelOf({ kind: 'slack', urlVariable: 'U', isPrivateAllowed: true }, `${receiver.url}/T0/canary`);

  it('gets blocks of plain text in which nobody is mentioned', async () => {
    expect(await slack().send(noticeOf({ firingCount: 40 }), attempt)).toEqual({ kind: 'sent' });
    const { blocks, text } = receiver.requests[0]?.body ?? {};
    expect(text).toContain('FIRING: alertname HighErrorRate, agent a &lt;!channel&gt; &amp; *b* evil');
    expect(blocks[0]).toMatchObject({ type: 'header', text: { type: 'plain_text', emoji: false } });
    expect(blocks[1].text.text).toContain(
      'CRITICAL HighErrorRate: a &lt;!channel&gt; &amp; *b* evil  is failing\nsince',
    );
    expect(blocks.at(-1)).toMatchObject({
      type: 'context',
      elements: [{ type: 'plain_text', text: '40 firing; 39 of them are not listed' }],
    });
    expect(JSON.stringify(blocks)).not.toMatch(/mrkdwn|\u202e|\\u0000/);
  });

  it('gets figures with their units, nothing twice, and the worst decisions', async () => {
    const rule = 'decision_latency_p95 > 2s';
    const text = { rule, condition: rule, summary: `${rule} for kyc: 3.27 s`, value: 3_269.071, threshold: 2_000 };
    const alert = alertOf({ ...text, decisionIds: ['d1', 'd2', 'd3', 'd4', 'd5'] });
    await slack().send(noticeOf({ alerts: [alert], groupLabels: { agent: 'kyc', alertname: rule } }), attempt);
    const { blocks } = receiver.requests[0]?.body ?? {};
    expect(blocks[0].text.text).toContain('FIRING: alertname decision_latency_p95 &gt; 2s, agent kyc');
    expect(blocks[1].text.text).toBe(
      'CRITICAL decision_latency_p95 &gt; 2s for kyc: 3.27 s\nsince 2026-11-28T10:00:00.000Z; decisions d1, d2, d3 and 2 more',
    );
  });

  it('gets no more than its blocks hold, cut before an escape', async () => {
    await slack().send(noticeOf({ groupLabels: { agent: '&'.repeat(1_000) } }), attempt);
    const header = receiver.requests[0]?.body.blocks[0].text.text as string;
    expect(header.length).toBeLessThanOrEqual(150);
    expect(header).toMatch(/&amp;…$/);
  });

  it('does not have its URL in a reason', async () => {
    receiver.reactions = [{ status: 400, body: `no such hook: ${receiver.url}/T0/canary, /T0/canary` }];
    const verdict = await slack().send(noticeOf(), attempt);
    expect(verdict).toMatchObject({ kind: 'refused', reason: expect.stringContaining('no such hook') });
    expect(JSON.stringify(verdict)).not.toContain('canary');
  });
});

describe('PagerDuty', () => {
  const pagerduty = () => channelOf({ kind: 'pagerduty', routingKeyVariable: 'K', url: receiver.url }, 'R0UT1NGKEY');

  it('gets one incident a group: triggered, acknowledged, resolved', async () => {
    receiver.usual = { status: 202 };
    for (const status of ['FIRING', 'ACKNOWLEDGED', 'RESOLVED'] as const) {
      expect(await pagerduty().send(noticeOf({ status }), attempt)).toEqual({ kind: 'sent' });
    }
    expect(receiver.requests.map(({ path, body }) => [path, body.event_action, body.dedup_key])).toEqual([
      ['/v2/enqueue', 'trigger', 'midwatch-c0ffee'],
      ['/v2/enqueue', 'acknowledge', 'midwatch-c0ffee'],
      ['/v2/enqueue', 'resolve', 'midwatch-c0ffee'],
    ]);
    expect(receiver.requests[0]?.body).toMatchObject({
      routing_key: 'R0UT1NGKEY',
      payload: {
        severity: 'critical',
        class: 'HighErrorRate',
        group: 'default',
        timestamp: '2026-11-28T10:00:00.000Z',
        custom_details: { counts: '1 firing' },
      },
    });
  });

  it('gets a summary of what it takes', async () => {
    const alert = alertOf({ summary: '\u{1f525}'.repeat(2_000) });
    const { summary } = await pagerduty()
      .send(noticeOf({ alerts: [alert] }), attempt)
      .then(() => receiver.requests[0]?.body.payload);
    expect(summary.length).toBeLessThanOrEqual(1_024);
    expect(summary.isWellFormed()).toBe(true);
  });
});

describe('Alertmanager', () => {
  const alertmanager = () => channelOf({ kind: 'alertmanager', url: `${receiver.url}/am/` });

  it('gets alerts that run out unless they are sent again, and those that are over', async () => {
    const alerts = [alertOf({ labels: { agent: 'billing', 'k8s.pod': 'p', empty: '' } }), resolved(alertOf(), NOW + 5)];
    expect(await alertmanager().send(noticeOf({ alerts }), attempt)).toEqual({ kind: 'sent' });
    expect(receiver.requests[0]?.path).toBe('/am/api/v2/alerts');
    expect(receiver.requests[0]?.body).toEqual([
      {
        labels: { alertname: 'HighErrorRate', agent: 'billing', k8s_pod: 'p', severity: 'critical', fleet: 'default' },
        annotations: {
          summary: 'error_rate of billing is 12%, above 5%',
          value: '0.12',
          threshold: '0.05',
          decisions: 'd1',
        },
        startsAt: '2026-11-28T10:00:00.000Z',
        endsAt: '2026-11-28T10:04:00.000Z',
      },
      expect.objectContaining({ endsAt: '2026-11-28T10:00:00.005Z' }),
    ]);
  });
});

describe('e-mail', () => {
  const start = async () => {
    const server = await startSmtpServer();
    const setting = {
      kind: 'email',
      smtpVariable: 'U',
      from: 'midwatch@example.com',
      to: ['ops@example.com'],
    } as const;
    return { server, channel: channelOf(setting, `smtp://127.0.0.1:${server.port}`) };
  };

  it('is plain text with a name that stays the same, and no header can be put into it', async () => {
    const { server, channel } = await start();
    const alert = alertOf({ summary: 'over\r\nBcc: everybody@example.com' });
    const groupLabels = { agent: 'x\r\nBcc: everybody@example.com' };
    expect(await channel.send(noticeOf({ alerts: [alert], groupLabels }), attempt)).toEqual({ kind: 'sent' });
    const [head = '', text = ''] = (server.messages[0] ?? '').split('\r\n\r\n', 2);
    expect(server.recipients).toEqual(['ops@example.com']);
    expect(head).toContain('Message-ID: <msg_1@example.com>');
    expect(head).toContain('References: <group-c0ffee@example.com>');
    expect(head).toContain('Auto-Submitted: auto-generated');
    expect(head).toContain('Content-Type: text/plain');
    expect(head).not.toMatch(/^Bcc:/m);
    expect(text).toContain('1 firing');
    await server.close();
  });

  it.each([
    ['RCPT', '550 no such mailbox', { kind: 'refused', reason: 'SMTP 550' }],
    ['RCPT', '450 come back later', { kind: 'failed', reason: 'SMTP 450' }],
    ['MESSAGE', '', { kind: 'failed', reason: 'no answer within 0.3 seconds' }],
    ['CONNECT', '', { kind: 'failed', reason: 'no answer within 0.3 seconds' }],
  ] as const)('%s answered %j comes to %j', async (command, reply, verdict) => {
    const { server, channel } = await start();
    server.replies = { [command]: reply };
    expect(await channel.send(noticeOf(), attempt)).toMatchObject(verdict);
    await server.close();
  });
});

describe('a password for mail', () => {
  const AUTH = `AUTH PLAIN ${Buffer.from('\0me\0s3cr:t').toString('base64')}`;
  const setting = { kind: 'email', smtpVariable: 'U', from: 'midwatch@example.com', to: ['ops@example.com'] } as const;
  const send = async (host: string, replies: Record<string, string>) => {
    const server = await startSmtpServer();
    server.replies = { EHLO: '250-mail.test\r\n250 AUTH PLAIN', AUTH: '235 come in', STARTTLS: '502 no', ...replies };
    const verdict = await channelOf(setting, `smtp://me:s3cr%3At@${host}:${server.port}`).send(noticeOf(), attempt);
    await server.close();
    return { verdict, commands: server.commands };
  };

  it('opens the mail server of this machine', async () => {
    const { verdict, commands } = await send('127.0.0.1', {});
    expect(verdict).toEqual({ kind: 'sent' });
    expect(commands).toContain(AUTH);
  });

  it('that is refused is not tried again', async () => {
    const { verdict } = await send('127.0.0.1', { AUTH: '535 no such password' });
    expect(verdict).toEqual({ kind: 'refused', reason: 'SMTP 535' });
  });

  it('never goes to another machine without TLS', async () => {
    const { verdict, commands } = await send('[::ffff:127.0.0.1]', {});
    expect(verdict.kind).not.toBe('sent');
    expect(commands.join()).not.toContain('AUTH');
  });
});

describe('the documentation', () => {
  const page = readFileSync(path.resolve(import.meta.dirname, '../../docs/NOTIFICATIONS.md'), 'utf8');
  const blockOf = (title: string, language: string) =>
    new RegExp(`^## ${title}$[^]*?^\`\`\`${language}\n([^]*?)^\`\`\`$`, 'm').exec(page)?.[1] ?? '';
  const notice = noticeOf({
    receiver: 'risk',
    groupKey: '5f0c…',
    groupLabels: { alertname: 'HighErrorRate', agent: 'billing' },
    atMs: NOW + 10_000,
    alerts: [alertOf()],
  });

  it.each([
    ['Webhook', { kind: 'webhook', secretVariable: 'S', isPrivateAllowed: true }, SECRET],
    ['Slack', { kind: 'slack', urlVariable: 'U', isPrivateAllowed: true }, null],
    ['PagerDuty', { kind: 'pagerduty', routingKeyVariable: 'K' }, '…'],
    ['Alertmanager', { kind: 'alertmanager' }, ''],
  ] as const)('of %s shows what is sent', async (title, setting, secret) => {
    const channel = channelOf({ url: receiver.url, ...setting } as ChannelSetting, secret ?? receiver.url);
    expect(await channel.send(notice, attempt)).toEqual({ kind: 'sent' });
    expect(receiver.requests[0]?.body).toEqual(JSON.parse(blockOf(title, 'json')));
  });

  it('of e-mail shows what is sent', async () => {
    const server = await startSmtpServer();
    const setting = {
      kind: 'email',
      smtpVariable: 'U',
      from: 'midwatch@example.com',
      to: ['ops@example.com'],
    } as const;
    await channelOf(setting, `smtp://127.0.0.1:${server.port}`).send(notice, attempt);
    const [head = '', text = ''] = (server.messages[0] ?? '').replaceAll('\r\n', '\n').split(/\n\n([\s\S]*)/);
    const [shownHead = '', shownText = ''] = blockOf('E-mail', '').split(/\n\n([\s\S]*)/);
    const unfolded = head.replaceAll(/\n\s+/g, ' ').split('\n');
    for (const line of shownHead.split('\n')) expect(unfolded).toContain(line);
    const plain = text.replaceAll('=\n', '').replaceAll('=3D', '=');
    expect(plain.trim()).toBe(shownText.trim());
    await server.close();
  });

  it('verifies signatures, and nothing that was changed or is old', async () => {
    const file = path.join(mkdtempSync(path.join(tmpdir(), 'midwatch-verify-')), 'verify.mjs');
    writeFileSync(file, blockOf('Webhook', 'js'));
    const { isGenuine } = await import(pathToFileURL(file).href);
    rmSync(path.dirname(file), { recursive: true });
    await webhook().send(noticeOf(), { ...attempt, nowMs: Date.now() });
    await webhook().send(noticeOf(), { ...attempt, nowMs: Date.now() - 600_000 });
    const [now, old] = receiver.requests as [ReceivedRequest, ReceivedRequest];
    expect(isGenuine(now.headers, now.text, SECRET)).toBe(true);
    expect(isGenuine(now.headers, `${now.text} `, SECRET)).toBe(false);
    expect(isGenuine({ ...now.headers, 'webhook-id': 'msg_2' }, now.text, SECRET)).toBe(false);
    expect(isGenuine(old.headers, old.text, SECRET)).toBe(false);
  });
});

describe('receivers', () => {
  it('are refused together, by name and without what their variables hold', () => {
    const settings = [
      { name: 'a', channel: { kind: 'slack', urlVariable: 'A_URL', isPrivateAllowed: false } as const },
      {
        name: 'b',
        channel: { kind: 'webhook', url: 'https://b', secretVariable: 'B_SECRET', isPrivateAllowed: false } as const,
      },
      { name: 'c', channel: { kind: 'pagerduty', routingKeyVariable: 'C_KEY', url: 'https://c' } as const },
    ];
    const held: Record<string, string> = { A_URL: 'ftp://canary', B_SECRET: 'canary' };
    expect(() => createReceivers(settings, { secretOf: (variable) => held[variable] })).toThrow(
      expect.objectContaining({
        code: 'VALIDATION_FAILED',
        message: [
          'notifications: receiver a: A_URL is not a URL that begins with https://',
          'notifications: receiver b: B_SECRET is not whsec_ and 24 to 64 random bytes in base64, such as what "openssl rand -base64 32" prints',
          'notifications: receiver c: C_KEY is not set',
        ].join('\n'),
      }),
    );
  });
});
