import type { Element } from '@xmpp/client';
import { addressOf } from '../addresses';
import { NS } from '../namespaces';
import { cleanText } from '../receiving/body';
import { askQuery } from '../service-discovery';
import type { Stanzas } from '../stanzas';
import { askBookmarks } from './bookmarks';
import type { PresenceList } from './presence';
import { askRoster, type Contact } from './roster';

/** The part of a connection's chat that is needed here. */
export interface ContactSource {
  readonly stanzas: Stanzas;
  readonly presences: Pick<PresenceList, 'showOf'>;
  /** The rooms that nodes of flows are in. */
  readonly rooms: { readonly joined: readonly string[] };
  /** Persons who wrote, or were written to. */
  readonly partners?: readonly string[];
}

/** A possible recipient of messages. */
export interface KnownContact {
  jid: string;
  /** Empty where the account has none for this contact. */
  name: string;
  /** `available`, `chat`, `away`, `xa`, `dnd`; empty: not there, or not `known`. */
  show: string;
  /** False if this contact does not let the account see whether anybody is there. */
  known: boolean;
}

export interface KnownRoom {
  jid: string;
  name: string;
  /** Source of a room: a flow is in it, the account keeps it, or the account's server lists it. */
  from: 'joined' | 'bookmark' | 'server';
}

const MAX_ROOMS = 100;
const MAX_NAME_LENGTH = 100;

/** The people and rooms that an account knows, as they were when it was asked last. */
export class ContactList {
  /** False until everybody was asked once. */
  ready = false;
  private roster: Contact[] = [];
  private bookmarks: { jid: string; name: string }[] = [];
  private listed: { jid: string; name: string }[] = [];

  constructor(
    private readonly chat: ContactSource,
    /** True if the account sends presence. Without that, servers tell it nothing of others. */
    private readonly isShown: boolean,
  ) {}

  get contacts(): KnownContact[] {
    const { presences, stanzas } = this.chat;
    const hears = this.isShown && stanzas.state.phase === 'online';
    const contacts = this.roster.map(({ jid, name, tells }) => {
      const known = hears && tells;
      return { jid, name, show: known ? presences.showOf(jid) : '', known };
    });
    // A bot's contact list is often empty, though people write to it every day.
    const listed = new Set([stanzas.account, ...contacts.map(({ jid }) => jid)]);
    const partners = (this.chat.partners ?? []).filter((jid) => !listed.has(jid));
    return [...contacts, ...partners.map((jid) => ({ jid, name: '', show: '', known: false }))];
  }

  /** Rooms, each once, the nearest first. */
  get rooms(): KnownRoom[] {
    const rooms = new Map<string, KnownRoom>();
    const named = (jid: string): string =>
      [...this.bookmarks, ...this.listed].find((one) => one.jid === jid && one.name !== '')?.name ?? '';
    const add = (jid: string, from: KnownRoom['from']): void => {
      if (!rooms.has(jid)) rooms.set(jid, { jid, name: named(jid), from });
    };
    for (const jid of this.chat.rooms.joined) add(jid, 'joined');
    for (const { jid } of this.bookmarks) add(jid, 'bookmark');
    for (const { jid } of this.listed) add(jid, 'server');
    return [...rooms.values()].slice(0, MAX_ROOMS);
  }

  /**
   * Loads the list again. A part that cannot be loaded stays unchanged: the list is a help, not a condition.
   * @param muc the server's rooms; undefined if it has none.
   */
  async ask(muc: string | undefined, signal: AbortSignal): Promise<void> {
    const { stanzas } = this.chat;
    await Promise.allSettled([
      askRoster(stanzas, signal).then((found) => {
        this.roster = found.filter(({ jid }) => jid !== stanzas.account);
      }),
      askBookmarks(stanzas, signal).then((found) => {
        this.bookmarks = found;
      }),
      muc === undefined ? undefined : this.askListed(muc, signal),
    ]);
    this.ready = true;
  }

  private async askListed(service: string, signal: AbortSignal): Promise<void> {
    const list = await askQuery(this.chat.stanzas, service, NS.discoItems, signal);
    const rooms = new Map<string, { jid: string; name: string }>();
    for (const { attrs } of list?.getChildren('item') ?? []) {
      const jid = addressOf(attrs.jid)?.bare ?? '';
      if (!jid.includes('@') || jid.length >= 500) continue;
      rooms.set(jid, { jid, name: roomName(attrs) });
      if (rooms.size >= MAX_ROOMS) break;
    }
    this.listed = [...rooms.values()];
  }
}

/** ejabberd puts the number of occupants behind the name, and the JID's word where a room has none. */
function roomName({ jid = '', name = '' }: Element['attrs']): string {
  const words = cleanText(name.slice(0, MAX_NAME_LENGTH))
    .replace(/ \(\d+\)$/, '')
    .trim();
  return words === jid.split('@', 1)[0] ? '' : words;
}
