/**
 * Addresses as text, for people and for flows. An address from elsewhere is written with {@link writtenAddress}, so
 * that it cannot be read as a list, a query or somebody else's address, whatever its nick says.
 */

import { Fault } from '../base/fault';
import { addressOf } from './addresses';
import { readJid } from './jid-grammar';

/** Characters that end a list's entry or get lost in typing, and text that would be read as a scheme. */
const AMBIGUOUS = /[,;]|[^\S ]|^ | $|^xmpp:/iu;

/** An address as it is, or, where that could be misread, as URI (RFC 5122): `xmpp:team@rooms.example.org/a%2C%20b`. */
export function writtenAddress(address: string): string {
  if (!AMBIGUOUS.test(address) && address === address.normalize('NFC')) return address;
  const slash = address.indexOf('/');
  const bare = slash < 0 ? address : address.slice(0, slash);
  const encoded = bare.split('@').map(encodeURIComponent).join('@');
  return `xmpp:${encoded}${slash < 0 ? '' : `/${encodeURIComponent(address.slice(slash + 1))}`}`;
}

/** An entry of a typed list: the address of a URI without its query (RFC 5122 §2.2), anything else unchanged. */
export function withoutScheme(entry: string): string {
  const uri = /^xmpp:(?:\/\/[^/]*\/)?(.*)$/is.exec(entry)?.[1];
  if (uri === undefined) return entry;
  const path = uri.replace(/^([^?]*@[^?]*)\?.*$/s, '$1');
  try {
    return decodeURIComponent(path);
  } catch {
    // An address typed by hand may have no valid encoding.
    return path;
  }
}

/** An address that is written as servers write them, whole: `jid`, or `jid/resource`. Undefined for any other text. */
export function preparedAddress(text: string): string | undefined {
  const address = addressOf(text);
  if (!address) return undefined;
  const whole = wholeOf(address);
  return whole === text ? whole : undefined;
}

/** What a person typed, or copied from somewhere (RFC 7622, RFC 5122, XEP-0147), as an address. */
export function typedAddress(typed: string): string | Fault {
  const isUri = /^xmpp:/i.test(typed);
  // A `?` in a nick begins no query.
  const text = isUri ? withoutScheme(typed) : typed.replace(/^([^/]*)\?(?:join|message)$/i, '$1');
  const prepared = isUri ? preparedAddress(text) : undefined;
  if (prepared !== undefined) return prepared;
  const jid = readJid(text);
  return jid instanceof Fault ? jid : wholeOf(jid);
}

function wholeOf({ bare, resource }: { bare: string; resource: string }): string {
  return resource === '' ? bare : `${bare}/${resource}`;
}
