/** The grammar of JIDs (RFC 7622), for the runtime and for the dialogs. `jid.ts` makes errors of its faults. */
import { text } from '../base/catalogue';
import { Fault } from '../base/fault';
import { plain } from '../base/printable';
import type { Text } from '../base/text';
import { exceeds } from '../base/utf8';
import { asciiName, foldDomain, labelOf, UNNAMED } from '../net/idna';
import { isIPv4, isIPv6 } from '../net/ip';

const MAX_BYTES = 1023;
const MAX_DNS_NAME = 253;
const MAX_LABEL = 63;
const FORBIDDEN_IN_LOCAL = /["&'/:<>@]/;
/** PRECIS IdentifierClass beyond ASCII (RFC 8264 §4.2): letters, digits and combining marks. */
const IDENTIFIER = /^[!-~\p{Ll}\p{Lu}\p{Lo}\p{Lm}\p{Nd}\p{Mn}\p{Mc}]+$/u;
const WIDE_OR_HALF = /[\uFF01-\uFFEE]/g;

/** A JID taken apart and normalised (RFC 7622). */
export interface Jid {
  /** Localpart; empty for a bare domain. */
  local: string;
  /** Domainpart in lower case, without a trailing dot; IPv6 literals keep their brackets. */
  domain: string;
  /** Resourcepart; empty for a bare JID. */
  resource: string;
  /** `local@domain` or `domain`. */
  bare: string;
}

/**
 * Takes a JID apart and normalises it (RFC 7622): domain to lower-case U-labels without a trailing dot,
 * localpart case-folded (UsernameCaseMapped), resource kept as typed (OpaqueString). A fault names the part and what is
 * wrong with it; its code is a stable name: `jid-empty`, `jid-local-empty`, `jid-domain`, …
 */
export function readJid(typed: string): Jid | Fault {
  if (typed === '') return new Fault('jid-empty', text('jid.empty'));
  const slash = typed.indexOf('/');
  const address = slash < 0 ? typed : typed.slice(0, slash);
  const at = address.indexOf('@');
  const local = at < 0 ? '' : readLocal(address.slice(0, at));
  const domain = readDomain(address.slice(at + 1));
  const resource = slash < 0 ? '' : readResource(typed.slice(slash + 1));
  for (const part of [resource, local, domain]) if (part instanceof Fault) return noJid(typed, part);
  return { local, domain, resource, bare: local === '' ? domain : `${local}@${domain}` } as Jid;
}

/** As {@link readJid}, for the JID of an account or a room: a domain alone is a fault. */
export function readAccount(typed: string): Jid | Fault {
  const hasName = typed === '' || (typed.split('/', 1)[0] ?? '').includes('@');
  return hasName ? readJid(typed) : noJid(typed, new Fault('jid-at', text('jid.atMissing')));
}

/** A PubSub service, normalised: a domain, or the account itself with its personal nodes (XEP-0163). */
export function readService(typed: string, account: string | undefined): string | Fault {
  const jid = readJid(typed);
  if (jid instanceof Fault) return jid;
  if (jid.resource === '' && (jid.local === '' || jid.bare === account)) return jid.bare;
  return new Fault('pubsub-service', text('config.pubsubService', { given: plain(typed) }));
}

/** A resource alone, or a nick in a room, unchanged (RFC 7622 §3.4). */
export function resourceFault(typed: string, key: 'jid.resource' | 'jid.nick'): Fault | undefined {
  const resource = readResource(typed);
  return resource instanceof Fault ? new Fault(resource.code, text(key, { most: MAX_BYTES })) : undefined;
}

/** RFC 7622 §3.4, OpaqueString */
function readResource(typed: string): string | Fault {
  if (typed === '') return new Fault('jid-resource-empty', text('jid.resourceMissing'));
  if (/[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u.test(typed)) {
    return new Fault('jid-resource-control', text('jid.resourceControl'));
  }
  const resource = typed.replace(/\p{Zs}/gu, ' ').normalize('NFC');
  return exceeds(resource, MAX_BYTES)
    ? new Fault('jid-resource-long', text('jid.resourceLong', { most: MAX_BYTES }))
    : resource;
}

function noJid(typed: string, { code, text: why }: Fault): Fault {
  return new Fault(code, text('jid.none', { given: plain(typed), text: why }));
}

function readLocal(typed: string): string | Fault {
  const fault = (code: string, what: Text): Fault => new Fault(`jid-local-${code}`, what);
  if (typed === '') return fault('empty', text('jid.localMissing'));
  if (/\s/u.test(typed)) return fault('space', text('jid.localSpace'));
  if (/\p{C}/u.test(typed)) return fault('control', text('jid.localControl'));
  const local = typed
    .replace(WIDE_OR_HALF, (char) => char.normalize('NFKC'))
    .toLowerCase()
    .normalize('NFC');
  const forbidden = FORBIDDEN_IN_LOCAL.exec(local)?.[0];
  if (forbidden) return fault('character', text('jid.localForbidden', { character: forbidden }));
  const isOdd = (char: string): boolean => char.normalize('NFKC') !== char;
  if (!IDENTIFIER.test(local) || UNNAMED.test(local) || [...local].some(isOdd)) {
    return fault('character', text('jid.localLetter'));
  }
  return exceeds(local, MAX_BYTES) ? fault('long', text('jid.localLong', { most: MAX_BYTES })) : local;
}

function readDomain(typed: string): string | Fault {
  if (typed === '') return new Fault('jid-domain-empty', text('jid.domainMissing'));
  if (/\s/u.test(typed)) return new Fault('jid-domain-space', text('jid.domainSpace'));
  if (/[\p{Cc}\p{Cs}]/u.test(typed)) return new Fault('jid-domain-control', text('jid.domainControl'));
  if (typed.includes('@')) return new Fault('jid-domain-at', text('jid.twoAts'));
  if (isIPv4(typed)) return typed;
  if (typed.startsWith('[') || typed.endsWith(']')) {
    return /^\[.*\]$/.test(typed) && isIPv6(typed.slice(1, -1))
      ? typed.toLowerCase()
      : new Fault('jid-domain-address', text('jid.brackets'));
  }
  if (isIPv6(typed)) return new Fault('jid-domain-address', text('jid.needsBrackets'));
  if (typed.includes(':')) return new Fault('jid-domain-port', text('jid.port'));
  return readName(foldDomain(typed).replace(/\.$/, ''));
}

/** A folded DNS name as U-labels. */
function readName(name: string): string | Fault {
  const labels: string[] = [];
  for (const part of name.split('.')) {
    if (part === '') return new Fault('jid-domain', text('jid.dots'));
    if (part.length > MAX_LABEL) {
      return new Fault('jid-domain-long', text('jid.partLong', { most: MAX_LABEL }));
    }
    const label = labelOf(part);
    if (label === undefined) return new Fault('jid-domain', text('jid.noPart', { part: plain(part) }));
    labels.push(label);
  }
  // `1.2` and `0x7f.1` count as addresses when connecting.
  if (/^(?:\d+|0x[\da-f]*)$/.test(labels[labels.length - 1] ?? '')) {
    return new Fault('jid-domain-address', text('jid.address'));
  }
  const domain = labels.join('.');
  return asciiName(domain).length > MAX_DNS_NAME
    ? new Fault('jid-domain-long', text('jid.domainLong', { most: MAX_DNS_NAME }))
    : domain;
}

/** The name as in DNS and in certificates: A-labels, IP literals without brackets. */
export function asciiDomain(domain: string): string {
  return domain.startsWith('[') ? domain.slice(1, -1) : asciiName(domain);
}
