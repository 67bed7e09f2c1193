/**
 * JIDs as a server writes them. The server has prepared them and vouches for them in that form, so they are compared
 * unchanged. Text that people type goes through {@link readJid} instead.
 */
import { Fault } from '../base/fault';
import { exceeds } from '../base/utf8';
import { asciiDomain, readJid } from './jid-grammar';

/** Bytes of a localpart, a domainpart, a resourcepart (RFC 7622 §3.2 to §3.4). */
const MAX_BYTES = 1_023;
/** The common form of an address. */
const PLAIN = /^[a-z0-9!#$%()*+,.;=?[\\\]^_`{|}~-]+@[a-z0-9][a-z0-9-]*(?:\.[a-z0-9][a-z0-9-]*)*\.[a-z]+$/;
/**
 * Characters that neither a localpart nor a resourcepart can hold: control characters, halves of a character, no
 * characters.
 */
const NEVER = /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u;
const NEVER_IN_LOCAL = /[\s"&'/:<>@]/u;

export interface Address {
  /** `local@domain` or `domain`, in the form in which JIDs are compared. */
  bare: string;
  /** Empty for a bare JID; in a room the nick. */
  resource: string;
}

/**
 * Takes an address apart that a server sent (RFC 7622 §3.1). Undefined for what is none: a domain that is not written
 * as the standard prepares it (`localhost#.evil.test`, `LOCAL%48OST`) names nobody. A localpart may hold more than the
 * standard allows (gateways make such), and is nobody else's for it.
 */
export function addressOf(text: string | undefined): Address | undefined {
  if (!text || text.length > 3 * MAX_BYTES + 2) return undefined;
  const slash = text.indexOf('/');
  const resource = slash < 0 ? '' : text.slice(slash + 1);
  if (slash >= 0 && (resource === '' || isTooLong(resource) || NEVER.test(resource))) return undefined;
  const bare = slash < 0 ? text : text.slice(0, slash);
  if (PLAIN.test(bare) && bare.length <= MAX_BYTES && !bare.includes('xn--')) return { bare, resource };
  const at = bare.indexOf('@');
  const domain = domainOfServer(lowerAscii(bare.slice(at + 1)));
  if (domain === undefined) return undefined;
  if (at < 0) return { bare: domain, resource };
  const local = lowerAscii(bare.slice(0, at));
  if (local === '' || isTooLong(local) || NEVER.test(local) || NEVER_IN_LOCAL.test(local)) return undefined;
  return { bare: `${local}@${domain}`, resource };
}

/** The bare JID of a server's address, as {@link addressOf}; empty if it is none. */
export function bareOf(text: string | undefined): string {
  return addressOf(text)?.bare ?? '';
}

export function domainOf(bare: string): string {
  return bare.slice(bare.indexOf('@') + 1);
}

/** Small letters for the 26 of ASCII. Those of other alphabets a server has prepared its own way. */
export function lowerAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** A domain that is written as the standard prepares it, U-labels or A-labels; as U-labels. */
function domainOfServer(written: string): string | undefined {
  const jid = readJid(written);
  if (jid instanceof Fault) return undefined;
  const { domain, local, resource } = jid;
  const isPrepared = domain === written || asciiDomain(domain) === written;
  return isPrepared && local === '' && resource === '' ? domain : undefined;
}

function isTooLong(part: string): boolean {
  return part.length > MAX_BYTES || exceeds(part, MAX_BYTES);
}
