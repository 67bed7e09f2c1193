/** A DNS server of one's own for names below .test. */
import { join } from 'node:path';
import { ensureServers } from './install';
import { makePlace } from './place';
import { freePort } from './ports';
import { accepts, type RestartableServer, runServer } from './process';

export interface SrvRecord {
  /** `_xmpp-client._tcp.dinox.test` */
  readonly name: string;
  /** `.` says that the service is explicitly not offered. */
  readonly target: string;
  readonly port: number;
  /** @default 0 */
  readonly priority?: number;
  /** @default 0 */
  readonly weight?: number;
}

export interface DnsmasqOptions {
  readonly srv?: readonly SrvRecord[];
  /** One address, or several, by name. */
  readonly a?: Readonly<Record<string, string | readonly string[]>>;
  readonly aaaa?: Readonly<Record<string, string | readonly string[]>>;
}

export interface Dnsmasq extends RestartableServer {
  /** `127.0.0.1:PORT`, as dns.setServers() wants it. Every name not given here is NXDOMAIN at once. */
  readonly address: string;
  readonly version: string;
}

export async function startDnsmasq(options: DnsmasqOptions = {}): Promise<Dnsmasq> {
  const version = (await ensureServers()).tools['dnsmasq-base'];
  if (version === undefined) throw new Error('dnsmasq is missing');
  const port = await freePort();
  const place = makePlace('', 'dnsmasq');
  const hosts = [options.a ?? {}, options.aaaa ?? {}].flatMap((records) =>
    Object.entries(records).flatMap(([name, addresses]) =>
      [addresses].flat().map((address) => `--host-record=${name},${address}`),
    ),
  );
  const srv = (options.srv ?? []).map(({ name, target, port, priority = 0, weight = 0 }) =>
    // dnsmasq writes the root for a record without a target.
    target === '.' ? `--srv-host=${name}` : `--srv-host=${name},${target},${port},${priority},${weight}`,
  );
  const server = await runServer(
    {
      name: `dnsmasq ${version}`,
      command: [
        ...['setpriv', '--pdeathsig', 'KILL', '--', 'dnsmasq', '--keep-in-foreground', '--log-facility=-'],
        ...[
          '--conf-file=/dev/null',
          '--no-resolv',
          '--no-hosts',
          '--bind-interfaces',
          '--user=',
          '--pid-file=',
        ],
        ...[`--port=${port}`, '--listen-address=127.0.0.1', '--address=/#/', '--log-queries'],
        ...hosts,
        ...srv,
      ],
      logFiles: [join(place.outer, 'dnsmasq.log')],
    },
    [() => accepts(port)],
  );
  return { ...server, address: `127.0.0.1:${port}`, version };
}
