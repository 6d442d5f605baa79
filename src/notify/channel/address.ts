import { lookup as lookUp } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** Where a channel may connect to: the internet, or one's own network as well. */
export type Reach = 'public' | 'private';

/** 64:ff9b::/96 stands for IPv4 in networks that have none of it (RFC 6052): what lies behind it is judged as IPv4. */
const NAT64 = '64:ff9b::';

/** The network ranges, as `address/bits`; IPv4 ones also as they are written in IPv6, mapped or by NAT64. */
function rangesOf(...ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', bits] = range.split('/');
    list.addSubnet(address, Number(bits), isIP(address) === 4 ? 'ipv4' : 'ipv6');
    if (isIP(address) === 4) list.addSubnet(`${NAT64}${address}`, 96 + Number(bits), 'ipv6');
  }
  return list;
}

/** Loopback, networks of one's own, and carriers' shared addresses (RFC 1918, 4193, 6598). */
const PRIVATE = rangesOf(
  ...['10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '::1/128', 'fc00::/7'],
);

/** What nobody listens at, and link-local addresses: clouds give out credentials there (IANA's special-purpose registries). */
const NEVER = rangesOf(
  ...['0.0.0.0/8', '169.254.0.0/16', '192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '198.18.0.0/15'],
  ...['198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
  ...['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'],
);
/** IPv6 that is global unicast, or stands for IPv4. */
const GLOBAL_V6 = rangesOf('2000::/3', '::ffff:0:0/96', `${NAT64}/96`);

/** An error of the kind that a socket passes on; its message says which host it is about and nothing else. */
export class UnreachableAddress extends Error {
  readonly code = 'EADDRREFUSED';

  constructor(host: string) {
    super(`${host} is a private, loopback or link-local address, which this receiver may not reach`);
  }
}

/** Whether an IP address, with or without a zone, may be connected to. What is no address may not. */
export function isReachable(address: string, reach: Reach): boolean {
  const bare = address.replace(/%.*$/, '');
  const version = isIP(bare);
  if (version === 0) return false;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  if (NEVER.check(bare, family)) return false;
  if (PRIVATE.check(bare, family)) return reach === 'private';
  return version === 4 || GLOBAL_V6.check(bare, family);
}

/** A host without the brackets that URLs put around IPv6. */
export function bareHost(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '');
}

/** Throws UnreachableAddress for a host that is an IP address which may not be connected to; sockets do not look those up. */
export function refuseLiteral(hostname: string, reach: Reach): void {
  const address = bareHost(hostname);
  if (isIP(address) !== 0 && !isReachable(address, reach)) throw new UnreachableAddress(address);
}

/**
 * Name resolution for a socket: it fails with UnreachableAddress unless every address of the name may be connected to. The socket
 * connects to what was checked, so that a name which resolves differently the next time gains nothing.
 */
export function lookupWithin(reach: Reach): LookupFunction {
  return (hostname, options, callback) => {
    lookUp(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, '');
      const wrong = found.find(({ address }) => !isReachable(address, reach));
      if (wrong !== undefined) return callback(new UnreachableAddress(hostname), '');
      if (options.all) return callback(null, found);
      const [first] = found;
      return callback(null, first?.address ?? '', first?.family);
    });
  };
}
