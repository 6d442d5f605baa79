import type { Value } from '../document.js';
import { type Problems, quote } from '../problem.js';
import { flag, list, type Reader, Section, single, variable } from '../reader.js';
import { networkUrl, secureUrl } from '../url.js';
import type { ChannelSetting, ReceiverSetting } from './settings.js';

/** PagerDuty's own address for events; accounts of the EU region have another. */
const PAGERDUTY_URL = 'https://events.pagerduty.com';

const name = single('a name of letters, digits, dots, hyphens and underscores, at most 64 of them', (text) =>
  /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(text) ? text : undefined,
);

const address = single('an address such as ops@example.com', (text) =>
  /^[^\s@<>,;:"()[\]\\\p{Cc}]{1,64}@[A-Za-z0-9.-]{1,253}$/u.test(text) ? text : undefined,
);

const addresses: Reader<readonly string[]> = (value, problems) => {
  const read = list(address, '[ops@example.com]')(value, problems);
  return value.kind === 'list' && value.items.length === 0
    ? problems.add(value, 'the list is empty: write at least one address')
    : read;
};

type Kind = ChannelSetting['kind'];

/** A reader of each channel's keys. */
const CHANNELS: Readonly<Record<Kind, Reader<ChannelSetting>>> = {
  webhook: (value, problems) => {
    const section = new Section(value, ['url', 'secret_env', 'allow_private_addresses'], problems);
    const isPrivateAllowed = section.read('allow_private_addresses', flag, false);
    const url = section.require(
      'url',
      isPrivateAllowed ? networkUrl : secureUrl,
      'write the URL that alerts are sent to',
    );
    const secret = variable('MIDWATCH_WEBHOOK_SECRET', 'secret');
    const secretVariable = section.require(
      'secret_env',
      secret,
      'write the environment variable of the signing secret',
    );
    if (url === undefined || secretVariable === undefined) return undefined;
    return { kind: 'webhook', url, secretVariable, isPrivateAllowed };
  },
  slack: (value, problems) => {
    const section = new Section(value, ['url_env', 'allow_private_addresses'], problems);
    const isPrivateAllowed = section.read('allow_private_addresses', flag, false);
    const needs = "write the environment variable of the incoming webhook's URL";
    const urlVariable = section.require('url_env', variable('SLACK_WEBHOOK_URL', 'URL'), needs);
    return urlVariable === undefined ? undefined : { kind: 'slack', urlVariable, isPrivateAllowed };
  },
  pagerduty: (value, problems) => {
    const section = new Section(value, ['routing_key_env', 'url'], problems);
    const needs = "write the environment variable of the integration's key";
    const key = section.require('routing_key_env', variable('PAGERDUTY_ROUTING_KEY', 'key'), needs);
    const url = section.read('url', secureUrl, PAGERDUTY_URL);
    return key === undefined ? undefined : { kind: 'pagerduty', routingKeyVariable: key, url };
  },
  email: (value, problems) => {
    const section = new Section(value, ['smtp_env', 'from', 'to'], problems);
    const needs = 'write the environment variable that holds smtps://user:password@host';
    const smtpVariable = section.require('smtp_env', variable('MIDWATCH_SMTP_URL', 'URL'), needs);
    const from = section.require('from', address, 'write the address that mail comes from');
    const to = section.require('to', addresses, 'write who gets the mail, such as [ops@example.com]');
    if (smtpVariable === undefined || from === undefined || to === undefined) return undefined;
    return { kind: 'email', smtpVariable, from, to };
  },
  alertmanager: (value, problems) => {
    const section = new Section(value, ['url'], problems);
    const url = section.require('url', networkUrl, 'write its URL, such as http://alertmanager:9093');
    return url === undefined ? undefined : { kind: 'alertmanager', url };
  },
};
const KINDS = Object.keys(CHANNELS) as Kind[];

/** Reads one of `receivers`: a name, and one channel under its kind. */
export const receiver: Reader<ReceiverSetting> = (value, problems) => {
  const section = new Section(value, ['name', ...KINDS], problems);
  const given = section.require('name', name, 'write a name that routes can give, such as ops');
  const channel = readChannel(value, section, problems);
  return given === undefined || channel === undefined ? undefined : { name: given, channel };
};

function readChannel(value: Value, section: Section<'name' | Kind>, problems: Problems): ChannelSetting | undefined {
  const [kind, second] = KINDS.filter((each) => section.has(each));
  if (kind === undefined) {
    return value.kind === 'mapping'
      ? problems.add(value, `has no channel: give it one of ${KINDS.join(', ')}`)
      : undefined;
  }
  if (second !== undefined) {
    return problems.add(
      section.value(second),
      `a receiver has one channel, and this one has ${quote(kind)}: make another receiver of it`,
    );
  }
  return CHANNELS[kind](section.value(kind), problems);
}
