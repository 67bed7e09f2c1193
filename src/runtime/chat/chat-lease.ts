import type { Clock } from '../../base/clock';
import type { Text } from '../../base/text';
import { writtenAddress } from '../../xmpp/address-text';
import { AccountServices } from '../../xmpp/contacts/account-services';
import { ContactList, type KnownContact, type KnownRoom } from '../../xmpp/contacts/contact-list';
import { type IncomingContact, IncomingContacts, pairingUri } from '../../xmpp/contacts/incoming-contacts';
import type { Discovery } from '../../xmpp/service-discovery';
import type { SessionState } from '../../xmpp/stanzas';
import type { RegisteredNode } from '../node-contract';
import type { LeasedBroker, LeasedSession } from './leased-broker';

/** Chosen recipients go into a list that people type. */
const asText = <T extends { jid: string }>(one: T): T => ({ ...one, jid: writtenAddress(one.jid) });

export interface GuideView {
  phase: SessionState['phase'];
  /** The reason why there is no session. */
  reason?: Text;
  /** The account, and the link that opens a chat with it. */
  account: string;
  link: string;
  callers: IncomingContact[];
  /** True once contacts and rooms have been asked for. */
  ready: boolean;
  contacts: KnownContact[];
  rooms: KnownRoom[];
}

/** Silence of the guide after which the session is let go, in milliseconds. */
export const CHAT_LEASE_MS = 30_000;
/** Time between two requests for the lists, in milliseconds. */
const AGAIN = 10_000;

/** A holder of the session: the guided start, or a dialog in which recipients are chosen. */
export type LeaseHolder = string;
const MAX_LOOKERS = 50;

/**
 * The guided starts and dialogs of one Node-RED. While one looks, the connection's XMPP session is open, and people
 * who write to the account are offered to it. It ends by itself {@link CHAT_LEASE_MS} after the last question.
 */
export class SessionLeases {
  private readonly leases = new Map<LeasedSession, SessionLease>();

  constructor(private readonly clock: Clock) {}

  /** Begins, or goes on. */
  renew(broker: LeasedBroker, looker: LeaseHolder = 'guide'): GuideView {
    let lease = this.leases.get(broker.chat);
    if (!lease) {
      lease = new SessionLease(broker, this.clock, () => this.leases.delete(broker.chat));
      this.leases.set(broker.chat, lease);
    }
    return lease.renew(looker);
  }

  end(broker: LeasedBroker, looker: LeaseHolder = 'guide'): void {
    this.leases.get(broker.chat)?.leave(looker);
  }
}

class SessionLease {
  private readonly registration: RegisteredNode = { id: 'dinox-guide', status: () => {} };
  private readonly controller = new AbortController();
  private readonly pairing: IncomingContacts;
  private readonly known: ContactList;
  private readonly holders = new Set<LeaseHolder>();
  private readonly stopListening: () => void;
  private stopLease: () => void = () => {};
  private readonly services: AccountServices;
  private asked = Number.NEGATIVE_INFINITY;
  /** A question is under way. */
  private asking = false;

  constructor(
    private readonly broker: LeasedBroker,
    private readonly clock: Clock,
    private readonly ended: () => void,
  ) {
    const { chat } = broker;
    this.services = new AccountServices(broker);
    this.pairing = new IncomingContacts(chat.stanzas.account, () => clock.now());
    this.known = new ContactList(chat, broker.config.presence !== 'none');
    this.stopListening = chat.stanzas.onStanza((stanza) => this.pairing.take(stanza));
    chat.register(this.registration);
  }

  renew(looker: LeaseHolder): GuideView {
    if (this.holders.size < MAX_LOOKERS) this.holders.add(looker);
    this.stopLease();
    this.stopLease = this.clock.after(CHAT_LEASE_MS, () => this.end());
    const { state, account } = this.broker.chat.stanzas;
    // A slow server has one question at a time: each is hundreds, and they would pile up.
    const isDue = this.clock.steady() - this.asked >= AGAIN;
    if (state.phase === 'online' && !this.asking && isDue) {
      this.asked = this.clock.steady();
      // Lists that cannot be asked for stay as they were: a roster is a help, not a condition.
      void this.ask().catch(() => {});
    }
    const reason = 'reason' in state ? state.reason?.text : undefined;
    return {
      phase: state.phase,
      ...(reason && { reason }),
      account,
      link: account.includes('@') ? pairingUri(account) : '',
      callers: this.pairing.list.map(asText),
      ready: this.known.ready,
      contacts: this.known.contacts.map(asText),
      rooms: this.known.rooms.map(asText),
    };
  }

  /** Ends for one holder; the session goes on while another one looks. */
  leave(looker: LeaseHolder): void {
    this.holders.delete(looker);
    if (this.holders.size === 0) this.end();
  }

  end(): void {
    this.stopLease();
    this.stopListening();
    this.controller.abort(new Error('the guide was closed'));
    this.ended();
    // The session ends if no node of a flow chats.
    void this.broker.chat.deregister(this.registration, true).catch(() => {});
  }

  private async ask(): Promise<void> {
    this.asking = true;
    try {
      await this.askAll();
    } finally {
      this.asking = false;
    }
  }

  private async askAll(): Promise<void> {
    const { signal } = this.controller;
    // The contact list is there even if the services cannot be asked for.
    const { muc } = await this.services.find(signal).catch((): Discovery['services'] => ({}));
    await this.known.ask(muc, signal);
  }
}
