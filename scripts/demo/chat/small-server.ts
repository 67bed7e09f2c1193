/**
 * What stands in for Prosody where there is none: as much of an XMPP server (RFC 6120, RFC 6121) as two accounts need
 * to chat. It has TLS, logins with a password, presence, messages, and answers to pings; no stream management, no
 * archive, no rooms, no files, and no other servers. Both accounts are contacts of each other.
 */
import { randomUUID, timingSafeEqual } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import { client, type Element, type Parser, xml } from '@xmpp/client';
import { NS } from '../../../src/xmpp/namespaces';
import type { ChatServer, ServerOptions } from './server';

/** Bytes of one stanza, and of everything before the login. */
const MAX_STANZA = 262_144;
const MAX_CONNECTIONS = 20;
/** Milliseconds until a connection has TLS, and until it has logged in: whoever only sits there takes a place. */
const HANDSHAKE_MS = 10_000;
const LOGIN_MS = 30_000;
/** Wrong passwords on one connection. */
const MAX_TRIES = 3;
/** Bytes that wait for a client that does not read. */
const MAX_UNREAD = 8 * MAX_STANZA;

type ParserClass = new () => Parser;

export async function startSmallServer(options: ServerOptions, loginMs = LOGIN_MS): Promise<ChatServer> {
  const { cert, key } = options.certificate;
  const server = createServer({ cert, key, minVersion: 'TLSv1.2', handshakeTimeout: HANDSHAKE_MS });
  const accounts = new Accounts(options, parserClass(), loginMs);
  server.maxConnections = MAX_CONNECTIONS;
  server.on('tlsClientError', () => {});
  server.on('secureConnection', (socket) => accounts.accept(socket));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', () => resolve());
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      accounts.close();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** The sessions of the accounts, and what goes between them. */
class Accounts {
  private readonly sessions = new Set<Session>();

  constructor(
    readonly options: ServerOptions,
    private readonly ParserClass: ParserClass,
    readonly loginMs: number,
  ) {}

  accept(socket: TLSSocket): void {
    const session = new Session(this, socket, this.ParserClass);
    this.sessions.add(session);
    socket.once('close', () => {
      this.sessions.delete(session);
      if (session.isAvailable) this.tell(session, xml('presence', { type: 'unavailable' }));
    });
  }

  close(): void {
    for (const { socket } of this.sessions) socket.destroy();
  }

  /** A resource that no other session of the account has. */
  resourceFor(local: string, wanted: string): string {
    const taken = [...this.sessions].some((one) => one.local === local && one.resource === wanted);
    return wanted === '' || taken ? randomUUID() : wanted;
  }

  /** Sends a stanza where it belongs, or back with an error. */
  route(from: Session, stanza: Element): void {
    const { domain } = this.options;
    const { to = from.bare, type } = stanza.attrs;
    stanza.attrs.from = from.full;
    if (stanza.name === 'presence') {
      this.presence(from, stanza);
      return;
    }
    const isQuestion = stanza.name === 'iq' && (type === 'get' || type === 'set');
    if (isQuestion && (to === domain || to === from.bare)) {
      from.send(this.answer(from, stanza));
      return;
    }
    const receivers = stanza.name === 'iq' ? this.at(to).filter(({ full }) => full === to) : this.at(to);
    for (const receiver of receivers) receiver.send(stanza);
    if (receivers.length > 0 || type === 'error' || type === 'result') return;
    const host = to.split('/')[0]?.split('@').at(-1);
    from.send(refusal(stanza, host === domain ? 'service-unavailable' : 'remote-server-not-found'));
  }

  /** The available sessions of a bare JID, or the one of a full JID. */
  private at(to: string): Session[] {
    const there = [...this.sessions].filter(({ isAvailable }) => isAvailable);
    return there.filter(({ bare, full }) => (to.includes('/') ? full === to : bare === to));
  }

  private presence(from: Session, stanza: Element): void {
    const { to, type } = stanza.attrs;
    if (to !== undefined) {
      for (const session of this.at(to)) session.send(stanza);
    } else if (type === undefined || type === 'unavailable') {
      const before = from.presence;
      from.presence = type === undefined ? stanza : undefined;
      this.tell(from, stanza);
      if (before !== undefined || from.presence === undefined) return;
      for (const { presence } of this.sessions) if (presence && presence !== stanza) from.send(presence);
    }
  }

  private tell(from: Session, stanza: Element): void {
    stanza.attrs.from = from.full;
    for (const session of this.sessions) if (session !== from && session.isAvailable) session.send(stanza);
  }

  private answer(from: Session, iq: Element): Element {
    const { id = '', to = this.options.domain, type } = iq.attrs;
    const result = (...children: Element[]): Element =>
      xml('iq', { type: 'result', id, from: to, to: from.full }, ...children);
    const xmlns = iq.getChildElements()[0]?.getNS() ?? '';
    if (type !== 'get') return refusal(iq, 'service-unavailable');
    switch (xmlns) {
      case NS.ping:
        return result();
      case NS.roster:
      case NS.discoItems:
        return result(xml('query', { xmlns }));
      case NS.discoInfo: {
        const identity = xml('identity', { category: 'server', type: 'im', name: 'npm start' });
        const features = [NS.ping, NS.discoInfo, NS.discoItems].map((one) => xml('feature', { var: one }));
        return result(xml('query', { xmlns }, identity, ...features));
      }
      default:
        return refusal(iq, 'service-unavailable');
    }
  }
}

/** One connection: a stream, the login, and then a resource. */
class Session {
  local = '';
  resource = '';
  /** Its last presence; undefined before the first one, and after `unavailable`. */
  presence: Element | undefined;
  private readonly decoder = new TextDecoder();
  private parser: Parser;
  /** Bytes since the last stanza. */
  private pending = 0;
  private tries = 0;
  /** The last word is said. */
  private isOver = false;

  constructor(
    private readonly accounts: Accounts,
    readonly socket: TLSSocket,
    private readonly ParserClass: ParserClass,
  ) {
    this.parser = this.newParser();
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => this.read(chunk));
    const late = setTimeout(() => this.resource === '' && this.fail('connection-timeout'), accounts.loginMs);
    socket.once('close', () => clearTimeout(late));
  }

  get bare(): string {
    return `${this.local}@${this.accounts.options.domain}`;
  }

  get full(): string {
    return `${this.bare}/${this.resource}`;
  }

  get isAvailable(): boolean {
    return this.presence !== undefined;
  }

  send(stanza: Element): void {
    const { to } = stanza.attrs;
    stanza.attrs.to ??= this.full;
    this.socket.write(stanza.toString());
    if (this.socket.writableLength > MAX_UNREAD) this.socket.destroy();
    if (to === undefined) delete stanza.attrs.to;
  }

  private read(chunk: Buffer): void {
    if (this.isOver) return;
    this.pending += chunk.length;
    if (this.pending > MAX_STANZA) {
      this.fail('policy-violation');
      return;
    }
    try {
      this.parser.write(this.decoder.decode(chunk, { stream: true }));
    } catch {
      // The parser stumbles over an end without a beginning.
      this.fail('not-well-formed');
    }
  }

  /** A parser goes on to the end of its text, past an error, a login and the end of the stream: nothing of that counts. */
  private newParser(): Parser {
    const parser = new this.ParserClass();
    const whileCurrent =
      <T>(act: (given: T) => void) =>
      (given: T): void => {
        if (this.parser === parser && !this.isOver && !this.socket.destroyed) act(given);
      };
    parser.on(
      'start',
      whileCurrent(() => this.welcome()),
    );
    parser.on(
      'element',
      whileCurrent((element: Element) => {
        this.pending = 0;
        this.take(element);
      }),
    );
    parser.on(
      'end',
      whileCurrent(() => this.end('</stream:stream>')),
    );
    parser.on(
      'error',
      whileCurrent(() => this.fail('not-well-formed')),
    );
    return parser;
  }

  private welcome(): void {
    const { domain } = this.accounts.options;
    const feature =
      this.local === ''
        ? xml('mechanisms', { xmlns: NS.sasl }, xml('mechanism', {}, 'PLAIN'))
        : xml('bind', { xmlns: NS.bind });
    this.socket.write(
      `<?xml version='1.0'?><stream:stream xmlns='${NS.client}' xmlns:stream='${NS.stream}' id='${randomUUID()}' from='${domain}' version='1.0'>${xml('stream:features', {}, feature)}`,
    );
  }

  private take(element: Element): void {
    if (this.local === '') this.login(element);
    else if (this.resource === '') this.bind(element);
    else if (['message', 'presence', 'iq'].includes(element.name)) this.accounts.route(this, element);
  }

  /** SASL PLAIN (RFC 4616), within TLS. */
  private login(element: Element): void {
    const [, local = '', password = ''] = Buffer.from(element.text(), 'base64').toString().split('\0');
    const known = this.accounts.options.accounts.get(local);
    const isPlain = element.is('auth', NS.sasl) && element.attrs.mechanism === 'PLAIN';
    if (!isPlain || known === undefined || !isSame(known, password)) {
      this.socket.write(`<failure xmlns='${NS.sasl}'><not-authorized/></failure>`);
      this.tries += 1;
      if (this.tries >= MAX_TRIES) this.fail('policy-violation');
      return;
    }
    this.local = local;
    this.parser = this.newParser();
    this.socket.write(`<success xmlns='${NS.sasl}'/>`);
  }

  private bind(element: Element): void {
    const question = element.getChild('bind', NS.bind);
    if (!question) {
      this.fail('not-authorized');
      return;
    }
    this.resource = this.accounts.resourceFor(this.local, question.getChildText('resource') ?? '');
    const bound = xml('bind', { xmlns: NS.bind }, xml('jid', {}, this.full));
    this.socket.write(xml('iq', { type: 'result', id: element.attrs.id ?? '' }, bound).toString());
  }

  private fail(condition: string): void {
    const why = xml(condition, { xmlns: 'urn:ietf:params:xml:ns:xmpp-streams' });
    this.end(`${xml('stream:error', {}, why)}</stream:stream>`);
  }

  private end(last: string): void {
    this.isOver = true;
    this.socket.end(last);
    this.socket.destroySoon();
  }
}

/** The stanza as it goes back to its sender (RFC 6120 §8.3). */
function refusal(stanza: Element, condition: string): Element {
  const { id, to, from } = stanza.attrs;
  const attrs = { type: 'error', ...(id && { id }), ...(to && { from: to }), ...(from && { to: from }) };
  const error = xml('error', { type: 'cancel' }, xml(condition, { xmlns: NS.stanzas }));
  return xml(stanza.name, attrs, error);
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** The parser that the library's own transport uses. */
function parserClass(): ParserClass {
  const { transports } = client({
    service: 'xmpp://localhost',
    domain: 'localhost',
    username: '',
    password: '',
  });
  const found = transports.find(({ prototype }) => {
    try {
      return prototype.socketParameters('xmpp://localhost') !== undefined;
    } catch {
      return false;
    }
  });
  if (!found) throw new Error('@xmpp/client has no TCP transport');
  return found.prototype.Parser;
}
