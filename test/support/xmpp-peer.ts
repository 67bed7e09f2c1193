/**
 * The other side of a chat: an XMPP client on a bare TLS socket, which shares nothing with ours but the XML parser. It
 * looks at the stanzas themselves, acknowledges what it gets (XEP-0198), and sends again what was not acknowledged.
 */
import { connect, type TLSSocket } from 'node:tls';
import { client, type Element, type Parser } from '@xmpp/client';
import { certificates } from './servers/index';

const SM = 'urn:xmpp:sm:3';
const STREAM =
  "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0' to='localhost'>";

export interface PeerOptions {
  /** With TLS from the first byte. */
  port: number;
  user: string;
  password: string;
  /** @default 'phone' */
  resource?: string;
  /** Comes back by itself. @default false */
  stays?: boolean;
  /** False: no presence. @default true */
  presence?: boolean;
}

export class XmppPeer {
  /** Every stanza that came, in order. */
  readonly stanzas: Element[] = [];
  /** Ids of messages that the server acknowledged. */
  readonly confirmed = new Set<string>();
  /** Logged in, and presence sent. */
  ready = false;
  /** How often it logged in. */
  logins = 0;
  onStanza: (stanza: Element) => void = () => {};
  private socket: TLSSocket | undefined;
  private unconfirmed: { id: string; text: string }[] = [];
  private inbound = 0;
  private acknowledged = 0;
  private ended = false;

  constructor(private readonly options: PeerOptions) {
    this.connect();
  }

  get messages(): Element[] {
    return this.stanzas.filter(({ name }) => name === 'message');
  }

  /** How often a message with that id came. */
  count(id: string): number {
    return this.messages.filter(({ attrs }) => attrs.id === id).length;
  }

  /** Sends a message that is sent again until the server has it. */
  message(id: string, to: string, body: string): void {
    const text = `<message type='chat' to='${to}' id='${id}'><body>${body}</body></message>`;
    this.unconfirmed.push({ id, text });
    if (this.ready) this.write(`${text}<r xmlns='${SM}'/>`);
  }

  /** Raw XML; not counted. */
  write(text: string): void {
    this.socket?.write(text);
  }

  async end(): Promise<void> {
    this.ended = true;
    const socket = this.socket;
    if (!socket || socket.destroyed) return;
    const closed = new Promise((resolve) => socket.once('close', resolve));
    if (this.ready) socket.end(`<a xmlns='${SM}' h='${this.inbound}'/></stream:stream>`);
    else socket.destroy();
    // The server closes it, and has ended the session then. One that is cut would be kept for a resumption, and get what
    // is said to the account meanwhile: for a busy server that takes its time.
    setTimeout(() => socket.destroy(), 5_000).unref();
    await closed;
  }

  private connect(): void {
    if (this.ended) return;
    const { port, user, password, resource = 'phone', stays = false, presence = true } = this.options;
    const socket = connect({
      host: '127.0.0.1',
      port,
      servername: 'localhost',
      ca: certificates().ca,
      ALPNProtocols: ['xmpp-client'],
    });
    this.socket = socket;
    this.ready = false;
    socket.setEncoding('utf8').setNoDelay(true);
    let parser: Parser;
    const open = (): void => {
      parser = newParser();
      parser.on('element', (element: Element) => take(element));
      parser.on('error', () => socket.destroy());
      socket.write(STREAM);
    };
    const take = (element: Element): void => {
      if (element.is('features')) {
        if (element.getChild('mechanisms')) {
          const plain = Buffer.from(`\0${user}\0${password}`).toString('base64');
          socket.write(`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${plain}</auth>`);
        } else {
          const bind = `<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>${resource}</resource></bind>`;
          socket.write(`<iq type='set' id='bind'>${bind}</iq>`);
        }
      } else if (element.is('success')) open();
      else if (element.attrs.id === 'bind') socket.write(`<enable xmlns='${SM}'/>`);
      else if (element.is('enabled', SM)) {
        this.inbound = 0;
        this.acknowledged = 0;
        this.ready = true;
        this.logins += 1;
        const again = this.unconfirmed.map(({ text }) => text).join('');
        if (presence) {
          socket.write('<presence><priority>5</priority></presence>');
          // It counts, and is nobody's message.
          this.acknowledged = 1;
        }
        socket.write(`${again}<r xmlns='${SM}'/>`);
      } else if (element.is('r', SM)) socket.write(`<a xmlns='${SM}' h='${this.inbound}'/>`);
      else if (element.is('a', SM)) {
        const more = Math.max(0, Number(element.attrs.h) - this.acknowledged);
        for (const { id } of this.unconfirmed.splice(0, more)) this.confirmed.add(id);
        this.acknowledged += more;
      } else if (['message', 'presence', 'iq'].includes(element.name)) {
        this.inbound += 1;
        this.stanzas.push(element);
        this.onStanza(element);
      }
    };
    socket.on('secureConnect', open);
    socket.on('data', (text) => parser.write(String(text)));
    socket.on('error', () => {});
    socket.on('close', () => {
      this.ready = false;
      if (stays && !this.ended) setTimeout(() => this.connect(), 50);
    });
  }
}

function newParser(): Parser {
  const { transports } = client({
    service: 'xmpp://localhost',
    domain: 'localhost',
    username: '',
    password: '',
  });
  const transport = transports.find(({ prototype }) => {
    try {
      return prototype.socketParameters('xmpp://localhost') !== undefined;
    } catch {
      return false;
    }
  });
  if (!transport) throw new Error('no parser');
  return new transport.prototype.Parser();
}
