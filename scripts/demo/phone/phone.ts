/** The person's side of the chat: one XMPP session as a phone has it, and the messages that its page shows. */
import { randomUUID } from 'node:crypto';
import { systemClock } from '../../../src/base/clock';
import { NS } from '../../../src/xmpp/namespaces';
import { readStanza } from '../../../src/xmpp/receiving/stanza-reader';
import { messageStanza } from '../../../src/xmpp/sending/message-stanza';
import { XmppSession } from '../../../src/xmpp/session/session';
import { BOT, type Chat, DOMAIN, PERSON } from '../chat/chat';
import type { PhoneMessage, PhoneState } from './state';

/** Newest messages that are kept. */
const MAX_MESSAGES = 200;
/** Characters of a text. */
const MAX_TEXT = 2_000;
const BOT_JID = `${BOT}@${DOMAIN}`;
const PERSON_JID = `${PERSON}@${DOMAIN}`;

export class Phone {
  /** Called when something has changed. */
  onChange: () => void = () => {};
  private readonly session: XmppSession;
  private readonly messages: PhoneMessage[] = [];
  private isHouseThere = false;

  constructor(private readonly chat: Chat) {
    const { port, ca } = chat;
    this.session = new XmppSession(
      {
        jid: { local: PERSON, domain: DOMAIN, bare: PERSON_JID },
        password: chat.passwordOf(PERSON),
        resource: 'phone',
        service: { host: '127.0.0.1', port, directTls: true },
        allowUnencrypted: false,
        tls: { ca },
        presence: 'available',
        priority: 5,
        limits: { messages: 100, bytes: 262_144, ttl: 60_000 },
        software: { name: 'npm start', version: '1' },
      },
      {
        clock: systemClock,
        random: Math.random,
        srv: async () => ({ kind: 'records', records: [] }),
        notice: () => {},
      },
    );
    for (const feature of [NS.correct, NS.reactions, NS.receipts]) this.session.addFeature(feature);
    this.session.onState(() => this.onChange());
    this.session.onStanza((stanza) => this.take(stanza));
  }

  start(): void {
    this.session.start();
  }

  async close(): Promise<void> {
    await this.session.end(new Error('npm start ends'), 200);
  }

  get state(): PhoneState {
    return {
      server: this.chat.server,
      jid: PERSON_JID,
      isOnline: this.session.state.phase === 'online',
      isHouseThere: this.isHouseThere,
      messages: this.messages,
    };
  }

  /** Says something to the house. */
  async say(text: string): Promise<void> {
    const body = text.trim().slice(0, MAX_TEXT);
    if (body === '') return;
    const id = randomUUID();
    const message: PhoneMessage = { id, from: 'you', text: body, at: Date.now(), reactions: [] };
    this.add(message);
    const xml = await this.session.load();
    this.session.send(messageStanza(xml, { id, to: BOT_JID, kind: 'chat', body, receipt: true }), (error) => {
      message.state = error ? 'failed' : (message.state ?? 'sent');
      this.onChange();
    });
  }

  /** Sets the person's reactions to a message of the house: one, or none. */
  async react(id: string, emoji: string | undefined): Promise<void> {
    const message = this.messages.find((one) => one.id === id && one.from === 'house');
    if (!message) return;
    const xml = await this.session.load();
    message.reactions = emoji === undefined ? [] : [emoji];
    const reactions = message.reactions.map((one) => xml('reaction', {}, one));
    const attributes = { to: BOT_JID, type: 'chat', id: randomUUID() };
    const store = xml('store', { xmlns: NS.hints });
    const list = xml('reactions', { xmlns: NS.reactions, id }, ...reactions);
    this.session.send(xml('message', attributes, list, store), () => {});
    this.onChange();
  }

  private take(stanza: Parameters<typeof readStanza>[0]): void {
    const read = readStanza(stanza, { account: PERSON_JID, now: Date.now(), isRoom: () => false });
    for (const event of read.events) {
      if (event.bare !== BOT_JID) continue;
      if (event.event === 'presence') this.isHouseThere = event.show !== 'unavailable';
      if (event.event === 'receipt') this.mark(event.id, 'arrived');
      if (event.event === 'failed') this.mark(event.id, 'failed');
    }
    const { message } = read;
    if (message && message.bare === BOT_JID && !message.carbon && message.text !== '') {
      const { id = randomUUID(), text, replaces, wantsReceipt, from } = message;
      // A correction of a message that came before this phone was there is shown as a message.
      if (!this.edit(replaces, text)) {
        this.add({
          id: replaces ?? id,
          from: 'house',
          text: text.slice(0, MAX_TEXT),
          at: message.stamp,
          reactions: [],
        });
      }
      if (wantsReceipt) void this.confirm(from, id);
    }
    this.onChange();
  }

  private edit(id: string | undefined, text: string): boolean {
    const message = this.messages.find((one) => one.from === 'house' && one.id === id);
    if (!message) return false;
    message.text = text.slice(0, MAX_TEXT);
    message.editedAt = Date.now();
    return true;
  }

  private async confirm(to: string, id: string): Promise<void> {
    const xml = await this.session.load();
    const received = xml('received', { xmlns: NS.receipts, id });
    this.session.send(xml('message', { to, type: 'chat', id: randomUUID() }, received), () => {});
  }

  private mark(id: string, state: PhoneMessage['state']): void {
    const message = this.messages.find((one) => one.id === id && one.from === 'you');
    if (message && state) message.state = state;
  }

  private add(message: PhoneMessage): void {
    this.messages.push(message);
    if (this.messages.length > MAX_MESSAGES) this.messages.shift();
    this.onChange();
  }
}
