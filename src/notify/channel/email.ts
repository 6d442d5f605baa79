import { connect, type Socket } from 'node:net';
import { LOOPBACK } from '../../settings/url.js';
import { cut, type Notice } from '../plan/notice.js';
import { bareHost, lookupWithin, refuseLiteral } from './address.js';
import type { Channel, Verdict } from './channel.js';
import { countsOf, detailsOf, headlineOf, titleOf } from './wording.js';

export interface EmailOptions {
  /** `smtps://user:password@host` or `smtp://…`. */
  smtpUrl: URL;
  from: string;
  to: readonly string[];
  deadlineMs: number;
}

const SUBJECT_MAX = 200;
const PORTS: Readonly<Record<string, number>> = { 'smtps:': 465, 'smtp:': 587 };

/** Plain text over SMTP: nothing in it can be markup. */
export function createEmail(options: EmailOptions): Channel {
  return {
    traits: { alertsMax: 100, resendEveryMs: null, tellsAcknowledgement: false },
    send: async (notice, { key, signal }) => {
      const deadline = AbortSignal.timeout(options.deadlineMs);
      const ended = AbortSignal.any([deadline, signal]);
      try {
        const transport = await openTransport(options, ended);
        await transport.sendMail(messageOf(notice, options, key));
        return { kind: 'sent' };
      } catch (error) {
        return judge(error, deadline.aborted ? `no answer within ${options.deadlineMs / 1_000} seconds` : null);
      }
    },
  };
}

/** One connection a message, made here so that the deadline can end it wherever it stands. */
async function openTransport({ smtpUrl, deadlineMs }: EmailOptions, ended: AbortSignal) {
  // Loaded when there is a message: most installations send none.
  const { default: nodemailer } = await import('nodemailer');
  const { protocol, hostname } = smtpUrl;
  const host = bareHost(hostname);
  const port = Number(smtpUrl.port) || (PORTS[protocol] ?? 0);
  const hasPassword = smtpUrl.username !== '';
  return nodemailer.createTransport({
    host,
    port,
    secure: protocol === 'smtps:',
    // A password never goes over a network in the clear.
    requireTLS: hasPassword && !LOOPBACK.has(hostname),
    ...(hasPassword && {
      auth: { user: decodeURIComponent(smtpUrl.username), pass: decodeURIComponent(smtpUrl.password) },
    }),
    socketTimeout: deadlineMs,
    greetingTimeout: deadlineMs,
    disableFileAccess: true,
    disableUrlAccess: true,
    getSocket: (_, callback) => {
      openSocket({ host, port }, ended).then(
        (connection) => callback(null, { connection }),
        (error: Error) => callback(error),
      );
    },
  });
}

function openSocket(address: { host: string; port: number }, ended: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    refuseLiteral(address.host, 'private');
    const socket = connect({ ...address, lookup: lookupWithin('private') });
    const end = () => socket.destroy(new DOMException('the deadline has passed', 'TimeoutError'));
    ended.addEventListener('abort', end, { once: true });
    socket.once('connect', () => resolve(socket));
    socket.once('error', reject);
    socket.once('close', () => ended.removeEventListener('abort', end));
    if (ended.aborted) end();
  });
}

function messageOf(notice: Notice, { from, to }: EmailOptions, key: string) {
  const domain = from.slice(from.lastIndexOf('@') + 1);
  const lines = notice.alerts.map((alert) => `${titleOf(alert)}\n  ${detailsOf(alert)}\n`);
  return {
    from,
    to: [...to],
    subject: cut(headlineOf(notice), SUBJECT_MAX),
    text: `${headlineOf(notice)}\n${countsOf(notice)}\n\n${lines.join('\n')}`,
    // The same at every attempt: a mailbox that gets it twice can show it once. All of a group are one conversation.
    messageId: `<${key}@${domain}>`,
    references: `<group-${notice.groupKey}@${domain}>`,
    // RFC 3834: nobody's absence notice answers it.
    headers: { 'Auto-Submitted': 'auto-generated' },
  };
}

/** RFC 5321, section 4.2.1: a reply of 5yz will be the same next time, one of 4yz may not. */
function judge(error: unknown, late: string | null): Verdict {
  const { responseCode, code } = error as { responseCode?: number; code?: string };
  if (late !== null) return { kind: 'failed', reason: late, waitMs: null };
  const isPermanent = responseCode !== undefined && responseCode >= 500;
  const reason =
    responseCode === undefined ? `the connection failed${code ? ` (${code})` : ''}` : `SMTP ${responseCode}`;
  return isPermanent ? { kind: 'refused', reason } : { kind: 'failed', reason, waitMs: null };
}
