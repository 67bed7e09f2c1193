/** The account's contact list (RFC 6121 §2.1), with presence. */

import type { Element } from '@xmpp/client';
import { addressOf } from '../addresses';
import { NS } from '../namespaces';
import { cleanText } from '../receiving/body';
import type { Stanzas } from '../stanzas';

/** Maximum contacts; nobody could look through more. */
const MAX_CONTACTS = 500;
const MAX_NAME_LENGTH = 100;

export interface Contact {
  /** Bare JID. */
  jid: string;
  /** The account's name for this contact, or empty. */
  name: string;
  /** True if this contact lets the account see its presence (RFC 6121 §2.1.2.5: `to` or `both`). */
  tells: boolean;
}

/** Reads a contact list, sorted by what people read. What is no address, and what is asked for twice, is left out. */
export function readRoster(answer: Element): Contact[] {
  const contacts = new Map<string, Contact>();
  for (const { attrs } of answer.getChild('query', NS.roster)?.getChildren('item') ?? []) {
    const address = addressOf(attrs.jid);
    // A domain is a gateway; nobody reads there.
    if (!address?.bare.includes('@') || attrs.subscription === 'remove') continue;
    const name = cleanText((attrs.name ?? '').slice(0, MAX_NAME_LENGTH)).trim();
    const tells = attrs.subscription === 'to' || attrs.subscription === 'both';
    contacts.set(address.bare, { jid: address.bare, name, tells });
    if (contacts.size >= MAX_CONTACTS) break;
  }
  const shown = ({ name, jid }: Contact): string => (name || jid).toLowerCase();
  return [...contacts.values()].sort((a, b) => (shown(a) < shown(b) ? -1 : 1));
}

/**
 * A change of the contact list, as the account's server pushes it; undefined if it is none, or comes from somebody
 * else (RFC 6121 §2.1.6).
 */
export function readPush(iq: Element, account: string): { jid: string; removed: boolean } | undefined {
  const { from, type } = iq.attrs;
  if (type !== 'set' || (from && from !== account)) return undefined;
  const item = iq.getChild('query', NS.roster)?.getChild('item');
  const jid = addressOf(item?.attrs.jid)?.bare;
  return jid?.includes('@') ? { jid, removed: item?.attrs.subscription === 'remove' } : undefined;
}

/** Asks for the contact list. @throws the errors of {@link Stanzas.ask}. */
export async function askRoster(
  stanzas: Pick<Stanzas, 'load' | 'ask'>,
  signal?: AbortSignal,
): Promise<Contact[]> {
  const xml = await stanzas.load();
  const iq = xml('iq', { type: 'get' }, xml('query', { xmlns: NS.roster }));
  return readRoster(await stanzas.ask(iq, signal ? { signal } : {}));
}

/** The availability that a presence tells (RFC 6121 §4.7): empty where it says `unavailable` or nothing of the kind. */
export function showOf(presence: Element): { jid: string; show: string } | undefined {
  const { type, from } = presence.attrs;
  const address = addressOf(from);
  if (presence.name !== 'presence' || !address || (type !== undefined && type !== 'unavailable'))
    return undefined;
  if (type === 'unavailable') return { jid: address.bare, show: '' };
  const show = presence.getChildText('show') ?? '';
  return { jid: address.bare, show: ['away', 'dnd', 'xa', 'chat'].includes(show) ? show : 'available' };
}
