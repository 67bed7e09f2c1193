import type { LookupFunction } from 'node:net';
import type { DefaultPorts, Lookups } from '../servers/lookups';
import type { TlsSettings } from '../servers/tls';

export interface SystemLookupsOptions {
  /** From a `tls-config`; counts for MQTT and XMPP. */
  tls?: TlsSettings | undefined;
  /** DNS servers (`127.0.0.1:5353`) instead of the system's; then names are looked up there too. */
  dnsServers?: readonly string[] | undefined;
  /** @default 5222, 1883, 8883 */
  ports?: Partial<DefaultPorts> | undefined;
}

export interface SystemLookups extends Lookups {
  /** Name to addresses as these look-ups do it; for the connection that follows. */
  readonly lookup: LookupFunction;
}

/** Look-ups in the real world: DNS, TCP, TLS, XMPP and MQTT. */
export function systemLookups(_options: SystemLookupsOptions = {}): SystemLookups {
  throw new Error('Not written yet.');
}
