import { isIPv4, isIPv6 } from 'node:net';
import { text } from '../base/catalogue';
import { CodedError } from '../base/coded-error';
import { plain } from '../base/printable';
import type { Text } from '../base/text';
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
export function parseJid(typed: string): Jid {
  if (typed === '') throw new JidError('jid-empty', text('jid.empty'));
  const slash = typed.indexOf('/');
  const address = slash < 0 ? typed : typed.slice(0, slash);
  const at = address.indexOf('@');
  const fail = (code: string, what: Text): never => {
    throw new JidError(code, text('jid.none', { given: plain(typed), text: what }));
  };
  const resource = slash < 0 ? '' : parseResource(typed.slice(slash + 1), fail);
  const local = at < 0 ? '' : parseLocal(address.slice(0, at), fail);
  const domain = parseDomain(address.slice(at + 1), fail);
  return { local, domain, resource, bare: local === '' ? domain : `${local}@${domain}` };
}

/** The name as in DNS and in certificates: A-labels, IP literals without brackets. */
export function asciiDomain(domain: string): string {
  return domain.startsWith('[') ? domain.slice(1, -1) : asciiName(domain);
}

type Fail = (code: string, what: Text) => never;

function tooLong(part: string): boolean {
  return Buffer.byteLength(part) > MAX_BYTES;
}

function parseLocal(typed: string, fail: Fail): string {
  if (typed === '') fail('jid-local-empty', text('jid.localMissing'));
  if (/\s/u.test(typed)) fail('jid-local-space', text('jid.localSpace'));
  if (/\p{C}/u.test(typed)) fail('jid-local-control', text('jid.localControl'));
  const local = typed
    .replace(WIDE_OR_HALF, (char) => char.normalize('NFKC'))
    .toLowerCase()
    .normalize('NFC');
  const forbidden = FORBIDDEN_IN_LOCAL.exec(local)?.[0];
  if (forbidden) fail('jid-local-character', text('jid.localForbidden', { character: forbidden }));
  const isOdd = (char: string): boolean => char.normalize('NFKC') !== char;
  if (!IDENTIFIER.test(local) || UNNAMED.test(local) || [...local].some(isOdd)) {
    fail('jid-local-character', text('jid.localLetter'));
  }
  if (tooLong(local)) fail('jid-local-long', text('jid.localLong', { most: MAX_BYTES }));
  return local;
}

function parseResource(typed: string, fail: Fail): string {
  if (typed === '') fail('jid-resource-empty', text('jid.resourceMissing'));
  if (/[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u.test(typed)) {
    fail('jid-resource-control', text('jid.resourceControl'));
  }
  const resource = typed.replace(/\p{Zs}/gu, ' ').normalize('NFC');
  if (tooLong(resource)) fail('jid-resource-long', text('jid.resourceLong', { most: MAX_BYTES }));
  return resource;
}

function parseDomain(typed: string, fail: Fail): string {
  if (typed === '') fail('jid-domain-empty', text('jid.domainMissing'));
  if (/\s/u.test(typed)) fail('jid-domain-space', text('jid.domainSpace'));
  if (/[\p{Cc}\p{Cs}]/u.test(typed)) fail('jid-domain-control', text('jid.domainControl'));
  if (typed.includes('@')) fail('jid-domain-at', text('jid.twoAts'));
  if (isIPv4(typed)) return typed;
  if (typed.startsWith('[') || typed.endsWith(']')) {
    const inner = typed.slice(1, -1);
    if (!typed.startsWith('[') || !typed.endsWith(']') || !isIPv6(inner) || inner.includes('%')) {
      fail('jid-domain-address', text('jid.brackets'));
    }
    return typed.toLowerCase();
  }
  if (isIPv6(typed)) fail('jid-domain-address', text('jid.needsBrackets'));
  if (typed.includes(':')) fail('jid-domain-port', text('jid.port'));
  const name = foldDomain(typed).replace(/\.$/, '');
  const labels = name.split('.').map((label) => {
    if (label === '') fail('jid-domain', text('jid.dots'));
    if (label.length > MAX_LABEL) fail('jid-domain-long', text('jid.partLong', { most: MAX_LABEL }));
    return labelOf(label) ?? fail('jid-domain', text('jid.noPart', { part: plain(label) }));
  });
  // `1.2` and `0x7f.1` count as addresses when connecting.
  if (/^(?:\d+|0x[\da-f]*)$/.test(labels.at(-1) as string)) fail('jid-domain-address', text('jid.address'));
  const domain = labels.join('.');
  if (asciiName(domain).length > MAX_DNS_NAME)
    fail('jid-domain-long', text('jid.domainLong', { most: MAX_DNS_NAME }));
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

/**
 * A JID that is none: which part is wrong and why (RFC 7622). Its code is a stable name: `jid-empty`,
 * `jid-local-empty`, `jid-domain`, …
 */
export class JidError extends CodedError {
  override readonly name = 'JidError';
}
