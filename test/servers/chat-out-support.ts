/** What the suites of xmpp-out share: flows with the node, and a second account on raw `@xmpp/client`. */
import nodeRedInject from '@node-red/nodes/core/common/20-inject.js';
import nodeRedSwitch from '@node-red/nodes/core/function/10-switch.js';
import nodeRedChange from '@node-red/nodes/core/function/15-change.js';
import nodeRedTls from '@node-red/nodes/core/network/05-tls.js';
import type { Client, Element, xml as makeXml } from '@xmpp/client';
import { useStrictTransport } from '../../src/xmpp/stream/strict-transport';
import { BROKER, type Flow, type FlowNode, node, sink, tab } from '../support/flows';
import { type Message, type NodeModule, RunningFlow, Watched } from '../support/runtime';
import { certificates, type Ejabberd, type Prosody } from '../support/servers/index';
import { credentials, dinoxBroker, OTHER, OTHER_PASSWORD, TLS, tlsConfig, USER } from './nodes-support';

export type Server = Ejabberd | Prosody;
/** Long enough for a shaped line on a busy machine. */
export const SLOW_MS = 60_000;

/** Another account, whose stanzas are looked at as they came. */
export class ChatPartner extends Watched {
  /** Messages and presence, oldest first. */
  readonly stanzas: Element[] = [];
  private readonly client: Client;

  private constructor(
    client: Client,
    readonly xml: typeof makeXml,
  ) {
    super();
    this.client = client;
    client.on('stanza', (stanza: Element) => {
      this.stanzas.push(stanza);
      this.changed();
    });
    client.on('error', () => {});
  }

  static async connect(
    server: { c2sPort: number },
    user = OTHER,
    password = OTHER_PASSWORD,
    resource = 'phone',
  ): Promise<ChatPartner> {
    const { client: create, xml } = await import('@xmpp/client');
    const service = `xmpp://127.0.0.1:${server.c2sPort}`;
    const client = create({ service, domain: 'localhost', username: user, password, resource });
    client.reconnect.stop();
    useStrictTransport(client, {
      domain: 'localhost',
      tls: { ca: certificates().ca },
      allowUnencrypted: false,
    });
    // With SASL2 the resource would be another one each time (CLIENTS.md); stream management is not looked at here.
    client.prependListener('element', (element: Element) => {
      for (const [name, xmlns] of [
        ['authentication', 'urn:xmpp:sasl:2'],
        ['sm', 'urn:xmpp:sm:3'],
      ] as const) {
        const feature = element.is('features') ? element.getChild(name, xmlns) : undefined;
        if (feature) element.remove(feature);
      }
    });
    const partner = new ChatPartner(client, xml);
    await new Promise<void>((resolve, reject) => {
      client.once('online', () => resolve());
      client.once('error', reject);
      client
        .connect(service)
        .then(() => client.open({ domain: 'localhost' }))
        .catch(reject);
    });
    await partner.send(xml('presence'));
    return partner;
  }

  send(stanza: Element): Promise<void> {
    return this.client.send(stanza);
  }

  /** Messages with a body, without errors. */
  get said(): Element[] {
    return this.stanzas.filter(
      (stanza) => stanza.name === 'message' && stanza.attrs.type !== 'error' && stanza.getChild('body'),
    );
  }

  get bodies(): string[] {
    return this.said.map((stanza) => stanza.getChildText('body') ?? '');
  }

  /** Resolves with the messages that have a body as soon as there are `count`. */
  heard(count: number, ms = SLOW_MS): Promise<Element[]> {
    return this.until(`${count} messages`, () => this.said.length >= count && this.said, ms);
  }

  /** Asks something and resolves with the answer, whatever it is. */
  async ask(id: string, type: 'get' | 'set', to: string, ...content: Element[]): Promise<Element> {
    await this.send(this.xml('iq', { id, type, to }, ...content));
    return this.until(
      `an answer to ${id}`,
      () => this.stanzas.find((stanza) => stanza.name === 'iq' && stanza.attrs.id === id),
      SLOW_MS,
    );
  }

  /** Comes into a room, and resolves when it is in. */
  async join(room: string, nick: string, password?: string): Promise<void> {
    const x = this.xml('x', { xmlns: 'http://jabber.org/protocol/muc' });
    if (password) x.children.push(this.xml('password', {}, password));
    await this.send(this.xml('presence', { to: `${room}/${nick}` }, x));
    await this.until(
      `${nick} is in ${room}`,
      () =>
        this.stanzas.some(
          (stanza) =>
            stanza.name === 'presence' && stanza.attrs.from === `${room}/${nick}` && !stanza.attrs.type,
        ),
      SLOW_MS,
    );
  }

  async end(): Promise<void> {
    const socket = this.client.socket as { destroy?(): void } | null;
    this.client.timeout = 500;
    await this.client.disconnect().catch(() => {});
    socket?.destroy?.();
  }
}

/** A `dinox-broker` with the account of {@link USER} on this port. */
export function account(port: number, properties: object = {}): FlowNode {
  return dinoxBroker({
    jid: `${USER}@localhost`,
    xmppService: `xmpp://127.0.0.1:${port}`,
    tls: TLS,
    ...properties,
  });
}

export const BEN = `${OTHER}@localhost`;

export function chatOut(id: string, properties: object = {}): FlowNode {
  return node('xmpp-out', id, {
    broker: BROKER,
    to: BEN,
    kind: 'auto',
    format: 'payload',
    receipts: true,
    rate: 6_000,
    nick: '',
    attachmentDir: '',
    wires: [['sent'], ['receipts']],
    ...properties,
  });
}

/** What the parts of a suite work with. */
export interface ChatContext {
  readonly server: Server;
  readonly ben: ChatPartner;
  readonly flow: RunningFlow;
  readonly folder: string;
  /** Sends through a node and resolves with what came to ben because of it. */
  say(msg: Message, id?: string): Promise<Element[]>;
  /** Sends what is refused, and resolves with the code of the error. */
  refused(msg: Message, id?: string): Promise<string>;
}

export async function makeContext(
  server: Server,
  ben: ChatPartner,
  flow: RunningFlow,
  folder: string,
): Promise<ChatContext> {
  return {
    server,
    ben,
    flow,
    folder,
    async say(msg, id = 'out') {
      const before = ben.said.length;
      const { error } = await flow.call(id, msg, SLOW_MS);
      if (error !== undefined) throw new Error(error);
      return (await ben.heard(before + 1, SLOW_MS)).slice(before);
    },
    async refused(msg, id = 'out') {
      const { error = 'not refused', code = error } = await flow.call(id, msg, SLOW_MS);
      if (flow.completionsOf(msg).length !== 1) throw new Error('done was not called exactly once');
      return code;
    },
  };
}

/** A flow with an `xmpp-out` named `out`, whose outputs end in `sent` and `receipts`, and whose errors in `errors`. */
export function chatFlow(port: number, out: object = {}, more: FlowNode[] = []): Flow {
  return [
    tab(),
    tlsConfig(),
    account(port),
    chatOut('out', out),
    ...more,
    sink('sent'),
    sink('receipts'),
    node('catch', 'catch', { scope: null, uncaught: false, wires: [['errors']] }),
    sink('errors'),
  ];
}

export async function startChat(
  flow: Flow,
  secrets: Record<string, Record<string, string>> = credentials,
): Promise<RunningFlow> {
  const ours = require('../../src/index') as typeof import('../../src/index');
  const cores = [nodeRedTls, nodeRedInject, nodeRedSwitch, nodeRedChange];
  const modules = [
    ...cores,
    ours.registerDinoxBroker,
    ours.registerDinoxMqttIn,
    ours.registerXmppOut,
  ] as NodeModule[];
  const running = await RunningFlow.start(modules, flow, secrets);
  if (!flow.some(({ id }) => id === 'out')) return running;
  await running.shows('out', 'green', SLOW_MS);
  return running;
}
