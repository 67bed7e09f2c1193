/** Rooms that the account's people keep: native bookmarks (XEP-0402) and the older private ones (XEP-0048). */

import type { Element } from '@xmpp/client';
import { addressOf } from '../addresses';
import { NS } from '../namespaces';
import { cleanText } from '../receiving/body';
import type { Stanzas } from '../stanzas';

const MAX_ROOMS = 200;
const MAX_NAME_LENGTH = 100;

export interface Bookmark {
  /** Bare JID of the room. */
  jid: string;
  /** The room's name; empty if it has none. */
  name: string;
}

/** Asks for both kinds; one that the server lacks is left out. */
export async function askBookmarks(stanzas: Stanzas, signal?: AbortSignal): Promise<Bookmark[]> {
  const xml = await stanzas.load();
  const options = signal ? { signal } : {};
  const ask = (content: Element): Promise<Element | undefined> =>
    stanzas.ask(xml('iq', { type: 'get' }, content), options).catch(() => undefined);
  const [native, stored] = await Promise.all([
    ask(xml('pubsub', { xmlns: NS.pubsub }, xml('items', { node: NS.bookmarks }))),
    ask(xml('query', { xmlns: NS.privateStorage }, xml('storage', { xmlns: NS.storageBookmarks }))),
  ]);
  return readBookmarks(native, stored);
}

/** The rooms of both answers, each once. */
export function readBookmarks(native: Element | undefined, stored: Element | undefined): Bookmark[] {
  const rooms = new Map<string, Bookmark>();
  const add = (jid: string | undefined, name: string | undefined): void => {
    const address = addressOf(jid);
    if (!address?.bare.includes('@') || rooms.size >= MAX_ROOMS || rooms.has(address.bare)) return;
    const words = cleanText((name ?? '').slice(0, MAX_NAME_LENGTH)).trim();
    rooms.set(address.bare, { jid: address.bare, name: words });
  };
  const items = native?.getChild('pubsub', NS.pubsub)?.getChild('items')?.getChildren('item') ?? [];
  for (const item of items) {
    const room = item.getChild('conference', NS.bookmarks);
    if (room) add(item.attrs.id, room.attrs.name);
  }
  const storage = stored?.getChild('query', NS.privateStorage)?.getChild('storage', NS.storageBookmarks);
  for (const { attrs } of storage?.getChildren('conference') ?? []) add(attrs.jid, attrs.name);
  return [...rooms.values()];
}
