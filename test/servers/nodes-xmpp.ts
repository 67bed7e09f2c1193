/** An XMPP client beside the flow: publishes PubSub items and reads them, and nothing else. */
import { connect, type TLSSocket } from 'node:tls';
import { Watched } from '../support/runtime';
import { certificates } from '../support/servers/index';

const STREAM =
  "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'";

export class XmppPartner extends Watched {
  received = '';

  private constructor(
    private readonly socket: TLSSocket,
    private readonly service: string,
  ) {
    super();
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      this.received += chunk;
      this.changed();
    });
    socket.on('error', () => {});
  }

  /** Logs in as `user@localhost` on a port with TLS from the first byte. */
  static async connect(port: number, user: string, password: string): Promise<XmppPartner> {
    const socket = connect({
      host: '127.0.0.1',
      port,
      servername: 'localhost',
      ca: certificates().ca,
      ALPNProtocols: ['xmpp-client'],
    });
    const partner = new XmppPartner(socket, 'pubsub.localhost');
    const open = `${STREAM} to='localhost'>`;
    await partner.ask(open, /<\/stream:features>/);
    const plain = Buffer.from(`\0${user}\0${password}`).toString('base64');
    const auth = `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${plain}</auth>`;
    await partner.ask(auth, /<success/);
    await partner.ask(open, /<\/stream:features>/);
    await partner.ask(
      "<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>",
      /<jid>/,
    );
    return partner;
  }

  /** Publishes one item; `xml` is its payload (XEP-0060 §7.1). */
  async publish(node: string, xml: string): Promise<void> {
    const item = `<publish node='${node}'><item>${xml}</item></publish>`;
    const answer = await this.pubsub('set', item);
    if (!/type=['"]result/.test(answer)) throw new Error(answer);
  }

  /** The last item of a node, as XML (XEP-0060 §6.5). */
  lastItem(node: string): Promise<string> {
    return this.pubsub('get', `<items node='${node}' max_items='1'/>`);
  }

  /** Names of the nodes that the service lists (XEP-0060 §5.2). */
  async nodes(): Promise<string[]> {
    const question = "<query xmlns='http://jabber.org/protocol/disco#items'/>";
    const answer = await this.ask(`<iq type='get' id='n' to='${this.service}'>${question}</iq>`, /<\/iq>/);
    return [...answer.matchAll(/ node=['"]([^'"]+)/g)].map(([, node = '']) => node);
  }

  async end(): Promise<void> {
    this.socket.destroy();
  }

  /** Any question to the service; `owner`: one that only the owner of a node may ask. */
  pubsub(type: 'get' | 'set', content: string, owner = false): Promise<string> {
    const xmlns = `http://jabber.org/protocol/pubsub${owner ? '#owner' : ''}`;
    const request = `<pubsub xmlns='${xmlns}'>${content}</pubsub>`;
    return this.ask(`<iq type='${type}' id='q' to='${this.service}'>${request}</iq>`, /<\/iq>|<iq[^>]*\/>/);
  }

  private async ask(xml: string, pattern: RegExp): Promise<string> {
    this.received = '';
    this.socket.write(xml);
    await this.until(`an answer to ${xml.slice(0, 200)}`, () => pattern.test(this.received));
    return this.received;
  }
}

/** A payload as `mod_pubsub_mqtt` knows it: XEP-0335 JSON, plain data, the title of an Atom entry. */
export const items = {
  json: (text: string) => `<json xmlns='urn:xmpp:json:0'>${text}</json>`,
  utf8: (text: string) => `<data xmlns='https://prosody.im/protocol/data'>${text}</data>`,
  atom_title: (text: string) => `<entry xmlns='http://www.w3.org/2005/Atom'><title>${text}</title></entry>`,
};
