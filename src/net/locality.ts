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

/** Ranges that the public Internet does not route (RFC 6890). For IPv6, everything outside of 2000::/3 is added. */
const INTERNAL = new BlockList();
for (const [net, bits] of [
  // "This host": connecting to 0.0.0.0 reaches the own machine.
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const) {
  INTERNAL.addSubnet(net, bits, 'ipv4');
}

/**
 * True if an address is local: loopback, RFC 1918, link-local (RFC 3927, RFC 4291 §2.5.6), unique-local (RFC 4193),
 * and these as IPv4-mapped IPv6. 100.64.0.0/10 (RFC 6598) is a provider's network, so it is not local. The definition
 * is narrow on purpose, because passwords in clear text follow from it. For the opposite question, what must not be
 * reached inside, use {@link isInternalAddress}.
 * @param address an IP literal without brackets, zone allowed; anything else is not local.
 */
export function isLocalAddress(address: string): boolean {
  const bare = address.split('%', 1)[0] ?? '';
  const version = isIP(bare);
  if (version === 0) return false;
  if (version === 4) return LOCAL.check(bare, 'ipv4');
  const groups = groupsOf(bare);
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  return isMapped ? LOCAL.check(ipv4At(groups, 6), 'ipv4') : LOCAL.check(bare, 'ipv6');
}

/**
 * True if an address leads to this machine or into a network that is not public. That includes the unspecified
 * address, those of providers and of metadata services, multicast, and IPv4 inside IPv6: mapped, compatible and
 * translated (RFC 4291 §2.5.5, RFC 2765), NAT64 (RFC 6052, RFC 8215), 6to4, Teredo, ISATAP.
 * @param address an IP literal without brackets, zone allowed; anything else counts as internal.
 */
export function isInternalAddress(address: string): boolean {
  const bare = address.split('%', 1)[0] ?? '';
  const version = isIP(bare);
  if (version === 0) return true;
  const inside = (ipv4: string): boolean => INTERNAL.check(ipv4, 'ipv4');
  if (version === 4) return inside(bare);
  const groups = groupsOf(bare);
  const head = groups.slice(0, 6).join(' ');
  // The only ones outside of 2000::/3 that lead to public addresses.
  if (head === `0 0 0 0 0 ${0xffff}` || head === `${0x64} ${0xff9b} 0 0 0 0`)
    return inside(ipv4At(groups, 6));
  const [first = 0, second = 0] = groups;
  if (first >> 13 !== 1) return true;
  if (first === 0x2002) return inside(ipv4At(groups, 1));
  if (first === 0x2001 && second === 0) return true;
  const isIsatap = groups[5] === 0x5efe && ((groups[4] ?? 0) & 0xfdff) === 0;
  return isIsatap && inside(ipv4At(groups, 6));
}

/** The eight groups of an IPv6 address in any spelling. */
function groupsOf(address: string): number[] {
  // The URL parser writes every spelling the one way: compressed, hexadecimal.
  const [head = '', tail] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split('::');
  const numbers = (part = ''): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const [before, after] = [numbers(head), numbers(tail)];
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}

/** The IPv4 address in two groups. */
function ipv4At(groups: readonly number[], at: number): string {
  const [high = 0, low = 0] = groups.slice(at);
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/**
 * True if a name belongs to a local network: `localhost`, single-label, `.local`, `.lan`, `.home.arpa`. Use it only
 * for texts and before DNS. {@link isLocalAddress} decides, on the address actually connected to, if a password may go
 * in clear text.
 */
export function isLocalName(host: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, '');
  if (name === '' || isIP(name.replace(/^\[|\]$/g, '')) !== 0) return false;
  return !name.includes('.') || /\.(?:local|lan|localhost|home\.arpa)$/.test(name);
}

/** Which addresses may be connected to. */
export interface AddressGuard {
  allow(address: string): boolean;
  /** The error for a host without an allowed address; `address` is one of its addresses. */
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
 * Throws the guard's error for a host that is a forbidden address literal (with or without brackets). Names pass:
 * {@link guardedLookup} sees them.
 */
export function checkAddress(host: string, guard: Pick<AddressGuard, 'allow' | 'refuse'>): void {
  const literal = host.replace(/^\[|\]$/g, '');
  if (isIP(literal) === 0 && !isIPv6(literal)) return;
  if (!guard.allow(literal)) throw guard.refuse(host, literal);
}
