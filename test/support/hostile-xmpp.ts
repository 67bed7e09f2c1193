/** An XMPP server that no package installs: lets everybody in, and says what a test wants it to say. */
import type { AddressInfo, Socket } from 'node:net';
import { createServer, type Server } from 'node:tls';
import { certificates } from './servers/index';

const SASL = 'urn:ietf:params:xml:ns:xmpp-sasl';
const SM = 'urn:xmpp:sm:3';

export const STREAM =
  "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' id='1' from='localhost' version='1.0'>";

export function streamError(condition: string): string {
  return `<stream:error><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>`;
}

export type Heard = 'stream' | 'auth' | 'response' | 'bind' | 'enable' | 'resume' | 'r' | 'message' | 'iq';

const PATTERNS: readonly (readonly [Heard, RegExp])[] = [
  ['stream', /<stream:stream[^>]*>/g],
  ['auth', /<auth [\s\S]*?<\/auth>/g],
  ['response', /<response [\s\S]*?<\/response>/g],
  ['enable', /<enable [^>]*urn:xmpp:sm:3[^>]*>/g],
  ['resume', /<resume [^>]*>/g],
  ['r', /<r [^>]*>/g],
  ['message', /<message [\s\S]*?<\/message>/g],
  ['iq', /<iq [\s\S]*?<\/iq>/g],
];

export class HostileXmpp {
  /** Everything that was heard, by connection. */
  readonly heard: string[] = [];
  /** Gives another answer than the usual one; undefined: the usual one, '': none. */
  answer: (what: Heard, text: string, connection: number) => string | undefined = () => undefined;
  /** Sees how many bytes of one stanza have come, where it has not ended yet. */
  onData: (bytes: number, socket: Socket) => void = () => {};
  mechanisms: readonly string[] = ['PLAIN'];
  streamManagement = true;
  private readonly sockets = new Set<Socket>();
  private last: Socket | undefined;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<HostileXmpp> {
    const { cert, key } = certificates().good;
    const server = createServer({ cert, key });
    const hostile = new HostileXmpp(server);
    server.on('tlsClientError', () => {});
    server.on('secureConnection', (socket) => hostile.accept(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return hostile;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Says something on the newest connection. */
  say(text: string | Buffer): void {
    this.last?.write(text);
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private accept(socket: Socket): void {
    const connection = this.heard.push('') - 1;
    this.sockets.add(socket);
    this.last = socket;
    socket.on('error', () => {});
    socket.on('close', () => this.sockets.delete(socket));
    const counts = { authenticated: false, stanzas: 0 };
    let unread = '';
    socket.on('data', (chunk) => {
      this.heard[connection] += chunk.toString();
      unread += chunk.toString();
      this.onData(unread.length, socket);
      for (;;) {
        const found = PATTERNS.flatMap(([what, pattern]) => {
          pattern.lastIndex = 0;
          const match = pattern.exec(unread);
          return match ? [{ what, text: match[0], at: match.index }] : [];
        }).sort((a, b) => a.at - b.at)[0];
        if (!found || socket.destroyed) return;
        unread = unread.slice(found.at + found.text.length);
        const { what, text } = found;
        if (what === 'message' || what === 'iq') counts.stanzas += 1;
        const isBind = what === 'iq' && text.includes('xmpp-bind');
        const reply = this.answer(isBind ? 'bind' : what, text, connection) ?? this.usual(what, text, counts);
        socket.write(reply);
      }
    });
  }

  private usual(what: Heard, text: string, counts: { authenticated: boolean; stanzas: number }): string {
    const id = /id=["']([^"']+)/.exec(text)?.[1] ?? '';
    switch (what) {
      case 'stream': {
        const sm = this.streamManagement ? `<sm xmlns='${SM}'/>` : '';
        const bind = `<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>${sm}`;
        const list = this.mechanisms.map((name) => `<mechanism>${name}</mechanism>`).join('');
        const mechanisms = `<mechanisms xmlns='${SASL}'>${list}</mechanisms>`;
        return `${STREAM}<stream:features>${counts.authenticated ? bind : mechanisms}</stream:features>`;
      }
      case 'auth':
      case 'response':
        counts.authenticated = true;
        return `<success xmlns='${SASL}'/>`;
      case 'enable':
        counts.stanzas = 0;
        return `<enabled xmlns='${SM}' resume='true' id='s1'/>`;
      case 'resume':
        return `<failed xmlns='${SM}'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>`;
      case 'r':
        // Presence is not heard: the tests send none.
        return `<a xmlns='${SM}' h='${counts.stanzas}'/>`;
      case 'iq':
        if (!text.includes('xmpp-bind')) return `<iq type='result' id='${id}' from='localhost'/>`;
        return `<iq type='result' id='${id}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>bot@localhost/x</jid></bind></iq>`;
      default:
        return '';
    }
  }
}
