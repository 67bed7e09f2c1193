/** Clients beside the flow that share nothing with it, over MQTT or plain XEP-0060: one interface for both. */
import type { Element } from '@xmpp/client';
import { XmppPeer } from '../../support/xmpp-peer';
import { until } from '../lasting-support';
import { Partner } from '../nodes-support';

const SERVICE = 'pubsub.localhost';
const PUBSUB = 'http://jabber.org/protocol/pubsub';

export interface Other {
  /** Makes a topic that everybody may read and write, where topics have to be made. */
  make(topic: string): Promise<void>;
  /**
   * Publishes JSON.
   *
   * @param keeps over MQTT: retained; over PubSub the topic decides that. @default true
   * @throws where the server refuses it
   */
  publish(topic: string, json: string, keeps?: boolean): Promise<void>;
  watch(topic: string): Promise<void>;
  /** Payloads that came on a watched topic since. */
  seen(topic: string): string[];
  /** Takes a topic away with all that it keeps. */
  remove(topic: string): Promise<void>;
  /** True as long as its first connection holds. */
  readonly isUndisturbed: boolean;
  end(): Promise<void>;
}

export class MqttOther implements Other {
  private constructor(
    private readonly partner: Partner,
    /** A plain topic as the server knows it. */
    private readonly form: (topic: string) => string,
  ) {}

  static async connect(
    port: number,
    login: { username?: string; password?: string },
    form: (topic: string) => string = (topic) => topic,
  ): Promise<MqttOther> {
    return new MqttOther(await Partner.connect(`mqtt://127.0.0.1:${port}`, login), form);
  }

  get isUndisturbed(): boolean {
    return this.partner.connected;
  }

  async make(): Promise<void> {}

  publish(topic: string, json: string, keeps = true): Promise<void> {
    // The bridge acknowledges nothing, and keeps nothing.
    const isPlain = this.form(topic) === topic;
    return this.partner.publish(this.form(topic), json, { qos: isPlain ? 1 : 0, retain: keeps && isPlain });
  }

  watch(topic: string): Promise<void> {
    return this.partner.subscribe(this.form(topic));
  }

  seen(topic: string): string[] {
    return this.partner.seen
      .filter((message) => message.topic === this.form(topic) && !message.retain)
      .map(({ payload }) => payload);
  }

  remove(topic: string): Promise<void> {
    return this.publish(topic, '');
  }

  async end(): Promise<void> {
    await this.partner.end();
  }
}

export class XmppOther implements Other {
  private readonly answers = new Map<string, (answer: Element) => void>();
  private readonly came: { topic: string; payload: string }[] = [];
  private asked = 0;

  private constructor(
    private readonly peer: XmppPeer,
    private readonly jid: string,
  ) {
    peer.onStanza = (stanza) => {
      if (stanza.name === 'iq') this.answers.get(stanza.attrs.id ?? '')?.(stanza);
      else this.heard(stanza);
    };
  }

  /** @param port with TLS from the first byte */
  static async connect(port: number, user: string, password: string, resource: string): Promise<XmppOther> {
    const peer = new XmppPeer({ port, user, password, resource });
    const other = new XmppOther(peer, `${user}@localhost`);
    await until(`${user}/${resource} is there`, () => peer.ready);
    return other;
  }

  get isUndisturbed(): boolean {
    return this.peer.ready && this.peer.logins === 1;
  }

  async make(topic: string): Promise<void> {
    const fields = Object.entries({ access_model: 'open', publish_model: 'open', persist_items: '1' });
    const form = fields.map(([name, value]) => `<field var='pubsub#${name}'><value>${value}</value></field>`);
    const type = `<field var='FORM_TYPE' type='hidden'><value>${PUBSUB}#node_config</value></field>`;
    const config = `<configure><x xmlns='jabber:x:data' type='submit'>${type}${form.join('')}</x></configure>`;
    await this.ask('set', `<create node='${topic}'/>${config}`);
  }

  async publish(topic: string, json: string): Promise<void> {
    const item = `<item><json xmlns='urn:xmpp:json:0'>${escaped(json)}</json></item>`;
    await this.ask('set', `<publish node='${topic}'>${item}</publish>`);
  }

  async watch(topic: string): Promise<void> {
    await this.ask('set', `<subscribe node='${topic}' jid='${this.jid}'/>`);
  }

  seen(topic: string): string[] {
    return this.came.filter((one) => one.topic === topic).map(({ payload }) => payload);
  }

  async remove(topic: string): Promise<void> {
    await this.ask('set', `<delete node='${topic}'/>`, '#owner');
  }

  async end(): Promise<void> {
    await this.peer.end();
  }

  private heard(stanza: Element): void {
    const items = stanza.getChild('event')?.getChild('items');
    // A kept item, sent on subscribing, is stamped on Prosody; ejabberd 23.01 stamps nothing.
    if (!items || stanza.getChild('delay')) return;
    for (const item of items.getChildren('item')) {
      const payload = item.getChildElements()[0]?.text() ?? '';
      this.came.push({ topic: items.attrs.node ?? '', payload });
    }
  }

  private async ask(type: 'get' | 'set', content: string, part = ''): Promise<Element> {
    const id = `q${++this.asked}`;
    const request = `<pubsub xmlns='${PUBSUB}${part}'>${content}</pubsub>`;
    const answered = new Promise<Element>((resolve, reject) => {
      this.answers.set(id, resolve);
      setTimeout(() => reject(new Error(`no answer to ${request}`)), 10_000).unref();
    });
    this.peer.write(`<iq type='${type}' id='${id}' to='${SERVICE}'>${request}</iq>`);
    const answer = await answered;
    if (answer.attrs.type === 'error') throw new Error(`${answer.getChild('error')}`);
    return answer;
  }
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
