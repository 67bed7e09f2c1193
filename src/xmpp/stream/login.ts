import { randomUUID } from 'node:crypto';
import type { LookupFunction } from 'node:net';
import type { Client, Element } from '@xmpp/client';
import { text } from '../../base/catalogue';
import { type TlsSettings, verifies } from '../../net/tls';
import { toXmppError, XmppError } from '../errors';
import { NS } from '../namespaces';
import { type Discovery, discover } from '../service-discovery';
import { stanzaError, type Xml } from '../stanzas';
import type { XmppAnswer, XmppRequest } from './login-types';
import { useSasl } from './sasl';
import { serviceOf } from './stream';
import { type ConnectedLine, useStrictTransport } from './strict-transport';

export interface LoginSettings {
  tls?: TlsSettings | undefined;
  lookup?: LookupFunction | undefined;
}

/** Discovery is a courtesy of the server. Answers that have not come by then are left out. */
const DISCOVERY_MS = 3_000;
const LOG_OFF_MS = 500;

/** A session of one strict login, for a few questions. */
export interface LoggedIn {
  readonly xml: Xml;
  /** Asks, within so many milliseconds. @throws StanzaError, XmppError */
  ask(iq: Element, timeoutMs: number): Promise<Element>;
}

/**
 * One strict login: encrypt, authenticate, ask the server about itself, log off. It sends no presence and binds no
 * resource. Nothing is tried twice.
 * @returns the findings, or the kind of failure; rejects only with the signal's reason.
 */
export async function loginAndDiscover(
  request: XmppRequest,
  settings: LoginSettings,
  signal: AbortSignal,
): Promise<XmppAnswer> {
  let line: ConnectedLine | undefined;
  const connected = (made: ConnectedLine) => {
    line = made;
  };
  try {
    const found = await withLogin(
      request,
      settings,
      signal,
      (session) => discoverWith(session, request, signal),
      connected,
    );
    const encrypted = line?.encrypted ?? false;
    return {
      ok: true,
      address: line?.address ?? '',
      encrypted,
      ...(encrypted && { verified: verifies(settings.tls) }),
      ...(line?.pinned && { pinned: true }),
      ...found,
    };
  } catch (error) {
    signal.throwIfAborted();
    const { code, text: why, certificate } = toXmppError(error);
    return {
      ok: false,
      failure: code,
      text: why,
      ...(line && { address: line.address }),
      ...(certificate && { certificate }),
    };
  }
}

/** What the server answers within {@link DISCOVERY_MS}. */
async function discoverWith(
  session: LoggedIn,
  { domain }: XmppRequest,
  signal: AbortSignal,
): Promise<Discovery> {
  const until = performance.now() + DISCOVERY_MS;
  const found = await discover(domain, async (to, xmlns) => {
    const iq = session.xml('iq', { type: 'get', to }, session.xml('query', { xmlns }));
    return (await session.ask(iq, Math.max(1, until - performance.now()))).getChild('query');
  });
  signal.throwIfAborted();
  return found;
}

/**
 * Logs in strictly, works with the session, logs off. It sends no presence, and the server names the resource. Nothing
 * is tried twice.
 * @throws XmppError without a login, errors of `work`, and the signal's reason
 */
export async function withLogin<T>(
  request: XmppRequest,
  settings: LoginSettings,
  signal: AbortSignal,
  work: (session: LoggedIn) => Promise<T>,
  connected: (line: ConnectedLine) => void = () => {},
): Promise<T> {
  signal.throwIfAborted();
  const { client: createClient, xml } = await import('@xmpp/client');
  signal.throwIfAborted();
  const service = serviceOf(request);
  const client = createClient({
    service,
    domain: request.domain,
    username: request.local,
    password: request.password,
    timeout: request.timeoutMs,
  });
  client.reconnect.stop();
  let isEncrypted = false;
  useStrictTransport(client, {
    domain: request.domain,
    tls: settings.tls,
    lookup: settings.lookup,
    allowUnencrypted: request.allowUnencrypted,
    onConnected: (line) => {
      isEncrypted = line.encrypted;
      connected(line);
    },
  });
  useSasl(client, (error) => client.emit('error', error));
  client._onSeeOtherHost = (error) => client.emit('error', error);
  client.prependListener('element', (element: Element) => readFeatures(client, element, isEncrypted));

  const questions = new Questions(client);
  const aborted = () => questions.fail();
  try {
    await online(client, service, request, signal);
    signal.addEventListener('abort', aborted, { once: true });
    return await work({ xml, ask: (iq, timeoutMs) => questions.ask(iq, timeoutMs) });
  } finally {
    signal.removeEventListener('abort', aborted);
    questions.fail();
    await logOff(client);
  }
}

/** Resolves once the session is bound. The library's own `start` leaves a rejection unhandled when it fails. */
function online(client: Client, service: string, request: XmppRequest, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () =>
        reject(new XmppError('timeout', text('xmpp.noAnswerWithin', { seconds: request.timeoutMs / 1_000 }))),
      request.timeoutMs,
    );
    const aborted = () => reject(signal.reason as Error);
    signal.addEventListener('abort', aborted, { once: true });
    const settle =
      <T>(then: (value: T) => void) =>
      (value: T) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', aborted);
        then(value);
      };
    client.once(
      'online',
      settle(() => resolve()),
    );
    // The listener stays, because an 'error' without one would end the process.
    client.on('error', settle(reject));
    client.once('disconnect', () => client.emit('error', new XmppError('network', text('xmpp.closed'))));
    client
      .connect(service)
      .then(() => client.open({ domain: request.domain }))
      .catch(settle(reject));
  });
}

/**
 * Takes features out before the library sees them. SASL2, because with ejabberd 24.12 the library then enables stream
 * management twice; stream management, because a login for discovery needs none. If no usable feature is left, the
 * library would wait for ever.
 */
function readFeatures(client: Client, element: Element, encrypted: boolean): void {
  if (!element.is('features', NS.stream)) return;
  for (const [name, xmlns] of [
    ['authentication', NS.sasl2],
    ['sm', NS.streamManagement],
  ] as const) {
    const feature = element.getChild(name, xmlns);
    if (feature) element.remove(feature);
  }
  const leadsOn = element.getChild('mechanisms', NS.sasl) ?? element.getChild('bind', NS.bind);
  if (leadsOn) return;
  client.emit(
    'error',
    encrypted
      ? new XmppError('protocol', text('xmpp.noMethod'))
      : new XmppError('unencrypted', text('xmpp.wantsTlsOffersNone')),
  );
}

/** Closes stream and socket, and with them every timer of the library. */
async function logOff(client: Client): Promise<void> {
  const socket = client.socket as { destroy?(): void } | null;
  try {
    client.timeout = LOG_OFF_MS;
    if (client.status === 'online') await client.disconnect();
  } catch {
    // The stream was closed already.
  } finally {
    socket?.destroy?.();
    // Writes in progress have failed by then, and have left the list.
    await new Promise((resolve) => setImmediate(resolve));
    // Each question would otherwise wait for its timer of 30 s.
    for (const handler of client.iqCaller.handlers.values())
      handler.reject(new XmppError('network', text('xmpp.lineClosed')));
  }
}

/** Questions under way on one session. */
class Questions {
  private readonly waiting = new Map<
    string,
    { resolve(answer: Element): void; reject(error: Error): void }
  >();

  constructor(private readonly client: Client) {
    client.on('stanza', (stanza: Element) => {
      const { id = '', type } = stanza.attrs;
      const waiting = this.waiting.get(id);
      if (!waiting || stanza.name !== 'iq' || (type !== 'result' && type !== 'error')) return;
      if (type === 'result') waiting.resolve(stanza);
      else waiting.reject(stanzaError(stanza));
    });
    client.on('disconnect', () => this.fail());
  }

  async ask(iq: Element, timeoutMs: number): Promise<Element> {
    const id = randomUUID();
    iq.attrs.id = id;
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<Element>((resolve, reject) => {
        timer = setTimeout(() => reject(new XmppError('timeout', text('xmpp.silent'))), timeoutMs);
        this.waiting.set(id, { resolve, reject });
        this.client.send(iq).catch(reject);
      });
    } finally {
      clearTimeout(timer);
      this.waiting.delete(id);
    }
  }

  /** No more answers will be waited for. */
  fail(): void {
    for (const { reject } of this.waiting.values()) reject(new XmppError('timeout', text('xmpp.silent')));
  }
}
