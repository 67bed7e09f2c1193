import { randomUUID } from 'node:crypto';
import type { LookupFunction } from 'node:net';
import type { Client, Element } from '@xmpp/client';
import { text } from '../../base/catalogue';
import { type TlsSettings, verifies } from '../../net/tls';
import { toXmppError, XmppError } from '../errors';
import { NS } from '../namespaces';
import { type Discovery, discover } from '../service-discovery';
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
  let line: ConnectedLine | undefined;
  useStrictTransport(client, {
    domain: request.domain,
    tls: settings.tls,
    lookup: settings.lookup,
    allowUnencrypted: request.allowUnencrypted,
    onConnected: (connected) => {
      line = connected;
    },
  });
  useSasl(client, (error) => client.emit('error', error));
  client._onSeeOtherHost = (error) => client.emit('error', error);
  client.prependListener('element', (element: Element) =>
    readFeatures(client, element, line?.encrypted ?? false),
  );

  const queries = new Queries(client, (to, id, xmlns) =>
    xml('iq', { type: 'get', to, id }, xml('query', { xmlns })),
  );
  try {
    await online(client, service, request, signal);
    const timer = setTimeout(() => queries.fail(), DISCOVERY_MS);
    const aborted = () => queries.fail();
    signal.addEventListener('abort', aborted, { once: true });
    let found: Discovery;
    try {
      found = await discover(request.domain, (to, xmlns) => queries.ask(to, xmlns));
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', aborted);
    }
    signal.throwIfAborted();
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
  } finally {
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

class Queries {
  private waiting = new Map<
    string,
    { resolve(query: Element | undefined): void; reject(error: Error): void }
  >();

  constructor(
    private readonly client: Client,
    private readonly make: (to: string, id: string, xmlns: string) => Element,
  ) {
    client.on('stanza', (stanza: Element) => {
      const { id = '', type } = stanza.attrs;
      const waiting = this.waiting.get(id);
      if (!waiting || stanza.name !== 'iq') return;
      this.waiting.delete(id);
      waiting.resolve(type === 'result' ? stanza.getChild('query') : undefined);
    });
    client.on('disconnect', () => this.fail());
  }

  ask(to: string, xmlns: string): Promise<Element | undefined> {
    const id = randomUUID();
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.client.send(this.make(to, id, xmlns)).catch(reject);
    });
  }

  /** No more answers will be waited for. */
  fail(): void {
    for (const { reject } of this.waiting.values()) reject(new XmppError('timeout', text('xmpp.silent')));
    this.waiting.clear();
  }
}
