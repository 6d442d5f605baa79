import { expect, test } from 'vitest';
import { isReachable, refuseLiteral } from '../../../src/notify/channel/address.js';

test.each(['93.184.216.34', '2606:2800:220:1::1', '::ffff:93.184.216.34', '64:ff9b::5db8:d822'])(
  'the internet: %s',
  (address) => {
    expect([isReachable(address, 'public'), isReachable(address, 'private')]).toEqual([true, true]);
  },
);

test.each([
  ...['127.0.0.1', '127.1.2.3', '10.0.0.1', '172.31.255.255', '192.168.1.1', '100.64.0.1', '::1', 'fd00::1'],
  ...['::ffff:127.0.0.1', '::ffff:7f00:1', '64:ff9b::a00:1', '::1%lo'],
])("one's own network, only where it is allowed: %s", (address) => {
  expect([isReachable(address, 'public'), isReachable(address, 'private')]).toEqual([false, true]);
});

test.each([
  ...['169.254.169.254', '::ffff:169.254.169.254', '64:ff9b::a9fe:a9fe', 'fe80::1', 'fe80::1%eth0', '0.0.0.0', '::'],
  ...['224.0.0.1', '255.255.255.255', 'ff02::1', '2002:7f00:1::', '2001::1', '2001:db8::1', 'localhost', ''],
])('nowhere: %j', (address) => {
  expect([isReachable(address, 'public'), isReachable(address, 'private')]).toEqual([false, false]);
});

test.each(['http://127.1/', 'http://0x7f000001/', 'http://2130706433/', 'http://[::1]/', 'http://[::ffff:a00:1]/'])(
  'an address in disguise is one: %s',
  (url) => {
    const { hostname } = new URL(url);
    expect(() => refuseLiteral(hostname, 'public')).toThrow('which this receiver may not reach');
    expect(() => refuseLiteral(hostname, 'private')).not.toThrow();
  },
);
