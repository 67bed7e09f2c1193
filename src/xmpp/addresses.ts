import { parseJid } from '../servers/jid';

/** Bytes of the longest JID (RFC 7622 §3.1), as characters. */
const LONGEST = 3_071;

export interface Address {
  /** `local@domain` or `domain`, in the form in which JIDs are compared. */
  bare: string;
  /** Empty for a bare JID; in a room the nick. */
  resource: string;
}

/**
 * Takes an address apart that a server sent. One that RFC 7622 does not allow (gateways make such) is only split
 * and lower-cased; undefined for one that is no address at all.
 */
export function addressOf(text: string | undefined): Address | undefined {
  if (!text || text.length > LONGEST) return undefined;
  try {
    const { bare, resource } = parseJid(text);
    return { bare, resource };
  } catch {
    const slash = text.indexOf('/');
    const bare = (slash < 0 ? text : text.slice(0, slash)).toLowerCase();
    return bare === '' ? undefined : { bare, resource: slash < 0 ? '' : text.slice(slash + 1) };
  }
}

export function domainOf(bare: string): string {
  return bare.slice(bare.indexOf('@') + 1);
}
