/** A flow with `xmpp-in` on a real server, and two people who speak raw XML. */
import assert from 'node:assert/strict';
import nodeRedCatch from '@node-red/nodes/core/common/25-catch.js';
import nodeRedSwitch from '@node-red/nodes/core/function/10-switch.js';
import nodeRedChange from '@node-red/nodes/core/function/15-change.js';
import nodeRedTls from '@node-red/nodes/core/network/05-tls.js';
import { BROKER, type Credentials, type Flow, node, sink, tab } from '../support/flows';
import { type Message, type NodeModule, RunningFlow } from '../support/runtime';
import type { Ejabberd, Prosody } from '../support/servers/index';
import { XmppPeer } from '../support/xmpp-peer';
import { ANNA, BOT, chatUsers, Ends, until } from './chat-support';
import { dinoxBroker, TLS, tlsConfig } from './nodes-support';

export const BEN = { user: 'ben', password: 'K1rsche+baum' };
export const WARDEN = { user: 'warden', password: 'N1ght+watch' };
export const USERS = {
  ...chatUsers,
  [BEN.user]: BEN.password,
  [WARDEN.user]: WARDEN.password,
};
export const BOT_JID = 'bot@localhost';
export const ANNA_JID = 'anna@localhost';
export const BEN_JID = 'ben@localhost';
export const ROOM = 'team@conference.localhost';
export const WAIT = 30_000;

type Server = Ejabberd | Prosody;
type Xmpp = Record<string, unknown> & { reaction?: unknown };
export const xmppOf = (msg: Message | undefined) => (msg?.xmpp ?? {}) as Xmpp;
export const eventOf = (msg: Message) => msg.payload as Record<string, unknown>;

function modules(): NodeModule[] {
  const ours = require('../../src/index') as typeof import('../../src/index');
  const cores = [nodeRedCatch, nodeRedTls, nodeRedSwitch, nodeRedChange];
  const chat = [ours.registerDinoxBroker, ours.registerXmppIn, ours.registerXmppOut];
  return [...cores, ...chat, ours.registerDinoxMqttIn, ours.registerDinoxMqttOut] as NodeModule[];
}

export function xmppIn(id: string, properties: object = {}) {
  return node('xmpp-in', id, {
    broker: BROKER,
    allow: ANNA_JID,
    kind: 'any',
    pattern: '',
    patternType: 'text',
    addressed: false,
    maxAge: '5m',
    rooms: '',
    nick: '',
    outputs: 2,
    wires: [[`${id}-sink`], [`${id}-events`]],
    ...properties,
  });
}

export function xmppOut(properties: object = {}) {
  return node('xmpp-out', 'out', {
    broker: BROKER,
    to: '',
    kind: 'auto',
    format: 'payload',
    nick: 'bot',
    ...properties,
  });
}

/** The server, the flow, and the people who write to it. */
export class ChatInPlace {
  server!: Server;
  flow!: RunningFlow;
  anna!: XmppPeer;
  ben!: XmppPeer;
  private readonly ends = new Ends();
  private count = 0;

  async start(server: Server): Promise<void> {
    this.server = this.ends.add(server);
    this.anna = await this.peer(ANNA);
    this.ben = await this.peer(BEN);
    // It waits at the server until the bot comes.
    this.say(this.anna, '<body>said before</body>', 'early');
    await this.flushed(this.anna);
    await this.openRoom();
    this.flow = this.ends.add(
      await RunningFlow.start(
        modules(),
        this.flowFor(
          xmppIn('in', { rooms: ROOM, nick: 'bot' }),
          xmppIn('now', { maxAge: '0' }),
          xmppIn('echo', { pattern: 'echo *', patternType: 'wildcard', wires: [['out'], []] }),
          xmppIn('room', { allow: '', rooms: ROOM, kind: 'groupchat', addressed: true, nick: 'bot' }),
          xmppOut(),
        ),
        { [BROKER]: { password: BOT.password } },
      ),
    );
    await this.flow.shows('in', 'green', WAIT);
    await this.event('in', 'joined');
  }

  end(): Promise<void> {
    return this.ends.all();
  }

  /** A number that nothing else here has. */
  next(): number {
    return ++this.count;
  }

  flowFor(...nodes: ReturnType<typeof node>[]): Flow {
    const broker = dinoxBroker({
      jid: BOT_JID,
      xmppService: `xmpp://127.0.0.1:${this.server.c2sPort}`,
      tls: TLS,
    });
    const sinks = nodes
      .filter(({ type }) => type === 'xmpp-in')
      .flatMap(({ id }) => [sink(`${id}-sink`), sink(`${id}-events`)]);
    return [tab(), tlsConfig(), broker, ...nodes, ...sinks];
  }

  private async peer({ user, password }: typeof ANNA): Promise<XmppPeer> {
    const made = this.ends.add(new XmppPeer({ port: this.server.c2sTlsPort, user, password }));
    await until(`${user} is there`, () => made.ready);
    // Prosody tells only who has asked for the roster what becomes of a request (RFC 6121 §2.2).
    made.write("<iq type='get' id='roster'><query xmlns='jabber:iq:roster'/></iq>");
    return made;
  }

  /** Everything that was written before has been routed. */
  async flushed(who: XmppPeer): Promise<void> {
    const id = `flush${++this.count}`;
    who.write(`<iq type='get' to='localhost' id='${id}'><ping xmlns='urn:xmpp:ping'/></iq>`);
    await until('an answer to a ping', () => who.stanzas.some(({ attrs }) => attrs.id === id));
  }

  say(who: XmppPeer, content: string, id = `m${++this.count}`, to = BOT_JID, type = 'chat'): void {
    who.write(`<message to='${to}' type='${type}' id='${id}'>${content}</message>`);
  }

  /** A room that shows real JIDs, made by Anna; Ben is in it too. */
  private async openRoom(): Promise<void> {
    const x = "<x xmlns='http://jabber.org/protocol/muc'/>";
    const isIn = (who: XmppPeer, nick: string) => () =>
      who.stanzas.some(({ name: kind, attrs }) => kind === 'presence' && attrs.from === `${ROOM}/${nick}`);
    this.anna.write(`<presence to='${ROOM}/Anna'>${x}</presence>`);
    await until('Anna is in the room', isIn(this.anna, 'Anna'));
    const field = (key: string, value: string) => `<field var='${key}'><value>${value}</value></field>`;
    this.anna.write(`<iq type='set' to='${ROOM}' id='form'><query xmlns='http://jabber.org/protocol/muc#owner'>
      <x xmlns='jabber:x:data' type='submit'>${field('FORM_TYPE', 'http://jabber.org/protocol/muc#roomconfig')}
      ${field('muc#roomconfig_whois', 'anyone')}</x></query></iq>`);
    await until('the room is open', () => this.anna.stanzas.some(({ attrs }) => attrs.id === 'form'));
    this.ben.write(`<presence to='${ROOM}/Ben'>${x}</presence>`);
    await until('Ben is in the room', isIn(this.ben, 'Ben'));
  }

  /** Messages at a node that hold this text, once there is one. */
  heard(id: string, text: string): Promise<Message> {
    return this.flow.until(
      `"${text}" at ${id}`,
      () => this.flow.at(`${id}-sink`).find(({ payload }) => payload === text),
      WAIT,
    );
  }

  event(id: string, what: string, about: object = {}): Promise<Message> {
    return this.flow.until(
      `event ${what} at ${id}`,
      () =>
        this.flow.at(`${id}-events`).find((msg) => {
          const given = { ...eventOf(msg), alertId: msg.alertId } as Record<string, unknown>;
          return given.event === what && Object.entries(about).every(([key, value]) => given[key] === value);
        }),
      WAIT,
    );
  }

  texts(id: string): unknown[] {
    return this.flow.at(`${id}-sink`).map(({ payload }) => payload);
  }

  /** Makes every node anew. The test helper gives up waiting after 300 ms, which a busy machine may take. */
  async redeploy(next: Flow, secrets?: Credentials): Promise<void> {
    await this.flow.deploy(next, 'full', secrets).catch((error: Error) => {
      if (!/timeout waiting/.test(error.message)) throw error;
    });
  }

  /** Nothing but what is expected comes at `in`: what Anna says last is the next thing. */
  async nothingMore(action: () => Promise<void>): Promise<void> {
    const before = this.flow.at('in-sink').length;
    await action();
    const text = `sentinel ${++this.count}`;
    this.say(this.anna, `<body>${text}</body>`);
    await this.heard('in', text);
    assert.deepEqual(
      this.flow
        .at('in-sink')
        .slice(before)
        .map(({ payload }) => payload),
      [text],
    );
  }

  /** Sends an alert to Anna, and resolves with its id. */
  async alert(text: string, alertId: string, to = ANNA_JID): Promise<string> {
    this.flow.send('out', { payload: text, to, alertId });
    const found = () => this.anna.messages.find((message) => message.getChildText('body') === text);
    await until(`"${text}" reaches Anna`, found);
    return found()?.attrs.id ?? '';
  }
}
