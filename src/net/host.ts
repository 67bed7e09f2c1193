/** Hosts as people type them: a name, an address, a URL of MQTT or XMPP; for the runtime and for the dialogs. */
import { text } from '../base/catalogue';
import { Fault } from '../base/fault';
import { FIELD_RANGES } from '../base/field-ranges';
import { plain } from '../base/printable';
import { readWhole } from '../base/whole-number';
import { asciiName } from './idna';
import { isIPv6 } from './ip';

/** A host, and of a URL what else it says. */
export interface HostParts {
  /** As DNS has it (A-labels), or an address; IPv6 without brackets, with its zone. */
  host: string;
  scheme?: 'mqtt' | 'mqtts' | 'ws' | 'wss';
  port?: number;
  /** Only of `ws` and `wss`: path and query, at least `/`. */
  path?: string;
}

/** Where an XMPP server is. */
export interface XmppEndpoint {
  host: string;
  port: number;
  /** True: TLS from the first byte (`xmpps://`, XEP-0368); false: STARTTLS, which is required. */
  directTls: boolean;
}

const SHOWN = 80;
const MAX_LABEL = 63;
const SCHEMES: Readonly<Record<string, HostParts['scheme']>> = {
  mqtt: 'mqtt',
  tcp: 'mqtt',
  mqtts: 'mqtts',
  ssl: 'mqtts',
  tls: 'mqtts',
  ws: 'ws',
  wss: 'wss',
};
/** What ends a host in a URL, is decoded there, or no name holds. */
const NOT_IN_NAME = /[\s\p{Cc}\p{Cs}@?#\\,;"'<>(){}|^`%&=!*$[\]/]/u;

/** A host name, an address, or a URL such as `wss://host:443/mqtt`. */
export function readHost(typed: string): HostParts | Fault {
  const url = /^([^:/]*):\/\/(.*)$/s.exec(typed);
  if (url) return readUrl(typed, url[1] ?? '', url[2] ?? '');
  if (typed.includes('/')) return new Fault('host-path', text('config.hostPath', { given: shown(typed) }));
  const host = readName(typed);
  return host instanceof Fault ? host : { host };
}

/** `xmpp://host:port` or `xmpps://host:port`; without a port 5222 or 5223. */
export function readXmppService(typed: string): XmppEndpoint | Fault {
  const [, scheme = '', authority = ''] = /^(xmpps?):\/\/([^/]*)\/?$/i.exec(typed) ?? [];
  if (scheme === '') return new Fault('xmpp-service', text('config.xmppService', { given: shown(typed) }));
  const found = readAuthority(typed, authority);
  if (found instanceof Fault) return found;
  const directTls = scheme.toLowerCase() === 'xmpps';
  return { host: found.host, port: found.port ?? (directTls ? 5223 : 5222), directTls };
}

function readUrl(typed: string, name: string, rest: string): HostParts | Fault {
  const scheme = SCHEMES[name.toLowerCase()];
  if (!scheme) return new Fault('host-scheme', text('config.hostScheme', { scheme: `${shown(name)}:` }));
  const [, authority = '', path = ''] = /^([^/?#]*)(.*)$/s.exec(rest) ?? [];
  if (authority.includes('@')) return new Fault('host-login', text('config.hostLogin'));
  const found = readAuthority(typed, authority);
  if (found instanceof Fault) return found;
  const { host, port } = found;
  if (/[\s\p{Cc}\p{Cs}#\\]/u.test(path)) {
    return new Fault('host-url', text('config.hostUrl', { given: shown(typed) }));
  }
  if (scheme === 'ws' || scheme === 'wss') {
    // The URL of a WebSocket has no place for the zone of an address.
    if (host.includes('%')) return new Fault('host-url', text('config.hostUrl', { given: shown(typed) }));
    const web = scheme === 'wss' ? 443 : 80;
    return { host, scheme, port: port ?? web, path: path.startsWith('/') ? path : `/${path}` };
  }
  if (path !== '' && path !== '/') return new Fault('host-mqtt-path', text('config.hostMqttPath'));
  return { host, scheme, ...(port === undefined ? {} : { port }) };
}

/** `host`, `host:port`, `[v6]:port`. */
function readAuthority(typed: string, authority: string): { host: string; port?: number } | Fault {
  const [, name = '', colon, digits = ''] = /^(\[[^\]]*\]|[^:]*)(:)?(.*)$/s.exec(authority) ?? [];
  if (name === '') return new Fault('host-none', text('config.hostNone', { given: shown(typed) }));
  const host = readName(name);
  if (host instanceof Fault) return host;
  if (colon === undefined) return digits === '' ? { host } : noName(authority);
  // A field takes ` 1` and `1.` for a number, and no URL does.
  const port = /^\d+$/.test(digits) ? readWhole(digits, FIELD_RANGES.port) : undefined;
  if (typeof port === 'number') return { host, port };
  return new Fault('host-port', text('config.hostPort', { ...FIELD_RANGES.port, given: shown(typed) }));
}

/** A name or an address; IPv6 with or without brackets. */
function readName(typed: string): string | Fault {
  const bare = typed.replace(/^\[(.*)\]$/s, '$1');
  const [address = '', zone] = bare.split(/%(.*)/s);
  if (isIPv6(address) && (zone === undefined || /^[\w.-]+$/.test(zone))) return bare;
  if (typed.includes(':')) return new Fault('host-colon', text('config.hostColon', { given: shown(typed) }));
  const labels = typed.replace(/\.$/, '').split('.');
  if (NOT_IN_NAME.test(typed) || labels.some((label) => label === '' || label.length > MAX_LABEL)) {
    return noName(typed);
  }
  // An ASCII name stays as it was typed.
  return /^[\0-\x7f]*$/.test(typed) ? typed : asciiName(typed);
}

function noName(typed: string): Fault {
  return new Fault('host-name', text('config.hostName', { given: shown(typed) }));
}

function shown(typed: string): string {
  return plain(typed, SHOWN);
}
