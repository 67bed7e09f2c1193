import { lookup as systemLookup } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { text } from '../base/catalogue';
import type { Text } from '../base/text';
import type { SrvAnswer } from '../net/srv';
import { type TlsSettings, verifies } from '../net/tls';
import { loginAndDiscover } from '../xmpp/stream/login';
import type { DefaultPorts, Lookups } from './lookups';
import { probeMqtt } from './probe/anonymous-probe';

export interface SystemLookupsOptions {
  /** Settings from a `tls-config`, for MQTT and XMPP. */
  tls?: TlsSettings | undefined;
  /** DNS servers (`127.0.0.1:5353`) instead of the system's; then names are looked up there too. */
  dnsServers?: readonly string[] | undefined;
  /** @default 5222, 1883, 8883 */
  ports?: Partial<DefaultPorts> | undefined;
}

export interface SystemLookups extends Lookups {
  /** Resolves names as these look-ups do, for the connection that follows. */
  readonly lookup: LookupFunction;
}

/** Longest wait for one of the two tries of a DNS question, in milliseconds. */
const DNS_TRY_MS = 1_200;

/** Look-ups in the real world: DNS, TCP, TLS, XMPP and MQTT. Holds nothing open between two questions. */
export function systemLookups(options: SystemLookupsOptions = {}): SystemLookups {
  const { tls, dnsServers } = options;
  const lookup = dnsServers ? lookupAt(dnsServers) : (systemLookup as LookupFunction);
  return {
    now: () => Date.now(),
    steady: () => performance.now(),
    random: () => Math.random(),
    after: (ms, call) => {
      const timer = setTimeout(call, ms);
      return () => clearTimeout(timer);
    },
    verify: verifies(tls),
    ...(tls?.servername && { servername: tls.servername }),
    ports: { xmpp: 5222, mqtt: 1883, mqtts: 8883, ...options.ports },
    lookup,
    srv: (name, signal) => srvAt(dnsServers, name, signal),
    xmpp: (request, signal) => loginAndDiscover(request, { tls, lookup }, signal),
    probe: (request, signal) => probeMqtt(request, { tls, lookup }, signal),
  };
}

function resolverFor(servers: readonly string[] | undefined): Resolver {
  const resolver = new Resolver({ timeout: DNS_TRY_MS, tries: 2 });
  if (servers) resolver.setServers(servers);
  return resolver;
}

async function srvAt(
  servers: readonly string[] | undefined,
  name: string,
  signal: AbortSignal,
): Promise<SrvAnswer> {
  signal.throwIfAborted();
  const resolver = resolverFor(servers);
  const cancel = () => resolver.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    return { kind: 'records', records: await resolver.resolveSrv(name) };
  } catch (error) {
    signal.throwIfAborted();
    const { code = String(error) } = error as NodeJS.ErrnoException;
    if (code === 'ENODATA' || code === 'ENOTFOUND') return { kind: 'none' };
    return { kind: 'failed', reason: DNS_FAILURES[code] ?? text('net.dnsOther', { reason: code }) };
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

const DNS_FAILURES: Readonly<Record<string, Text>> = {
  ETIMEOUT: text('net.srvLate'),
  ECONNREFUSED: text('net.dnsUnreachable'),
  ESERVFAIL: text('net.dnsFailed'),
  EREFUSED: text('net.dnsRefused'),
};

/** net.connect's `lookup` over given DNS servers; names that they do not know are asked of the system. */
function lookupAt(servers: readonly string[]): LookupFunction {
  return (host, options, callback) => {
    const resolver = resolverFor(servers);
    const ask = async () => {
      const [four, six] = await Promise.all([
        options.family === 6 ? [] : resolver.resolve4(host).catch(() => []),
        options.family === 4 ? [] : resolver.resolve6(host).catch(() => []),
      ]);
      return [
        ...four.map((address) => ({ address, family: 4 })),
        ...six.map((address) => ({ address, family: 6 })),
      ];
    };
    ask().then(
      (found) => {
        const [first] = found;
        if (first === undefined) (systemLookup as LookupFunction)(host, options, callback);
        else if (options.all) callback(null, found);
        else callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, '', 0),
    );
  };
}
