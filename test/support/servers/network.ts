/** Addresses that tests cannot have otherwise: ones that swallow what is sent there, and ones that are not local. */
import { type ChildProcess, execFileSync, type SpawnOptions, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { claim, freePort, release } from './ports';
import { accepts, launch, ownFolder, untilReady } from './process';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
  stop(): Promise<void>;
}

/** Accepts connections and never says a word; TCP works, the server does not. */
export async function startBlackhole(host = '127.0.0.1'): Promise<Endpoint> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.resume();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port: 0 }, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    host,
    port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Listens with the smallest backlog and then blocks for good, so that nobody is ever accepted. */
const SLEEPER = `
const server = require('node:net').createServer();
server.listen({ host: '127.0.0.1', port: Number(process.argv[1]), backlog: 1 }, () => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});
`;

/**
 * A loopback port that swallows connection requests without an answer, as a firewall's DROP does: its backlog is
 * full, and Linux drops what comes then.
 */
export async function swallowAddress(): Promise<Endpoint> {
  const port = await freePort();
  const folder = ownFolder('/tmp');
  const sleeper = launch({
    name: 'a listener that never accepts',
    command: ['setpriv', '--pdeathsig', 'KILL', '--', process.execPath, '-e', SLEEPER, String(port)],
    logFiles: [join(folder, 'output.log')],
  });
  await untilReady('a listener that never accepts', sleeper, [() => accepts(port)]);
  // Those that are let in fill the backlog; the first that is not shows that it is full.
  const fillers: Socket[] = [];
  const isFull = () =>
    new Promise<boolean>((resolve) => {
      const socket = connect({ host: '127.0.0.1', port });
      fillers.push(socket);
      socket.on('error', () => {});
      const timer = setTimeout(() => {
        socket.destroy();
        resolve(true);
      }, 300);
      socket.once('connect', () => {
        clearTimeout(timer);
        resolve(false);
      });
    });
  while (!(await isFull())) if (fillers.length > 10) throw new Error('the backlog does not fill');
  return {
    host: '127.0.0.1',
    port,
    async stop() {
      for (const socket of fillers) socket.destroy();
      await sleeper.kill();
    },
  };
}

export interface RelayTarget {
  /** @default '127.0.0.1' */
  readonly host?: string;
  readonly port: number;
}

/** A host that this machine reaches over a network line, at an address that nobody would call local. */
export interface NonLocalHost {
  /** By default of the ranges that RFC 5737 keeps for documentation, such as 203.0.113.10. */
  readonly address: string;
  /** An address in the same network that swallows everything sent to it. */
  readonly swallows: string;
  /** Runs a command on that host; its loopback is another one than this machine's. */
  run(command: readonly string[], options?: SpawnOptions): ChildProcess;
  /** Makes a port of that host lead to a server on this machine's loopback. */
  relay(port: number, target: RelayTarget): Promise<void>;
  stop(): Promise<void>;
}

/** Runs on the other host; what it accepts goes to this process, over a socket file that both can see. */
const RELAY = `
const net = require('node:net');
const [, host, port, path] = process.argv;
net.createServer({ allowHalfOpen: true }, (client) => {
  const server = net.connect({ path, allowHalfOpen: true });
  client.on('error', () => server.destroy()).pipe(server);
  server.on('error', () => client.destroy()).pipe(client);
}).listen({ host, port: Number(port) });
`;

const ip = (...args: string[]) => execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });

/** A network of eight addresses. */
interface SmallNetwork {
  readonly prefix: string;
  readonly base: number;
}

const networksOf = (...prefixes: string[]): SmallNetwork[] =>
  prefixes.flatMap((prefix) =>
    Array.from({ length: 31 }, (_item, index) => ({ prefix, base: (index + 1) * 8 })),
  );

/** The first host is 203.0.113.10. */
const NETWORKS = networksOf('203.0.113', '198.51.100', '192.0.2');
/** Addresses that providers and VPNs share among many people (RFC 6598). */
export const SHARED_NETWORKS = networksOf('100.127.213');

const leftBehind = new Set<string>();
process.on('exit', () => {
  for (const name of leftBehind) removeNamespace(name);
});

function removeNamespace(name: string): void {
  try {
    ip('netns', 'del', name); // Takes both ends of the line with it.
  } catch {
    // Gone already.
  }
  leftBehind.delete(name);
}

/**
 * Makes a network namespace with an address of its own.
 *
 * @returns the reason, where this machine does not allow it.
 */
export async function startNonLocalHost(
  networks: readonly SmallNetwork[] = NETWORKS,
): Promise<NonLocalHost | { readonly unavailable: string }> {
  if (process.getuid?.() !== 0) return { unavailable: 'not root, so no network namespace can be made' };
  const network = networks.find(({ prefix, base }) => claim(`net-${prefix}.${base}`));
  if (network === undefined) return { unavailable: 'all networks are in use' };
  const { prefix, base } = network;
  const id = `${prefix.split('.')[0]}x${base}`;
  const [name, here, there] = [`dinox-${id}`, `dxh${id}`, `dxn${id}`];
  const [nearAddress, address, swallows] = [1, 2, 4].map((offset) => `${prefix}.${base + offset}`) as [
    string,
    string,
    string,
  ];
  try {
    removeNamespace(name); // Left by a process that was killed: the claim says that nobody else has it.
    ip('netns', 'add', name);
    leftBehind.add(name);
    ip('link', 'add', here, 'type', 'veth', 'peer', 'name', there, 'netns', name);
    ip('addr', 'add', `${nearAddress}/29`, 'dev', here);
    ip('link', 'set', here, 'up');
    ip('-n', name, 'addr', 'add', `${address}/29`, 'dev', there);
    ip('-n', name, 'link', 'set', there, 'up');
    ip('-n', name, 'link', 'set', 'lo', 'up');
    // A neighbour whose hardware address nobody has: packets leave and nothing comes back, not even "no route".
    ip('neigh', 'replace', swallows, 'lladdr', '02:00:00:00:00:01', 'dev', here, 'nud', 'permanent');
  } catch (error) {
    removeNamespace(name);
    release(`net-${prefix}.${base}`);
    return { unavailable: String((error as { stderr?: Buffer }).stderr ?? error).trim() };
  }
  const folder = ownFolder('/tmp');
  const stops: Array<() => Promise<void>> = [];
  return {
    address,
    swallows,
    run: (command, options = {}) => spawn('ip', ['netns', 'exec', name, ...command], options),
    async relay(port, target) {
      const path = join(folder, `${port}.sock`);
      const sockets = new Set<Socket>();
      const bridge = createServer({ allowHalfOpen: true }, (client) => {
        const server = connect({ host: target.host ?? '127.0.0.1', port: target.port, allowHalfOpen: true });
        for (const [from, to] of [
          [client, server],
          [server, client],
        ] as const) {
          sockets.add(from);
          from.on('error', () => to.destroy()).on('close', () => sockets.delete(from));
          from.pipe(to);
        }
      });
      await new Promise<void>((resolve) => bridge.listen(path, resolve));
      const command = ['ip', 'netns', 'exec', name, 'setpriv', '--pdeathsig', 'KILL', '--', process.execPath];
      const relay = launch({
        name: `relay to ${target.port}`,
        command: [...command, '-e', RELAY, address, String(port), path],
        logFiles: [join(folder, `${port}.log`)],
      });
      stops.push(async () => {
        await relay.kill();
        const closed = new Promise<void>((resolve) => bridge.close(() => resolve()));
        for (const socket of sockets) socket.destroy();
        await closed;
      });
      await untilReady(`relay to ${target.port}`, relay, [() => accepts(port, address)]);
    },
    async stop() {
      await Promise.all(stops.splice(0).map((stop) => stop()));
      removeNamespace(name);
      release(`net-${prefix}.${base}`);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
