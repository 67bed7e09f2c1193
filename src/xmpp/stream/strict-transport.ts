/**
 * A transport for @xmpp/client that encrypts before the stream opens. The library's own STARTTLS takes no CA, obeys
 * NODE_TLS_REJECT_UNAUTHORIZED=0, and goes on in clear text if the server offers no STARTTLS.
 */

import { EventEmitter } from 'node:events';
import { connect, isIP, type LookupFunction, type Socket } from 'node:net';
import { StringDecoder } from 'node:string_decoder';
import { connect as connectTls } from 'node:tls';
import type { Client, Transport } from '@xmpp/client';
import { text } from '../../base/catalogue';
import { judgePeer } from '../../net/certificate-pins';
import { type TlsSettings, verifies } from '../../net/tls';
import { tlsFault } from '../../net/tls-fault';
import { networkError, XmppError } from '../errors';
import { asciiDomain } from '../jid-grammar';
import { askForTls } from './starttls';

export interface StrictOptions {
  /** The account's domain. The certificate must name it, even if the host has another name (RFC 6120 §13.7.2). */
  domain: string;
  tls?: TlsSettings | undefined;
  /** True: a server that offers no TLS is spoken to in clear text. */
  allowUnencrypted: boolean;
  lookup?: LookupFunction | undefined;
  /** Called for every connection that is ready for the stream. */
  onConnected?: ((line: ConnectedLine) => void) | undefined;
}

export interface ConnectedLine {
  /** The address connected to. */
  address: string;
  encrypted: boolean;
  /** True if the certificate is signed by no authority, and trusted by its fingerprint. */
  pinned: boolean;
}

/**
 * Puts the strict transport first; from then on it carries `xmpp://host:port` (STARTTLS) and
 * `xmpps://host:port` (TLS from the first byte, XEP-0368). Errors are {@link XmppError}.
 */
export function useStrictTransport(client: Client, options: StrictOptions): void {
  const tcp = client.transports.find((transport) => {
    try {
      return transport.prototype.socketParameters('xmpp://localhost:5222') !== undefined;
    } catch {
      return false;
    }
  });
  if (!tcp) throw new Error('@xmpp/client has no TCP transport');
  const { Parser } = tcp.prototype;
  const Base = tcp as unknown as new () => object;
  class Strict extends Base {}
  Object.assign(Strict.prototype, {
    Socket: class extends StrictSocket {
      constructor() {
        super(options, Parser);
      }
    },
    socketParameters: serviceParameters,
  });
  client.transports.unshift(Strict as unknown as Transport);
}

interface Service {
  host: string;
  port: number;
  directTls: boolean;
}

function serviceParameters(service: string): Service | undefined {
  const { protocol, hostname, port } = new URL(service);
  if (protocol !== 'xmpp:' && protocol !== 'xmpps:') return undefined;
  const directTls = protocol === 'xmpps:';
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port) || (directTls ? 5223 : 5222),
    directTls,
  };
}

/** What @xmpp/connection expects of a socket: connect, write, end, and four events. */
class StrictSocket extends EventEmitter {
  secure = false;
  private socket: Socket | undefined;
  private raw: Socket | undefined;
  private ended = false;
  private pinned = false;

  constructor(
    private readonly options: StrictOptions,
    private readonly ParserClass: Transport['prototype']['Parser'],
  ) {
    super();
    // The library takes its listeners away while the line may still fail.
    this.on('error', () => {});
  }

  connect(service: Service): void {
    this.open(service).catch((error) => {
      this.raw?.destroy();
      if (this.ended) return;
      this.ended = true;
      this.emit('error', error);
      this.emit('close', true);
    });
  }

  write(xml: string, callback: (error?: Error | null) => void): void {
    if (this.socket) this.socket.write(xml, callback);
    else callback(new XmppError('network', text('xmpp.noConnection')));
  }

  /** Ends the line; a server that does not close its side has a moment for it. */
  end(): void {
    this.socket?.end();
    const raw = this.raw;
    if (!raw || raw.destroyed) return;
    const timer = setTimeout(() => raw.destroy(), 500);
    timer.unref();
    raw.once('close', () => clearTimeout(timer));
  }

  /** Cuts the line at once. */
  destroy(): void {
    this.raw?.destroy();
  }

  private async open(service: Service): Promise<void> {
    const raw = await this.dial(service);
    if (service.directTls) return this.ready(await this.encrypt(raw, service), true);
    const { domain } = this.options;
    if ((await askForTls(raw, domain, this.ParserClass)) === 'proceed') {
      return this.ready(await this.encrypt(raw, service), true);
    }
    raw.destroy();
    if (!this.options.allowUnencrypted) {
      throw new XmppError('unencrypted', text('xmpp.noTls'));
    }
    // A stream is open on that connection already; the library opens its own on a new one.
    this.ready(await this.dial(service), false);
  }

  private dial(service: Service): Promise<Socket> {
    const { lookup } = this.options;
    const raw = connect({
      host: service.host,
      port: service.port,
      autoSelectFamilyAttemptTimeout: 1_000,
      ...(lookup && { lookup }),
    });
    raw.setKeepAlive(true, 60_000);
    raw.setNoDelay(true);
    // A later error of this socket must not reach the process as an unhandled 'error'.
    raw.on('error', () => {});
    this.raw = raw;
    return new Promise((resolve, reject) => {
      raw.once('connect', () => resolve(raw));
      raw.once('error', (error) => reject(networkError(error, `${service.host}:${service.port}`)));
      raw.once('close', () => reject(new XmppError('network', text('xmpp.lineClosed'))));
    });
  }

  private encrypt(raw: Socket, service: Service): Promise<Socket> {
    const { domain, tls = {} } = this.options;
    const name = asciiDomain(domain);
    const { servername: _forMqtt, ALPNProtocols: _mqttToo, pins: _pins, ...settings } = tls;
    const secure = connectTls({
      ...settings,
      socket: raw,
      servername: isIP(name) ? '' : name,
      ...(service.directTls && { ALPNProtocols: ['xmpp-client'] }),
      // The certificate is judged below, before anything is written. So the reason can name it; after a refusal it is
      // gone.
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
    });
    secure.on('error', () => {});
    return new Promise((resolve, reject) => {
      secure.once('secureConnect', () => {
        const { fault, pinned } = judgePeer(secure, name, tls);
        this.pinned = pinned;
        // NODE_TLS_REJECT_UNAUTHORIZED=0 in the process's environment switches nothing off here.
        if (!fault || !verifies(tls)) return resolve(secure);
        secure.destroy();
        const { certificate } = fault;
        reject(new XmppError('tls', fault.text, { certificate }));
      });
      const fail = (error: NodeJS.ErrnoException) => {
        const fault = tlsFault(error.code ?? '', error.message, name, undefined);
        reject(new XmppError('tls', fault.text, { cause: error }));
      };
      secure.once('error', fail);
      secure.once('close', () => fail(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
    });
  }

  private ready(socket: Socket, secure: boolean): void {
    if (this.ended || socket.destroyed) throw new XmppError('network', text('xmpp.lineClosed'));
    this.socket = socket;
    this.secure = secure;
    // A character may be split between two packets.
    const decoder = new StringDecoder('utf8');
    socket.on('data', (chunk: Buffer) => {
      try {
        this.emit('data', decoder.write(chunk));
      } catch (error) {
        // The library's parser throws on some input instead of reporting it.
        socket.destroy();
        this.emit('error', error);
      }
    });
    socket.on('error', (error) => this.emit('error', networkError(error, text('xmpp.theServer'))));
    socket.on('close', () => {
      if (this.ended) return;
      this.ended = true;
      this.emit('close', false);
    });
    this.options.onConnected?.({
      address: this.raw?.remoteAddress ?? '',
      encrypted: secure,
      pinned: this.pinned,
    });
    this.emit('connect');
  }
}
