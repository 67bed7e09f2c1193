/** Starts Prosody as Debian packages it, with a version of the MQTT bridge that can be chosen. */
import { execFile } from 'node:child_process';
import { copyFileSync, cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Certificate, certificates } from './certificates';
import { type Bridge, ensureServers, type Generation, requireServer } from './install';
import { makePlace, type Place } from './place';
import { freePort, freePorts } from './ports';
import { accepts, type RestartableServer, runServer } from './process';
import { fullConfig, packagedConfig } from './prosody-config';

export interface ProsodyOptions {
  /** @default 'debian12' */
  readonly generation?: Generation;
  /** Passwords by node name; each account exists on both hosts. */
  readonly users?: Readonly<Record<string, string>>;
  /** @default certificates().good */
  readonly cert?: Certificate;
  /** Debian 13's module, Debian 12's broken one, or none; any of them on any generation. @default 'good' where there is PubSub */
  readonly bridge?: Bridge | 'none';
  /** False: no PubSub component of its own, so that only `last` can load the bridge. @default true */
  readonly pubsub?: boolean;
  /** Debian's own prosody.cfg.lua with its limits of 10 kB a second. @default false */
  readonly packageConfig?: boolean;
  /** mod_muc_limits of `prosody-modules`: what is more than its rate is refused with `wait`. @default false */
  readonly roomLimits?: boolean;
  /** Archives of people and rooms. @default false */
  readonly archive?: boolean;
  /** A component that may speak for any address; it logs in at `componentPort`. */
  readonly component?: { readonly name: string; readonly secret: string };
  /** Accounts are made with an invitation only. @default false */
  readonly invitations?: boolean;
  /** Lua at the very end. */
  readonly last?: string;
  /** Lua in the global section, after everything else there. */
  readonly extra?: string;
}

export interface Prosody extends RestartableServer {
  readonly generation: Generation;
  readonly version: string;
  /** Version of the package `prosody-modules`; undefined without a bridge. */
  readonly bridgeVersion?: string;
  readonly host: '127.0.0.1';
  /** The default host; `hosts` has the second one, dinox.test, too. */
  readonly domain: 'localhost';
  readonly hosts: readonly ['localhost', 'dinox.test'];
  readonly c2sPort: number;
  readonly c2sTlsPort: number;
  /** 0 without a component. */
  readonly componentPort: number;
  /** Without a bridge nothing listens on the two MQTT ports. */
  readonly mqttPort: number;
  readonly mqttTlsPort: number;
  /** http_file_share of both hosts. */
  readonly httpPort: number;
  /** The service of {@link hosts}[0]; without pubsub nothing answers there. */
  readonly pubsubService: 'pubsub.localhost';
  register(user: string, password: string, host?: string): Promise<void>;
  /** The link of a new invitation, as an administrator makes it. */
  invite(host?: string): Promise<string>;
}

const HOSTS = ['localhost', 'dinox.test'] as const;

/** Prosody's names of files and folders: everything but ASCII letters and digits as %xx. */
function encodeName(name: string): string {
  return [...Buffer.from(name)]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      return /[a-zA-Z0-9]/.test(char) ? char : `%${byte.toString(16).padStart(2, '0')}`;
    })
    .join('');
}

/**
 * Writes an account as Prosody's internal storage keeps it. Prosody hashes the password at the first login, and
 * reads the file anew for each, so that this works while it runs too, and without prosodyctl's third of a second.
 */
function writeAccount(place: Place, host: string, user: string, password: string): void {
  place.folder('data');
  place.folder(`data/${encodeName(host)}`);
  place.folder(`data/${encodeName(host)}/accounts`);
  const file = `data/${encodeName(host)}/accounts/${encodeName(user)}.dat`;
  place.write(file, `return { ["password"] = ${JSON.stringify(password)}; };\n`);
}

export async function startProsody(options: ProsodyOptions = {}): Promise<Prosody> {
  const generation = options.generation ?? 'debian12';
  const { root, version } = await requireServer(generation, 'prosody');
  const place = makePlace(root, 'prosody');
  const pubsub = options.pubsub ?? true;
  const bridge = options.bridge ?? (pubsub ? 'good' : 'none');
  const cert = options.cert ?? certificates().good;
  const [c2s = 0, c2sTls = 0, mqtt = 0, mqttTls = 0, http = 0] = await freePorts(5);

  const moduleFolder = place.folder('modules');
  const module = bridge === 'none' ? undefined : (await ensureServers()).bridges[bridge];
  if (bridge !== 'none') {
    if (module === undefined) throw new Error(`the ${bridge} bridge is missing`);
    place.folder('modules/mod_pubsub_mqtt');
    for (const file of readdirSync(module.folder)) {
      copyFileSync(join(module.folder, file), join(place.outer, 'modules/mod_pubsub_mqtt', file));
    }
  }
  const good = (await ensureServers()).bridges.good;
  if (options.roomLimits && good) {
    const name = 'mod_muc_limits';
    cpSync(join(good.folder, '..', name), join(place.outer, 'modules', name), { recursive: true });
  }
  const componentPort = options.component ? await freePort() : 0;
  const configOptions = {
    hosts: HOSTS,
    ports: { c2s, c2sTls, mqtt, mqttTls, http },
    certFile: place.write('cert.pem', cert.cert),
    keyFile: place.write('key.pem', cert.key),
    dataFolder: place.folder('data'),
    moduleFolder,
    pidFile: join(place.inner, 'prosody.pid'),
    pubsub,
    bridge: bridge !== 'none',
    roomLimits: options.roomLimits ?? false,
    archive: options.archive ?? false,
    component: options.component && { ...options.component, port: componentPort },
    shellSocket: options.invitations ? join(place.inner, 'shell.sock') : undefined,
    extra: options.extra ?? '',
  };
  const text = options.packageConfig
    ? packagedConfig(readFileSync(join(root || '/', 'etc/prosody/prosody.cfg.lua'), 'utf8'), configOptions)
    : fullConfig(configOptions);
  const config = place.write('prosody.cfg.lua', `${text}\n${options.last ?? ''}`);
  place.folder('certs');
  for (const host of HOSTS) {
    for (const [user, password] of Object.entries(options.users ?? {}))
      writeAccount(place, host, user, password);
  }

  // Not mqttTls, which opens together with mqtt: the bridge writes an error about a connection without TLS.
  const listeners = [
    c2s,
    c2sTls,
    http,
    ...(componentPort > 0 ? [componentPort] : []),
    ...(module === undefined ? [] : [mqtt]),
  ];
  const server = await runServer(
    {
      name: `prosody ${version}`,
      command: place.command(['prosody', '-F', '--config', config]),
      env: { HOME: place.inner },
      cwd: place.outer,
      logFiles: [join(place.outer, 'prosody.log')],
    },
    listeners.map((port) => () => accepts(port)),
  );
  return {
    ...server,
    generation,
    version,
    ...(module !== undefined && { bridgeVersion: module.version }),
    host: '127.0.0.1',
    domain: 'localhost',
    hosts: HOSTS,
    c2sPort: c2s,
    c2sTlsPort: c2sTls,
    componentPort,
    mqttPort: mqtt,
    mqttTlsPort: mqttTls,
    httpPort: http,
    pubsubService: 'pubsub.localhost',
    invite: async (host = 'localhost') => {
      const [command = '', ...args] = place.command([
        'prosodyctl',
        '--config',
        config,
        'shell',
        `invite:create_account("${host}")`,
      ]);
      const { stdout } = await promisify(execFile)(command, args, {
        env: { ...process.env, HOME: place.inner },
      });
      return /xmpp:\S+/.exec(stdout)?.[0] ?? stdout;
    },
    register: async (user, password, host = 'localhost') => writeAccount(place, host, user, password),
  };
}
