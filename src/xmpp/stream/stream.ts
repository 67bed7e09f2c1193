/**
 * One XMPP stream: connected, encrypted and authenticated by @xmpp/client, which then hands it over. Binding,
 * stream management and all stanzas are ours: the library's own ask for acknowledgements too late, enable stream
 * management twice, and throw at counts that they do not expect.
 */

import type { LookupFunction } from 'node:net';
import type { Client, Element } from '@xmpp/client';
import { text } from '../../base/catalogue';
import type { XmppEndpoint } from '../../net/host';
import type { TlsSettings } from '../../net/tls';
import { xmppEndpointText } from '../../servers/endpoint';
import { toXmppError, XmppError } from '../errors';
import { asciiDomain } from '../jid-grammar';
import { NS } from '../namespaces';
import { useSasl } from './sasl';
import { type Excess, StanzaLimits } from './stanza-limits';
import { type ConnectedLine, useStrictTransport } from './strict-transport';

export interface StreamOptions {
  endpoint: XmppEndpoint;
  local: string;
  domain: string;
  password: string;
  allowUnencrypted: boolean;
  tls?: TlsSettings | undefined;
  lookup?: LookupFunction | undefined;
  /** Connecting, encrypting and logging in, in milliseconds. */
  timeoutMs: number;
  /** True: stops before the login, for the registration of an account; no password is used. */
  beforeLogin?: boolean;
}

/** Features that the server offers after the login. */
export interface Features {
  streamManagement: boolean;
  /** Largest stanza in bytes (XEP-0478); undefined if the server does not say. */
  maxBytes: number | undefined;
  /** True if it makes accounts for who has an invitation (XEP-0445 §3). */
  takesInvitations: boolean;
}

/**
 * Maximum characters that are skipped of one stanza. Skipping costs no memory, but a stanza without an end would make
 * us deaf.
 */
const MAX_SKIPPED = 64 * 1_048_576;
/** Number of characters that are sent at once, in their own packet. */
const PACKET = 8_192;
const CLOSE_MS = 700;

/** `xmpp://host:port` as it stands in DNS, for people and for the library. */
export function serviceOf(endpoint: XmppEndpoint): string {
  const { host } = endpoint;
  return xmppEndpointText({ ...endpoint, host: host.includes(':') ? host : asciiDomain(host) });
}

/**
 * Connects and logs in. Nothing is tried twice.
 * @throws XmppError, or the signal's reason.
 */
export async function openStream(options: StreamOptions, signal: AbortSignal): Promise<XmppStream> {
  signal.throwIfAborted();
  const { client: createClient } = await import('@xmpp/client');
  signal.throwIfAborted();
  const { domain, local, password, timeoutMs } = options;
  const service = serviceOf(options.endpoint);
  const client = createClient({ service, domain, username: local, password, timeout: timeoutMs });
  client.reconnect.stop();
  let line: ConnectedLine = { address: '', encrypted: false, pinned: false };
  useStrictTransport(client, {
    domain,
    tls: options.tls,
    lookup: options.lookup,
    allowUnencrypted: options.allowUnencrypted,
    onConnected: (connected) => {
      line = connected;
    },
  });
  client._onSeeOtherHost = (error) => client.emit('error', error);
  return new Promise((resolve, reject) => {
    let settled = false;
    const settle = () => {
      settled = true;
      clearTimeout(timer);
      signal.removeEventListener('abort', aborted);
      client.removeListener('disconnect', lost);
      client.removeListener('element', onElement);
      client.removeListener('error', fail);
    };
    const fail = (error: unknown) => {
      if (settled) return;
      settle();
      // Ends everything of the library that still waits, and its timers.
      client.emit('error', error);
      destroy(client);
      reject(signal.aborted ? (signal.reason as Error) : toXmppError(error));
    };
    const lost = () => fail(new XmppError('network', text('xmpp.closed')));
    const aborted = () => fail(signal.reason);
    const timer = setTimeout(
      () => fail(new XmppError('timeout', text('xmpp.noAnswerWithin', { seconds: timeoutMs / 1_000 }))),
      timeoutMs,
    );
    const onElement = (element: Element) => {
      if (!element.is('features', NS.stream)) return;
      try {
        const features = options.beforeLogin ? takeFeatures(element) : readFeatures(element, line.encrypted);
        if (!features) return;
        settle();
        resolve(new XmppStream(client, line, features));
      } catch (error) {
        fail(error);
      }
    };
    useSasl(client, fail);
    // The listener stays, because an 'error' without one would end the process.
    client.on('error', () => {});
    client.on('error', fail);
    client.once('disconnect', lost);
    client.prependListener('element', onElement);
    signal.addEventListener('abort', aborted, { once: true });
    client
      .connect(service)
      .then(() => client.open({ domain }))
      .catch(fail);
  });
}

function destroy(client: Client): void {
  (client.socket as { destroy?(): void } | null)?.destroy?.();
}

/**
 * Takes out features that the library must not see: SASL2, the anonymous login (which would be another account), and,
 * once logged in, all of them. Undefined before the login.
 * @throws XmppError if no usable feature is left; the library would wait for ever.
 */
function readFeatures(element: Element, encrypted: boolean): Features | undefined {
  const sasl2 = element.getChild('authentication', NS.sasl2);
  if (sasl2) element.remove(sasl2);
  const mechanisms = element.getChild('mechanisms', NS.sasl);
  if (mechanisms) {
    for (const mechanism of mechanisms.getChildren('mechanism')) {
      if (mechanism.text().trim() === 'ANONYMOUS') mechanisms.remove(mechanism);
    }
    return undefined;
  }
  if (!element.getChild('bind', NS.bind)) {
    throw encrypted
      ? new XmppError('protocol', text('xmpp.noMethod'))
      : new XmppError('unencrypted', text('xmpp.wantsTlsOffersNone'));
  }
  return takeFeatures(element);
}

/** The feature of XEP-0445, and its name before it was one. */
const INVITING = [NS.invitationToken, NS.invitation];

/** Reads the offered features, and removes them so that the library does not go on. */
function takeFeatures(element: Element): Features {
  const bytes = Number(element.getChild('limits', NS.streamLimits)?.getChildText('max-bytes'));
  const features = {
    streamManagement: element.getChild('sm', NS.streamManagement) !== undefined,
    maxBytes: Number.isSafeInteger(bytes) && bytes > 0 ? bytes : undefined,
    takesInvitations: INVITING.some((name) => element.getChild('register', name) !== undefined),
  };
  for (const child of element.getChildElements()) element.remove(child);
  return features;
}

/** A stream that is logged in. Its owner sets {@link onElement} and {@link onEnd} in the same turn. */
export class XmppStream {
  onElement: (element: Element) => void = () => {};
  /** Called once, unless it was closed from here. */
  onEnd: (error: XmppError) => void = () => {};
  /** Called with every packet. */
  onData: () => void = () => {};
  /** Called before the text written in one turn goes out; may write more. */
  beforeFlush: () => void = () => {};
  /** Characters handed to the socket so far. */
  written = 0;
  private readonly socket: Socket;
  private outgoing = '';
  private awake = false;
  private readonly parser: LibraryParser;
  private readonly bounds: StanzaLimits;
  /** The element of the stanza that is being skipped, if the parser had come so far. */
  private skipping: Element | undefined;
  private ended = false;
  private failure: XmppError | undefined;

  constructor(
    client: Client,
    readonly line: ConnectedLine,
    readonly features: Features,
  ) {
    this.socket = client.socket as unknown as Socket;
    // From here on the library only reads.
    client.removeAllListeners('element');
    client.removeAllListeners('send');
    this.socket.on('data', () => this.count());
    const { parser } = client as unknown as { parser: LibraryParser };
    this.parser = parser;
    const parse = parser.write.bind(parser);
    this.bounds = new StanzaLimits({
      pass: parse,
      cut: () => this.forget(),
      skipped: (name, excess) => this.skipped(name, excess),
    });
    parser.write = (text) => this.bounds.write(text);
    client.on('element', (element: Element) => this.element(element));
    client.on('error', (error: unknown) => this.fail(toXmppError(error)));
    client.on('close', () => this.fail(new XmppError('network', text('xmpp.closedStream'))));
    client.on('disconnect', () => this.fail(new XmppError('network', text('xmpp.lost'))));
  }

  /** The reason for its end; undefined while it lives. */
  get error(): XmppError | undefined {
    return this.failure;
  }

  /** Writes text. All text written in one turn of the event loop goes out in one packet. */
  write(text: string): void {
    if (this.ended) return;
    this.wake();
    this.outgoing += text;
    this.written += text.length;
    // The server can begin while the rest is still being written down.
    if (this.outgoing.length > PACKET) this.flush();
  }

  /** Calls {@link beforeFlush} at the end of this turn, even if nothing is written. */
  wake(): void {
    if (this.awake) return;
    this.awake = true;
    queueMicrotask(() => this.flush());
  }

  /** Closes the stream as RFC 6120 §4.4 says; resolves when the line is closed, at the latest after 0.7 s. */
  async close(lastWords = ''): Promise<void> {
    if (this.ended) return;
    this.write(`${lastWords}</stream:stream>`);
    this.flush();
    this.ended = true;
    this.failure = new XmppError('network', text('xmpp.lineClosed'));
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, CLOSE_MS);
      this.socket.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
      this.socket.end();
    });
    this.socket.destroy();
  }

  private flush(): void {
    this.awake = false;
    if (!this.ended) this.beforeFlush();
    const text = this.outgoing;
    this.outgoing = '';
    if (this.ended || text === '') return;
    // A failed write is followed by the socket's close.
    this.socket.write(text, () => {});
  }

  private count(): void {
    if (this.ended) return;
    this.onData();
    // The parser keeps the blanks between stanzas forever.
    const { root } = this.parser;
    if (root && root.children.length > 0) root.children = [];
    if (this.bounds.size <= MAX_SKIPPED) return;
    const most = MAX_SKIPPED / 1_048_576;
    this.fail(new XmppError('protocol', text('xmpp.tooLarge', { most })));
  }

  /** The parser forgets the stanza that it is in, and waits for the next one. */
  private forget(): void {
    const parser = this.parser;
    let element = parser.cursor;
    while (element?.parent && element !== parser.root) element = element.parent;
    this.skipping = element && element !== parser.root ? element : undefined;
    parser.cursor = parser.root;
    // A text or a tag that has not ended cannot be taken from the parser.
    const Lexer = parser.parser.constructor as new () => LibraryParser['parser'];
    parser.parser = new Lexer();
    parser.parser.on('startElement', parser.onStartElement.bind(parser));
    parser.parser.on('endElement', parser.onEndElement.bind(parser));
    parser.parser.on('text', parser.onText.bind(parser));
  }

  /** The skipped stanza came all the same, and counts. It is handed on without its content, and marked. */
  private skipped(name: string, excess: Excess): void {
    const { root } = this.parser;
    const Made = root?.constructor as (new (name: string, attrs: object) => Element) | undefined;
    const element = this.skipping ?? (Made && new Made(name, {}));
    this.skipping = undefined;
    if (!element) return;
    element.children = [];
    element.parent = root;
    this.element(Object.assign(element, { [EXCESS]: excess }));
  }

  private element(element: Element): void {
    // A stream error comes as 'error' as well.
    if (this.ended || element.is('error', NS.stream)) return;
    this.onElement(element);
  }

  /** Cuts the line, and calls {@link onEnd}. */
  fail(error: XmppError): void {
    if (this.ended) return;
    this.ended = true;
    this.failure = error;
    this.socket.destroy();
    this.onEnd(error);
  }
}

interface Socket {
  on(event: 'data', listener: (text: string) => void): void;
  once(event: 'close', listener: () => void): void;
  write(text: string, callback: (error?: Error | null) => void): void;
  end(): void;
  destroy(): void;
}

interface LibraryParser {
  root: Element | null;
  cursor: Element | null;
  parser: { on(event: string, listener: (...what: never[]) => void): void };
  write(text: string): void;
  onStartElement(name: string, attrs: object): void;
  onEndElement(name: string): void;
  onText(text: string): void;
}

const EXCESS = Symbol('excess');

/** The reason why the content of this stanza was left out; undefined for a whole one. */
export function excessOf(element: Element): Excess | undefined {
  return (element as { [EXCESS]?: Excess })[EXCESS];
}
