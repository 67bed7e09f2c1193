/**
 * Pairing: a new account knows nobody, so the recipient writes to it first. The sender is only offered, and a person
 * has to confirm that it is the right one.
 */

import type { Element } from '@xmpp/client';
import { BoundedMap } from '../../base/bounded-map';
import { readStanza } from '../receiving/stanza-reader';

/** A person who wrote, or who wants to be a contact. */
export interface IncomingContact {
  /** Bare JID. */
  jid: string;
  /** The beginning of the text; empty for a contact request. */
  text: string;
  /** Milliseconds since the epoch. */
  at: number;
}

/** Maximum number of senders. The newest are kept, so a hundred accounts of one person hide nobody for long. */
const MAX_CALLERS = 20;
const MAX_TEXT_LENGTH = 160;
/** Milliseconds for which a message may have waited at the server. An older one was not meant for this. */
const OLDEST = 10 * 60_000;

export class IncomingContacts {
  private readonly callers = new BoundedMap<string, IncomingContact>(MAX_CALLERS);

  /**
   * @param account bare JID of the account that is written to.
   * @param now the time, in milliseconds since the epoch.
   */
  constructor(
    private readonly account: string,
    private readonly now: () => number,
  ) {}

  /** Newest first. */
  get list(): IncomingContact[] {
    return [...this.callers.values()].reverse();
  }

  /** Takes an incoming stanza. */
  take(stanza: Element): void {
    const now = this.now();
    const { message, events } = readStanza(stanza, { account: this.account, now, isRoom: () => false });
    if (message && !message.carbon && message.kind === 'chat' && message.stamp >= now - OLDEST) {
      this.add(message.bare, message.text.replace(/\s+/g, ' ').trim().slice(0, MAX_TEXT_LENGTH));
    }
    for (const { event, bare } of events) if (event === 'subscribe') this.add(bare, '');
  }

  private add(jid: string, text: string): void {
    // The account's own devices are no recipient, and a server that greets is nobody.
    if (jid === this.account || !jid.includes('@')) return;
    const before = this.callers.get(jid);
    this.callers.set(jid, { jid, text: text || (before?.text ?? ''), at: this.now() });
  }
}

/** The link that opens a chat with this account in a client (RFC 5122, XEP-0147 §5): `xmpp:bot@example.org?message`. */
export function pairingUri(account: string): string {
  const at = account.indexOf('@');
  // RFC 5122 §2.2 leaves these as they are.
  const encode = (part: string): string =>
    encodeURIComponent(part).replace(/%(21|24|28|29|2A|2B|2C|3B|3D|5B|5D|3A)/gi, (code) =>
      decodeURIComponent(code),
    );
  return `xmpp:${encode(account.slice(0, at))}@${encode(account.slice(at + 1))}?message`;
}
