import { isIPv4, isIPv6 } from 'node:net';
import { plain } from '../base/printable';
import { asciiName, foldDomain, labelOf, UNNAMED } from './idna';

const MAX_BYTES = 1023;
const MAX_DNS_NAME = 253;
const MAX_LABEL = 63;
const FORBIDDEN_IN_LOCAL = /["&'/:<>@]/;
/** PRECIS IdentifierClass beyond ASCII (RFC 8264 §4.2): letters, digits and combining marks. */
const IDENTIFIER = /^[!-~\p{Ll}\p{Lu}\p{Lo}\p{Lm}\p{Nd}\p{Mn}\p{Mc}]+$/u;
const WIDE_OR_HALF = /[\uFF01-\uFFEE]/g;

/**
 * Takes a JID apart and normalises it (RFC 7622): domain to lower-case U-labels without a trailing dot,
 * localpart case-folded (UsernameCaseMapped), resource kept as typed (OpaqueString).
 * @throws JidError whose message names the part and what is wrong with it.
 */
export function parseJid(text: string): Jid {
  if (text === '') throw new JidError('jid-empty', 'A JID is needed, such as anna@example.org.');
  const slash = text.indexOf('/');
  const address = slash < 0 ? text : text.slice(0, slash);
  const at = address.indexOf('@');
  const fail = (code: string, what: string): never => {
    throw new JidError(code, `"${plain(text)}" is not a JID: ${what}. It looks like anna@example.org.`);
  };
  const resource = slash < 0 ? '' : parseResource(text.slice(slash + 1), fail);
  const local = at < 0 ? '' : parseLocal(address.slice(0, at), fail);
  const domain = parseDomain(address.slice(at + 1), fail);
  return { local, domain, resource, bare: local === '' ? domain : `${local}@${domain}` };
}

/** The name as it stands in DNS and in certificates: A-labels, IP literals without brackets. */
export function asciiDomain(domain: string): string {
  return domain.startsWith('[') ? domain.slice(1, -1) : asciiName(domain);
}

type Fail = (code: string, what: string) => never;

function tooLong(part: string): boolean {
  return Buffer.byteLength(part) > MAX_BYTES;
}

function parseLocal(typed: string, fail: Fail): string {
  if (typed === '') fail('jid-local-empty', 'the name before the @ is missing');
  if (/\s/u.test(typed)) fail('jid-local-space', 'there is a space in the name before the @');
  if (/\p{C}/u.test(typed))
    fail('jid-local-control', 'there is a control character in the name before the @');
  const local = typed
    .replace(WIDE_OR_HALF, (char) => char.normalize('NFKC'))
    .toLowerCase()
    .normalize('NFC');
  const forbidden = FORBIDDEN_IN_LOCAL.exec(local)?.[0];
  if (forbidden) fail('jid-local-character', `the character ${forbidden} is not allowed before the @`);
  const isOdd = (char: string): boolean => char.normalize('NFKC') !== char;
  if (!IDENTIFIER.test(local) || UNNAMED.test(local) || [...local].some(isOdd)) {
    fail(
      'jid-local-character',
      'the name before the @ holds a character that is neither a letter nor a digit',
    );
  }
  if (tooLong(local)) fail('jid-local-long', `the name before the @ is longer than ${MAX_BYTES} bytes`);
  return local;
}

function parseResource(typed: string, fail: Fail): string {
  if (typed === '') fail('jid-resource-empty', 'nothing follows the slash; leave the slash out');
  if (/[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u.test(typed)) {
    fail('jid-resource-control', 'there is a control character in the resource, the part after the slash');
  }
  const resource = typed.replace(/\p{Zs}/gu, ' ').normalize('NFC');
  if (tooLong(resource)) fail('jid-resource-long', `the resource is longer than ${MAX_BYTES} bytes`);
  return resource;
}

function parseDomain(typed: string, fail: Fail): string {
  if (typed === '') fail('jid-domain-empty', 'the domain after the @ is missing');
  if (/\s/u.test(typed)) fail('jid-domain-space', 'there is a space in the domain');
  if (/[\p{Cc}\p{Cs}]/u.test(typed)) fail('jid-domain-control', 'there is a control character in the domain');
  if (typed.includes('@')) fail('jid-domain-at', 'there is more than one @');
  if (isIPv4(typed)) return typed;
  if (typed.startsWith('[') || typed.endsWith(']')) {
    const inner = typed.slice(1, -1);
    if (!typed.startsWith('[') || !typed.endsWith(']') || !isIPv6(inner) || inner.includes('%')) {
      fail('jid-domain-address', 'what stands in brackets is not an IPv6 address');
    }
    return typed.toLowerCase();
  }
  if (isIPv6(typed)) fail('jid-domain-address', 'an IPv6 address needs brackets around it');
  if (typed.includes(':')) fail('jid-domain-port', 'a JID has no port; type it as the XMPP service instead');
  const name = foldDomain(typed).replace(/\.$/, '');
  const labels = name.split('.').map((label) => {
    if (label === '') fail('jid-domain', 'there are two dots side by side, or a dot in front, in the domain');
    if (label.length > MAX_LABEL)
      fail('jid-domain-long', `a part of the domain is longer than ${MAX_LABEL} characters`);
    return labelOf(label) ?? fail('jid-domain', `"${plain(label)}" cannot be part of a domain`);
  });
  // `1.2` and `0x7f.1` are addresses to whoever connects.
  if (/^(?:\d+|0x[\da-f]*)$/.test(labels.at(-1) as string))
    fail('jid-domain-address', 'the domain looks like an IPv4 address but is not a complete one');
  const domain = labels.join('.');
  if (asciiName(domain).length > MAX_DNS_NAME)
    fail('jid-domain-long', `the domain is longer than ${MAX_DNS_NAME} characters`);
  return domain;
}

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

/** A JID that is none: which part is wrong and why (RFC 7622). */
export class JidError extends Error {
  override readonly name = 'JidError';
  constructor(
    /** Stable name of the fault: `jid-empty`, `jid-local-empty`, `jid-domain`, … */
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}
