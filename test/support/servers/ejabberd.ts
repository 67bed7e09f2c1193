/** Starts ejabberd as Debian packages it. */
import { existsSync, readFileSync } from 'node:fs';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { join } from 'node:path';
import { type Certificate, certificates } from './certificates';
import { type EjabberdPorts, fullConfig, packagedConfig, WS_PATH } from './ejabberd-config';
import { type Generation, requireServer } from './install';
import { makePlace } from './place';
import { freePort, freePorts } from './ports';
import { accepts, type RestartableServer, runServer } from './process';

export interface EjabberdOptions {
  /** @default 'debian12' */
  readonly generation?: Generation;
  /** Passwords by node name; each account exists on both hosts. */
  readonly users?: Readonly<Record<string, string>>;
  /** @default certificates().good */
  readonly cert?: Certificate;
  /** Debian's own ejabberd.yml; MQTT without TLS and WebSocket only, no upload, shaper and mod_fail2ban on. */
  readonly packageConfig?: boolean;
  /** @default true */
  readonly modMqtt?: boolean;
  /** Debian's c2s_shaper of 3,000 bytes a second. @default false */
  readonly shaper?: boolean;
  /** One message a second in rooms; what is more is refused with `wait`. @default false */
  readonly roomLimits?: boolean;
  /** However many stanzas a client leaves without acknowledgement: the default ends its stream at 5,000. */
  readonly anyAckQueue?: boolean;
  /** Archives of people and rooms. @default false */
  readonly archive?: boolean;
  /** A component that may speak for any address; it logs in at `componentPort`. */
  readonly component?: { readonly name: string; readonly secret: string };
  /** Changes the configuration. `write` makes a file beside it, and gives its path. */
  readonly edit?: (config: string, write: (name: string, text: string) => string) => string;
  /** Text at the end of the configuration: entries of `modules` (indented by two), then top-level ones. */
  readonly extra?: string;
}

export interface Ejabberd extends RestartableServer {
  readonly generation: Generation;
  readonly version: string;
  readonly host: '127.0.0.1';
  /** The default host; `hosts` has the second one, dinox.test, too. */
  readonly domain: 'localhost';
  readonly hosts: readonly ['localhost', 'dinox.test'];
  readonly c2sPort: number;
  readonly c2sTlsPort: number;
  /** 0 without a component. */
  readonly componentPort: number;
  /** Without mod_mqtt nothing listens there. */
  readonly mqttPort: number;
  /** Undefined with Debian's own configuration, which has no such listener. */
  readonly mqttTlsPort?: number;
  readonly wsPort?: number;
  /** `/mqtt` */
  readonly wsPath: string;
  /** mod_http_upload and mod_http_api; undefined with Debian's own configuration. */
  readonly httpPort?: number;
  /** The service of {@link hosts}[0]. */
  readonly pubsubService: 'pubsub.localhost';
  register(user: string, password: string, host?: string): Promise<void>;
  /** Any command of mod_http_api, by name: `api('kick_user', { user, host })`. */
  api(command: string, args?: Readonly<Record<string, unknown>>): Promise<unknown>;
}

const HOSTS = ['localhost', 'dinox.test'] as const;

/** Calls mod_http_api, which trusts loopback; a tenth of the time that ejabberdctl takes. */
function callApi(port: number, tls: boolean, command: string, args: object): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const body = JSON.stringify(args);
    const options = {
      host: '127.0.0.1',
      port,
      path: `/api/${command}`,
      method: 'POST',
      headers: {
        host: 'localhost',
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      },
      timeout: 10_000,
    };
    const request = tls ? requestHttps({ ...options, rejectUnauthorized: false }) : requestHttp(options);
    request.once('error', reject);
    request.once('timeout', () => request.destroy(new Error(`ejabberd's API did not answer ${command}`)));
    request.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.once('error', reject);
      response.once('end', () => {
        if (response.statusCode === 200) resolve(text === '' ? undefined : JSON.parse(text));
        else reject(new Error(`ejabberd's API: ${command}: ${response.statusCode} ${text}`));
      });
    });
    request.end(body);
  });
}

/** Debian's ejabberd.yml: the template where the package brings one, else the installed file. */
function packagedText(root: string): string {
  const candidates = ['usr/share/ejabberd/ejabberd.yml.example', 'etc/ejabberd/ejabberd.yml'];
  const file = candidates.map((path) => join(root || '/', path)).find(existsSync);
  if (file === undefined) throw new Error("ejabberd's own configuration is missing");
  return readFileSync(file, 'utf8');
}

export async function startEjabberd(options: EjabberdOptions = {}): Promise<Ejabberd> {
  const generation = options.generation ?? 'debian12';
  const { root, version } = await requireServer(generation, 'ejabberd');
  const place = makePlace(root, 'ejabberd');
  const packageConfig = options.packageConfig ?? false;
  const modMqtt = options.modMqtt ?? true;
  const cert = options.cert ?? certificates().good;
  const keys = [
    'c2s',
    'c2sTls',
    'mqtt',
    'mqttTls',
    'http',
    's2s',
    'https',
    'admin',
    'stun',
    'stunTls',
  ] as const;
  const list = await freePorts(keys.length);
  const ports = Object.fromEntries(keys.map((key, index) => [key, list[index]])) as unknown as EjabberdPorts;

  const componentPort = options.component ? await freePort() : 0;
  const configOptions = {
    hosts: HOSTS,
    ports,
    certFile: place.write('cert.pem', cert.cert + cert.key),
    caFile: place.write('ca.pem', certificates().ca),
    uploadFolder: place.folder('upload'),
    modMqtt,
    shaper: options.shaper ?? false,
    roomLimits: options.roomLimits ?? false,
    anyAckQueue: options.anyAckQueue ?? false,
    archive: options.archive ?? false,
    component: options.component && { ...options.component, port: componentPort },
    extra: options.extra ?? '',
  };
  const text = packageConfig ? packagedConfig(packagedText(root), configOptions) : fullConfig(configOptions);
  const config = place.write('ejabberd.yml', options.edit?.(text, place.write) ?? text);
  // ejabberdctl does not exec: bash has to wait for the server when its group is asked to end, and the server
  // has to die with a bash that was killed.
  const erl = place.write('erl', '#!/bin/sh\nexec setpriv --pdeathsig KILL /usr/bin/erl "$@"\n', 0o700);
  const control = place.write(
    'ctl.cfg',
    [
      `ERL=${erl}`,
      'trap : TERM',
      'INET_DIST_INTERFACE=127.0.0.1',
      `ERL_DIST_PORT=${await freePort()}`,
      // No busy waiting: many servers share few cores.
      'ERL_OPTIONS="-env ERL_CRASH_DUMP_BYTES 0 +sbwt none +sbwtdcpu none +sbwtdio none"',
      '',
    ].join('\n'),
  );
  const [spool, logs] = [place.folder('spool'), place.folder('logs')];
  const files = ['-s', spool, '-l', logs, '-f', config, '-c', control];
  const apiPort = packageConfig ? ports.https : ports.http;
  const api = (command: string, args: object = {}) => callApi(apiPort, packageConfig, command, args);
  const isRunning = () =>
    api('status').then(
      () => true,
      () => false,
    );
  const listeners = [ports.c2s, ports.c2sTls];
  if (componentPort > 0) listeners.push(componentPort);
  if (modMqtt) listeners.push(ports.mqtt);
  if (modMqtt && !packageConfig) listeners.push(ports.mqttTls);

  const server = await runServer(
    {
      name: `ejabberd ${version}`,
      command: place.command(['ejabberdctl', '-n', `dinox${list[0]}@localhost`, ...files, 'foreground']),
      // HOME: where Erlang puts its cookie.
      env: { HOME: place.inner },
      cwd: place.outer,
      logFiles: [join(place.outer, 'output.log')],
    },
    [() => accepts(apiPort), isRunning, ...listeners.map((port) => () => accepts(port))],
  );
  const accounts = new Map<string, { user: string; host: string; password: string }>();
  const register = async (user: string, password: string, host: string = 'localhost') => {
    await api('register', { user, host, password });
    accounts.set(`${user}@${host}`, { user, host, password });
  };
  await Promise.all(
    HOSTS.flatMap((host) =>
      Object.entries(options.users ?? {}).map(([user, password]) => register(user, password, host)),
    ),
  );
  return {
    ...server,
    async restart() {
      await server.restart();
      // The database writes late: a crash may have lost accounts. Those it still has answer with a conflict.
      await Promise.all([...accounts.values()].map((account) => api('register', account).catch(() => {})));
    },
    generation,
    version,
    host: '127.0.0.1',
    domain: 'localhost',
    hosts: HOSTS,
    c2sPort: ports.c2s,
    c2sTlsPort: ports.c2sTls,
    componentPort,
    mqttPort: ports.mqtt,
    ...(!packageConfig && { mqttTlsPort: ports.mqttTls, wsPort: ports.http, httpPort: ports.http }),
    wsPath: WS_PATH,
    pubsubService: 'pubsub.localhost',
    register,
    api,
  };
}
