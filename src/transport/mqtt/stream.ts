import { connect as connectTcp, isIP, type LookupFunction } from 'node:net';
import type { Duplex } from 'node:stream';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { type TlsSettings, verifies } from '../../servers/tls';
import type { Endpoint } from '../../servers/types';

export interface StreamOptions {
  endpoint: Endpoint;
  /** Name that the certificate is checked against. */
  servername: string;
  tls: TlsSettings;
  /** Resolves names; refuses addresses that this connection must not go to. */
  lookup: LookupFunction;
}

/** TLS options with verification on whatever the process's environment says. */
export function strictTls(options: StreamOptions): ConnectionOptions {
  const servername = options.tls.servername || options.servername;
  return {
    ...options.tls,
    // Explicit: NODE_TLS_REJECT_UNAUTHORIZED=0, which other packages set, counts only where this is undefined.
    rejectUnauthorized: verifies(options.tls),
    // SNI carries names only (RFC 6066 §3); an address is checked against the certificate all the same.
    ...(isIP(servername) === 0 ? { servername } : {}),
  };
}

/** Opens the socket for `mqtt` and `mqtts`; errors come as the stream's `error` event. */
export function openStream(options: StreamOptions): Duplex {
  const { host, port, protocol } = options.endpoint;
  if (protocol === 'mqtt') return connectTcp({ host, port, lookup: options.lookup });
  return connectTls({ ...strictTls(options), host, port, lookup: options.lookup });
}
