/** Starts Mosquitto as Debian packages it. */
import { pbkdf2Sync, randomBytes } from 'node:crypto';
import { type Certificate, certificates } from './certificates';
import { type Generation, requireServer } from './install';
import { makePlace } from './place';
import { freePort } from './ports';
import { accepts, type RestartableServer, runServer } from './process';

export interface MosquittoOptions {
  /** @default 'debian12' */
  readonly generation?: Generation;
  /** Adds a listener with TLS. @default false, true where `cert` is given */
  readonly tls?: boolean;
  /** @default certificates().good */
  readonly cert?: Certificate;
  /** Adds a WebSocket listener. @default false */
  readonly websockets?: boolean;
  /** Passwords by user name; nobody else gets in then. Without it everybody may connect. */
  readonly users?: Readonly<Record<string, string>>;
  /** The highest QoS that the broker grants; its v5 CONNACK says so. */
  readonly maxQos?: 0 | 1;
  /** Lines put before the first listener. */
  readonly extraConfig?: string;
  /** Files that `extraConfig` names. */
  readonly files?: Readonly<Record<string, string>>;
  /** Listens on ::1 instead of 127.0.0.1. @default false */
  readonly ipv6?: boolean;
}

export interface Mosquitto extends RestartableServer {
  readonly generation: Generation;
  readonly version: string;
  readonly host: string;
  readonly port: number;
  readonly tlsPort?: number;
  readonly wsPort?: number;
}

/** A line of a password file, hashed as mosquitto_passwd does: PBKDF2 with SHA-512, 101 rounds. */
function passwordLine(user: string, password: string): string {
  const salt = randomBytes(12);
  const hash = pbkdf2Sync(password, salt, 101, 64, 'sha512');
  return `${user}:$7$101$${salt.toString('base64')}$${hash.toString('base64')}\n`;
}

export async function startMosquitto(options: MosquittoOptions = {}): Promise<Mosquitto> {
  const generation = options.generation ?? 'debian12';
  const { root, version } = await requireServer(generation, 'mosquitto');
  const place = makePlace(root, 'mosquitto');
  const host = options.ipv6 ? '::1' : '127.0.0.1';
  const port = await freePort();
  const tlsPort = (options.tls ?? options.cert !== undefined) ? await freePort() : undefined;
  const wsPort = options.websockets ? await freePort() : undefined;

  const lines = ['log_dest stdout', 'log_type all', 'persistence false', 'per_listener_settings false'];
  if (options.users) {
    const entries = Object.entries(options.users).map(([user, password]) => passwordLine(user, password));
    lines.push('allow_anonymous false', `password_file ${place.write('passwords', entries.join(''))}`);
  } else {
    lines.push('allow_anonymous true');
  }
  const files = Object.entries(options.files ?? {});
  const extra = files.reduce(
    (text, [name, content]) => text.replaceAll(name, place.write(name, content)),
    options.extraConfig ?? '',
  );
  if (extra) lines.push(extra);
  const listener = (at: number, ...rest: string[]) => {
    lines.push(`listener ${at} ${host}`, ...rest);
    if (options.maxQos !== undefined) lines.push(`max_qos ${options.maxQos}`);
  };
  listener(port);
  if (tlsPort !== undefined) {
    const cert = options.cert ?? certificates().good;
    const certFile = place.write('cert.pem', cert.cert);
    listener(tlsPort, `certfile ${certFile}`, `keyfile ${place.write('key.pem', cert.key)}`);
  }
  if (wsPort !== undefined) listener(wsPort, 'protocol websockets');
  const config = place.write('mosquitto.conf', `${lines.join('\n')}\n`);

  const server = await runServer(
    {
      name: `mosquitto ${version}`,
      command: place.command(['mosquitto', '-c', config]),
      logFiles: [`${place.outer}/mosquitto.log`],
    },
    [port, tlsPort, wsPort].flatMap((at) => (at === undefined ? [] : [() => accepts(at, host)])),
  );
  return {
    ...server,
    generation,
    version,
    host,
    port,
    ...(tlsPort !== undefined && { tlsPort }),
    ...(wsPort !== undefined && { wsPort }),
  };
}
