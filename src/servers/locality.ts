import { lookup as systemLookup } from 'node:dns';
import { BlockList, isIP, isIPv6, type LookupFunction } from 'node:net';

const LOCAL = new BlockList();
LOCAL.addSubnet('127.0.0.0', 8, 'ipv4');
LOCAL.addSubnet('10.0.0.0', 8, 'ipv4');
LOCAL.addSubnet('172.16.0.0', 12, 'ipv4');
LOCAL.addSubnet('192.168.0.0', 16, 'ipv4');
LOCAL.addSubnet('169.254.0.0', 16, 'ipv4');
LOCAL.addAddress('::1', 'ipv6');
LOCAL.addSubnet('fe80::', 10, 'ipv6');
LOCAL.addSubnet('fc00::', 7, 'ipv6');

/**
 * Whether an address is local: loopback, RFC 1918, link-local (RFC 3927, RFC 4291 §2.5.6), unique-local
 * (RFC 4193), and these as IPv4-mapped IPv6. Not 100.64.0.0/10 (RFC 6598): that is a provider's network.
 * @param address an IP literal without brackets, zone allowed; anything else is not local.
 */
export function isLocalAddress(address: string): boolean {
  const bare = address.split('%', 1)[0] ?? '';
  const version = isIP(bare);
  if (version === 0) return false;
  if (version === 4) return LOCAL.check(bare, 'ipv4');
  const mapped = mappedIPv4(bare);
  return mapped === undefined ? LOCAL.check(bare, 'ipv6') : LOCAL.check(mapped, 'ipv4');
}

/** `::ffff:127.0.0.1` and `::ffff:7f00:1` as `127.0.0.1`; undefined for any other IPv6 address. */
function mappedIPv4(address: string): string | undefined {
  // The URL parser writes every spelling of an IPv6 address the one way: compressed, hexadecimal.
  const match = /^\[::ffff:([0-9a-f]+):([0-9a-f]+)\]$/.exec(new URL(`http://[${address}]/`).hostname);
  if (!match) return undefined;
  const [high, low] = [Number.parseInt(match[1] ?? '', 16), Number.parseInt(match[2] ?? '', 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/**
 * Whether a name is one of a local network: `localhost`, single-label, `.local`, `.lan`, `.home.arpa`.
 * Only for texts and for what comes before DNS: whether a password may go in clear text is decided by
 * {@link isLocalAddress} on the address actually connected to.
 */
export function isLocalName(host: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, '');
  if (name === '' || isIP(name.replace(/^\[|\]$/g, '')) !== 0) return false;
  return !name.includes('.') || /\.(?:local|lan|localhost|home\.arpa)$/.test(name);
}

/** Which addresses may be connected to. */
export interface AddressGuard {
  allow(address: string): boolean;
  /** The error for a host none of whose addresses is allowed; `address` is one of them. */
  refuse(host: string, address: string): Error;
  /** @default dns.lookup */
  lookup?: LookupFunction | undefined;
}

/**
 * A `lookup` for net.connect and tls.connect that leaves out the addresses that are not allowed, after DNS and
 * before any byte is sent; with none left the connection fails with the guard's error. An address literal
 * never reaches a `lookup`: call {@link checkAddress} first.
 */
export function guardedLookup(guard: AddressGuard): LookupFunction {
  const lookup: LookupFunction = guard.lookup ?? (systemLookup as LookupFunction);
  return (host, options, callback) => {
    lookup(host, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, '', 0);
      const all = typeof found === 'string' ? [{ address: found, family: isIP(found) }] : found;
      const allowed = all.filter(({ address }) => guard.allow(address));
      const [first] = allowed;
      if (first === undefined) return callback(guard.refuse(host, all[0]?.address ?? host), '', 0);
      if (options.all) return callback(null, allowed);
      callback(null, first.address, first.family);
    });
  };
}

/**
 * For a host that is an address literal (with or without brackets): throws the guard's error where the address
 * is not allowed. Names pass: {@link guardedLookup} sees them.
 */
export function checkAddress(host: string, guard: Pick<AddressGuard, 'allow' | 'refuse'>): void {
  const literal = host.replace(/^\[|\]$/g, '');
  if (isIP(literal) === 0 && !isIPv6(literal)) return;
  if (!guard.allow(literal)) throw guard.refuse(host, literal);
}
