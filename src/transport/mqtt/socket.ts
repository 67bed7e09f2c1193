import { connect as connectTcp, isIP, type LookupFunction } from 'node:net';
import type { Duplex } from 'node:stream';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { isPinned } from '../../net/certificate-pins';
import { type TlsSettings, verifies } from '../../net/tls';
import type { Endpoint } from '../../servers/types';

export interface SocketOptions {
  endpoint: Endpoint;
  /** Name that the certificate is checked against. */
  servername: string;
  tls: TlsSettings;
  /** Resolves names; refuses addresses that this connection must not go to. */
  lookup: LookupFunction;
}

/** TLS options with verification on whatever the process's environment says. */
function strictTls(options: SocketOptions): ConnectionOptions {
  const { pins: _, ...tls } = options.tls;
  const servername = tls.servername || options.servername;
  return {
    ...tls,
    // Explicit: NODE_TLS_REJECT_UNAUTHORIZED=0, which other packages set, counts only where this is undefined.
    rejectUnauthorized: verifies(tls),
    // SNI carries names only (RFC 6066 §3); an address is checked against the certificate all the same.
    ...(isIP(servername) === 0 ? { servername } : {}),
  };
}

/** Opens the socket for `mqtt` and `mqtts`; errors come as the stream's `error` event. */
export function openSocket(options: SocketOptions): Duplex {
  const { host, port, protocol } = options.endpoint;
  if (protocol === 'mqtt') return connectTcp({ host, port, lookup: options.lookup });
  return openTls(options, { host, port, lookup: options.lookup });
}

/** Options of `ws` for `wss`: its TLS, and how the socket is opened. */
export function webSocketTls(options: SocketOptions): object {
  const tls = strictTls(options);
  if (!options.tls.pins?.length) return tls;
  return { ...tls, createConnection: (own: ConnectionOptions) => openTls(options, own) };
}

/**
 * If certificates are trusted by their fingerprints, an unverified connection is checked as soon as the handshake is
 * over, in the same turn. The bytes that MQTT.js has written by then have not gone out yet, and never will.
 */
function openTls(options: SocketOptions, target: ConnectionOptions): TLSSocket {
  const tls = strictTls(options);
  const { pins = [] } = options.tls;
  if (pins.length === 0 || tls.rejectUnauthorized === false) return connectTls({ ...target, ...tls });
  const socket = connectTls({ ...target, ...tls, rejectUnauthorized: false });
  socket.once('secureConnect', () => {
    if (socket.authorized || isPinned(options.tls, socket.getPeerCertificate())) return;
    // The same error as from Node itself.
    const fault = socket.authorizationError as unknown as string | Error | undefined;
    const own = typeof fault === 'string' ? fault : (fault as NodeJS.ErrnoException | undefined)?.code;
    const code = own ?? 'CERT_UNTRUSTED';
    const message = typeof fault === 'string' ? fault : fault?.message;
    socket.destroy(Object.assign(new Error(message ?? code), { code }));
  });
  return socket;
}
