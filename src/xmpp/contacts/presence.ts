/** Presences received since the session began (RFC 6121 §4). The list is bounded, because anybody may send them. */

import type { Element } from '@xmpp/client';
import { addressOf } from '../addresses';
import { NS } from '../namespaces';
import type { SessionState, Stanzas } from '../stanzas';
import { askRoster, readPush, showOf } from './roster';

/** People who are no contacts, or of whom it is not known yet. */
const MAX_OTHERS = 200;
/** Maximum people while the contact list is not known; above that nobody new is kept. */
const MAX_UNSORTED = 2_000;
const MAX_DEVICES = 20;
/** If there are several devices, the one that is most likely to be looked at counts. */
const ORDER = ['xa', 'away', 'dnd', 'available', 'chat'];

/** A person's devices and their availability. */
type Devices = Map<string, string>;

/**
 * Contacts are never pushed out by strangers. Most accounts hear of few people, and nobody has to be asked who they
 * are; where there are more than strangers may be, the contact list is asked for, once in a session, and kept up by the
 * server's pushes.
 */
export class PresenceList {
  /** People by bare JID, in order of arrival. */
  private readonly others = new Map<string, Devices>();
  private readonly contacts = new Map<string, Devices>();
  /** The contact list; undefined: not asked for. */
  private known: Set<string> | undefined;
  /** Number of others at which it is asked for; a server that did not answer is asked a few times more. */
  private askAt = MAX_OTHERS;
  /** Number of the session; answers to an older one no longer count. */
  private turn = 0;

  constructor(private readonly stanzas: Pick<Stanzas, 'account' | 'onStanza' | 'onState' | 'load' | 'ask'>) {
    stanzas.onStanza((stanza) => this.take(stanza));
    stanzas.onState((state) => this.begin(state));
  }

  /** `available`, `chat`, `away`, `xa` or `dnd`; empty for one who did not say so. */
  showOf(jid: string): string {
    const shows = [...((this.contacts.get(jid) ?? this.others.get(jid))?.values() ?? [])];
    return shows.sort((a, b) => ORDER.indexOf(b) - ORDER.indexOf(a))[0] ?? '';
  }

  /** Takes the server's change of the contact list (RFC 6121 §2.1.6). */
  pushed(iq: Element): void {
    const change = readPush(iq, this.stanzas.account);
    if (!change || !this.known) return;
    if (change.removed) this.known.delete(change.jid);
    else this.known.add(change.jid);
    this.sort();
  }

  private begin(state: SessionState): void {
    // A resumed stream continues; a new one gets all presences again.
    if (state.phase !== 'online' || state.resumed) return;
    this.others.clear();
    this.contacts.clear();
    this.known = undefined;
    this.askAt = MAX_OTHERS;
    this.turn += 1;
  }

  private take(stanza: Element): void {
    if (stanza.name !== 'presence') return;
    const seen = showOf(stanza);
    // Presences in rooms are those of nicks.
    if (!seen || stanza.getChild('x', NS.mucUser)) return;
    const { jid, show } = seen;
    const device = addressOf(stanza.attrs.from)?.resource ?? '';
    const people = this.known?.has(jid) ? this.contacts : this.others;
    const devices = people.get(jid);
    if (show === '') {
      // A presence without a device is the server's word about all devices.
      if (device === '') devices?.clear();
      else devices?.delete(device);
      if (devices?.size === 0) people.delete(jid);
    } else if (devices) {
      if (devices.size < MAX_DEVICES || devices.has(device)) devices.set(device, show);
    } else this.add(people, jid, new Map([[device, show]]));
  }

  private add(people: Map<string, Devices>, jid: string, devices: Devices): void {
    if (people === this.contacts || this.others.size < (this.known ? MAX_OTHERS : MAX_UNSORTED)) {
      people.set(jid, devices);
    }
    if (this.known || this.others.size <= this.askAt) return;
    this.askAt = Number.POSITIVE_INFINITY;
    const { turn } = this;
    askRoster(this.stanzas)
      .then((contacts) => {
        if (turn !== this.turn) return;
        this.known = new Set(contacts.map((contact) => contact.jid));
        this.sort();
      })
      // Identities stay unknown, so those who came first are kept.
      .catch(() => {
        if (turn === this.turn) this.askAt = this.others.size + MAX_OTHERS;
      });
  }

  /** Puts everybody where they belong. */
  private sort(): void {
    for (const [jid, devices] of this.contacts) {
      if (this.known?.has(jid)) continue;
      this.contacts.delete(jid);
      this.others.set(jid, devices);
    }
    for (const [jid, devices] of this.others) {
      if (this.known?.has(jid)) {
        this.others.delete(jid);
        this.contacts.set(jid, devices);
      }
    }
    for (const jid of [...this.others.keys()].slice(MAX_OTHERS)) this.others.delete(jid);
  }
}
