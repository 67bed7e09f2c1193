import type { Element } from '@xmpp/client';
import type { Clock } from '../time/clock';
import { type Discovery, discover } from '../xmpp/discover';
import { type Caller, Pairing, pairingUri } from '../xmpp/pairing';
import { askNodes, type PubsubNode } from '../xmpp/pubsub-topics';
import { askRoster, type Contact, showOf } from '../xmpp/roster';
import type { SessionState, Stanzas } from '../xmpp/stanzas';
import type { User } from './broker';
import { describe, type RecordedValue } from './recorded-value';

/** What the guide needs of a connection's chat. */
export interface GuidedChat {
  readonly stanzas: Stanzas;
  register(user: User): void;
  deregister(user: User, removed: boolean): Promise<void>;
}

/** What the guide needs of a `dinox-broker`. */
export interface GuidedBroker {
  readonly chat: GuidedChat;
  /** What this connection can do; undefined while there is none. */
  readonly wildcards: boolean | undefined;
  readonly config: { readonly payloadType: string };
  /** What was found last. */
  readonly found: { readonly services: { pubsub?: string; muc?: string } } | undefined;
}

/** A topic that the server named, as flows write it. */
export interface GuideTopic extends Partial<RecordedValue> {
  topic: string;
}

/** Whom alerts can be sent to. */
export interface GuideContact extends Contact {
  /** `available`, `away`, …; empty: not there, or it does not tell. */
  show: string;
}

export interface GuideView {
  phase: SessionState['phase'];
  /** Why there is no session. */
  reason?: string;
  /** The account, and the link that opens a chat with it. */
  account: string;
  link: string;
  callers: Caller[];
  contacts: GuideContact[];
  /** Rooms of the account's own server. */
  rooms: Contact[];
  /** Only where the server knows no wildcards; elsewhere the sidebar's recorder explores. */
  topics: GuideTopic[];
}

/** How long the guide may be silent before the session is let go of, in milliseconds. */
export const GUIDE_LEASE = 30_000;
/** How often the lists are asked for anew, in milliseconds. */
const AGAIN = 10_000;
const MOST_ROOMS = 100;
const MOST_PRESENT = 2_000;
const LONGEST_REASON = 500;

/**
 * The guided starts of one Node-RED. While a guide looks, the connection's XMPP session is open, and whoever writes to
 * the account is offered to it. It ends by itself {@link GUIDE_LEASE} after the last question.
 */
export class Guides {
  private readonly leases = new Map<GuidedChat, Lease>();

  constructor(private readonly clock: Clock) {}

  /** Begins, or goes on. */
  look(broker: GuidedBroker): GuideView {
    let lease = this.leases.get(broker.chat);
    if (!lease) {
      lease = new Lease(broker, this.clock, () => this.leases.delete(broker.chat));
      this.leases.set(broker.chat, lease);
    }
    return lease.look();
  }

  end(broker: GuidedBroker): void {
    this.leases.get(broker.chat)?.end();
  }
}

class Lease {
  private readonly user: User = { id: 'dinox-guide', status: () => {} };
  private readonly controller = new AbortController();
  private readonly pairing: Pairing;
  private readonly present = new Map<string, string>();
  private readonly stopListening: () => void;
  private stopLease: () => void = () => {};
  private contacts: Contact[] = [];
  private rooms: Contact[] = [];
  private nodes = new Map<string, PubsubNode>();
  /** The PubSub service of these. */
  private service = '';
  private readonly services: Services;
  private asked = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly broker: GuidedBroker,
    private readonly clock: Clock,
    private readonly ended: () => void,
  ) {
    const { chat } = broker;
    this.services = new Services(broker);
    this.pairing = new Pairing(chat.stanzas.account, () => clock.now());
    this.stopListening = chat.stanzas.onStanza((stanza) => this.take(stanza));
    chat.register(this.user);
  }

  look(): GuideView {
    this.stopLease();
    this.stopLease = this.clock.after(GUIDE_LEASE, () => this.end());
    const { stanzas } = this.broker.chat;
    const { state, account } = stanzas;
    if (state.phase === 'online' && this.clock.now() - this.asked >= AGAIN) {
      this.asked = this.clock.now();
      // What cannot be asked stays as it was: a roster is a help, not a condition.
      void this.ask(stanzas).catch(() => {});
    }
    const reason = 'reason' in state ? state.reason?.message : undefined;
    return {
      phase: state.phase,
      ...(reason !== undefined && { reason: reason.slice(0, LONGEST_REASON) }),
      account,
      link: account.includes('@') ? pairingUri(account) : '',
      callers: this.pairing.list,
      contacts: this.contacts.map((one) => ({ ...one, show: this.present.get(one.jid) ?? '' })),
      rooms: this.rooms,
      topics: [...this.nodes.values()].map((node) => this.topicOf(node)),
    };
  }

  end(): void {
    this.stopLease();
    this.stopListening();
    this.controller.abort(new Error('the guide was closed'));
    this.ended();
    // Where no node of a flow chats, the session ends.
    void this.broker.chat.deregister(this.user, true).catch(() => {});
  }

  private take(stanza: Element): void {
    this.pairing.take(stanza);
    const seen = showOf(stanza);
    if (!seen) return;
    if (seen.show === '') this.present.delete(seen.jid);
    else if (this.present.size < MOST_PRESENT || this.present.has(seen.jid))
      this.present.set(seen.jid, seen.show);
  }

  private async ask(stanzas: Stanzas): Promise<void> {
    const { signal } = this.controller;
    const contacts = askRoster(stanzas, signal).then((found) => {
      this.contacts = found.filter(({ jid }) => jid !== stanzas.account);
    });
    const { muc } = await this.services.find(signal);
    const rooms = muc === undefined ? undefined : this.askRooms(stanzas, muc, signal);
    const topics = this.broker.wildcards === false ? this.askTopics(signal) : undefined;
    await Promise.allSettled([contacts, rooms, topics]);
  }

  private async askRooms(stanzas: Stanzas, service: string, signal: AbortSignal): Promise<void> {
    const list = await askQuery(stanzas, service, 'http://jabber.org/protocol/disco#items', signal);
    const items = list?.getChildren('item') ?? [];
    this.rooms = items
      .map(({ attrs }) => ({ jid: String(attrs.jid ?? ''), name: String(attrs.name ?? '').slice(0, 100) }))
      .filter(({ jid }) => jid.includes('@') && jid.length < 500)
      .slice(0, MOST_ROOMS);
  }

  private async askTopics(signal: AbortSignal): Promise<void> {
    const known = new Map([...this.nodes].filter(([, { item }]) => item !== undefined));
    const found = await this.services.nodes(known, signal);
    if (!found) return;
    this.nodes = new Map(found.nodes.map((node) => [node.node, node]));
    this.service = found.service;
  }

  /** A node whose items are of another type than the connection's is named in full, as the bridge wants it. */
  private topicOf({ node, item }: PubsubNode): GuideTopic {
    if (!item) return { topic: node };
    const topic =
      item.type === this.broker.config.payloadType ? node : `${this.service}/${item.type}/${node}`;
    const payload = Buffer.from(item.payload);
    return { topic, ...describe(payload, payload.length) };
  }
}

/** Where the account's server keeps rooms and PubSub nodes. */
export class Services {
  private asked: Discovery['services'] | undefined;

  constructor(private readonly broker: GuidedBroker) {}

  /** What was found when the broker was looked for, else what the account's server says. */
  async find(signal: AbortSignal): Promise<Discovery['services']> {
    const found = this.broker.found?.services;
    if (found && (found.muc !== undefined || found.pubsub !== undefined)) return found;
    const { stanzas } = this.broker.chat;
    this.asked ??= (
      await discover(stanzas.domain, (to, xmlns) => askQuery(stanzas, to, xmlns, signal))
    ).services;
    return this.asked;
  }

  /**
   * The nodes of the PubSub service; undefined where there is none.
   * @param known with their last items: those are not asked for again.
   * @throws what {@link Stanzas.ask} throws where it cannot be asked.
   */
  async nodes(
    known: ReadonlyMap<string, PubsubNode>,
    signal: AbortSignal,
  ): Promise<{ service: string; nodes: PubsubNode[] } | undefined> {
    const { pubsub } = await this.find(signal);
    if (pubsub === undefined) return undefined;
    return { service: pubsub, nodes: await askNodes(this.broker.chat.stanzas, pubsub, known, signal) };
  }
}

/** Sends `<iq type='get'>` with `<query xmlns>` and resolves to the query element of the answer. */
async function askQuery(
  stanzas: Stanzas,
  to: string,
  xmlns: string,
  signal: AbortSignal,
): Promise<Element | undefined> {
  const xml = await stanzas.load();
  const iq = xml('iq', { type: 'get', to }, xml('query', { xmlns }));
  return (await stanzas.ask(iq, { signal })).getChild('query', xmlns);
}
