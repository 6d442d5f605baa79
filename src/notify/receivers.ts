import { AppError } from '../errors.js';
import type { ChannelSetting, ReceiverSetting } from '../settings/notification/settings.js';
import type { Reach } from './channel/address.js';
import { createAlertmanager } from './channel/alertmanager.js';
import type { Channel } from './channel/channel.js';
import { createEmail } from './channel/email.js';
import { createPagerduty } from './channel/pagerduty.js';
import { createSlack } from './channel/slack.js';
import { createWebhook } from './channel/webhook.js';

export interface Receiver {
  name: string;
  channel: Channel;
}

export interface ReceiverOptions {
  /** What a variable of the environment holds. */
  secretOf: (variable: string) => string | undefined;
  /** How long one attempt may take, in milliseconds; each channel has a default. */
  deadlineMs?: number;
}

const HTTP_DEADLINE_MS = 5_000;
/** Mail servers keep strangers waiting on purpose. */
const MAIL_DEADLINE_MS = 30_000;

/**
 * The receivers of the settings with what opens them. Throws VALIDATION_FAILED with a line for each variable that is not
 * set or does not hold what it should, without what it holds: nobody should learn of that when an alert fires.
 */
export function createReceivers(settings: readonly ReceiverSetting[], options: ReceiverOptions): readonly Receiver[] {
  const problems: string[] = [];
  const receivers = settings.flatMap(({ name, channel }) => {
    try {
      return [{ name, channel: createChannel(channel, options) }];
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      problems.push(`notifications: receiver ${name}: ${error.message}`);
      return [];
    }
  });
  if (problems.length > 0) throw new AppError('VALIDATION_FAILED', problems.join('\n'));
  return receivers;
}

type SecretOf = ReceiverOptions['secretOf'];

function createChannel(setting: ChannelSetting, { secretOf, deadlineMs: given }: ReceiverOptions): Channel {
  const deadlineMs = given ?? (setting.kind === 'email' ? MAIL_DEADLINE_MS : HTTP_DEADLINE_MS);
  switch (setting.kind) {
    case 'webhook': {
      const secret = readSigningSecret(setting.secretVariable, secretOf);
      return createWebhook({ url: setting.url, secret, reach: reachOf(setting), deadlineMs });
    }
    case 'slack': {
      const protocols = setting.isPrivateAllowed ? ['https:', 'http:'] : ['https:'];
      const { href: url } = readUrl(setting.urlVariable, protocols, secretOf);
      return createSlack({ url, reach: reachOf(setting), deadlineMs });
    }
    case 'pagerduty': {
      const routingKey = readVariable(setting.routingKeyVariable, secretOf);
      return createPagerduty({ url: setting.url, routingKey, deadlineMs });
    }
    case 'email': {
      const smtpUrl = readUrl(setting.smtpVariable, ['smtps:', 'smtp:'], secretOf);
      return createEmail({ smtpUrl, from: setting.from, to: setting.to, deadlineMs });
    }
    case 'alertmanager':
      return createAlertmanager({ url: setting.url, deadlineMs });
  }
}

function reachOf({ isPrivateAllowed }: { isPrivateAllowed: boolean }): Reach {
  return isPrivateAllowed ? 'private' : 'public';
}

function readVariable(variable: string, secretOf: SecretOf): string {
  const value = secretOf(variable)?.trim();
  if (value === undefined || value === '') throw new AppError('VALIDATION_FAILED', `${variable} is not set`);
  return value;
}

function readUrl(variable: string, protocols: readonly string[], secretOf: SecretOf): URL {
  const value = readVariable(variable, secretOf);
  const url = URL.canParse(value) ? new URL(value) : null;
  if (url !== null && protocols.includes(url.protocol) && url.hostname !== '') return url;
  throw new AppError('VALIDATION_FAILED', `${variable} is not a URL that begins with ${protocols.join('// or ')}//`);
}

/** As Standard Webhooks writes it: `whsec_` and 24 to 64 bytes in base64. */
function readSigningSecret(variable: string, secretOf: SecretOf): Uint8Array {
  const [, encoded] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(readVariable(variable, secretOf)) ?? [];
  const secret = Buffer.from(encoded ?? '', 'base64');
  if (secret.length >= 24 && secret.length <= 64) return secret;
  const form = 'whsec_ and 24 to 64 random bytes in base64, such as what "openssl rand -base64 32" prints';
  throw new AppError('VALIDATION_FAILED', `${variable} is not ${form}`);
}
