/** A TCP proxy that breaks lines the way networks do, and sees what passes over them. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ProxyTransform {
  /** Rewrites what the client sends; an empty buffer drops it. `connection` counts from 0. */
  toServer?(chunk: Buffer, connection: number): Buffer;
  /** Rewrites what the server sends. */
  toClient?(chunk: Buffer, connection: number): Buffer;
}

export interface ProxyOptions {
  readonly target: { readonly host?: string; readonly port: number };
  readonly transform?: ProxyTransform;
  /** The address it listens on. @default '127.0.0.1' */
  readonly host?: string;
  /** @default any free one */
  readonly port?: number;
}

export interface Proxy {
  readonly host: string;
  readonly port: number;
  /** Where new connections go; a test may point it elsewhere. */
  target: { readonly host?: string; readonly port: number };
  transform: ProxyTransform;
  /** How many connections there are now. */
  readonly connections: number;
  /** How many clients have been accepted so far. */
  readonly accepted: number;
  /** Resets all connections. New ones get through. */
  cut(): void;
  /**
   * A half-open line: bytes of all present and new connections vanish, both ways, and nobody is told, not even
   * when one end hangs up. Released, new connections pass; those that were held stay dead, as their bytes are lost.
   */
  hold(on: boolean): void;
  /** Stops all bytes both ways, and lets them go on when released: a line that hangs and recovers. */
  stall(on: boolean): void;
  /** Delays every chunk, both ways, in order. */
  delay(ms: number): void;
  /** Closes the port, so that new connections are refused; present ones stay. Resolves when it is done. */
  refuse(on: boolean): Promise<void>;
  /** All bytes that clients sent, of every connection or of one, before any transform. */
  captured(connection?: number): Buffer;
  /** All bytes that the server sent, before any transform. */
  capturedFromServer(connection?: number): Buffer;
  stop(): Promise<void>;
}

interface Pair {
  readonly client: Socket;
  upstream: Socket | undefined;
  held: boolean;
  readonly fromClient: Buffer[];
  readonly fromServer: Buffer[];
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

export async function startProxy(options: ProxyOptions): Promise<Proxy> {
  const host = options.host ?? '127.0.0.1';
  const pairs: Pair[] = [];
  const open = new Set<Pair>();
  let [holding, stalling, delayMs] = [false, false, 0];

  const reset = (pair: Pair) => {
    pair.client.resetAndDestroy();
    pair.upstream?.resetAndDestroy();
    open.delete(pair);
  };
  /** Copies one way, in order, however long each chunk is delayed. */
  const pump = (
    pair: Pair,
    from: Socket,
    to: () => Socket | undefined,
    rewrite: (chunk: Buffer) => Buffer,
  ) => {
    let tail: Promise<unknown> = Promise.resolve();
    const later = (work: () => void) => {
      const waiting = delayMs;
      const due = Date.now() + waiting;
      tail = tail.then(() => (waiting > 0 ? sleep(Math.max(0, due - Date.now())) : undefined)).then(work);
    };
    from.on('data', (chunk: Buffer) => {
      (from === pair.client ? pair.fromClient : pair.fromServer).push(chunk);
      later(() => {
        if (pair.held) return;
        const out = rewrite(chunk);
        if (out.length > 0) to()?.write(out);
      });
    });
    from.on('end', () => later(() => pair.held || to()?.end()));
    from.on('error', () => {}); // 'close' follows.
    from.on('close', (hadError) => {
      if (pair.held) return;
      later(() => {
        if (pair.held) return;
        if (hadError) to()?.resetAndDestroy();
        else to()?.destroySoon();
        open.delete(pair);
      });
    });
    if (stalling) from.pause();
  };

  const accept = (client: Socket) => {
    const pair: Pair = { client, upstream: undefined, held: holding, fromClient: [], fromServer: [] };
    const connection = pairs.push(pair) - 1;
    open.add(pair);
    client.setNoDelay(true);
    if (!holding) {
      const { host: targetHost = '127.0.0.1', port } = proxy.target;
      const upstream = connect({ host: targetHost, port, allowHalfOpen: true });
      upstream.setNoDelay(true);
      pair.upstream = upstream;
      pump(
        pair,
        upstream,
        () => client,
        (chunk) => proxy.transform.toClient?.(chunk, connection) ?? chunk,
      );
    }
    pump(
      pair,
      client,
      () => pair.upstream,
      (chunk) => proxy.transform.toServer?.(chunk, connection) ?? chunk,
    );
  };
  // Half-open on both sides, so that one end's FIN does not close the other by itself.
  const makeServer = () => createServer({ allowHalfOpen: true }, accept);
  let server: Server | undefined = makeServer();
  const close = (listening: Server | undefined) => {
    // Without waiting for the connections, which server.close's callback does.
    listening?.close();
    return new Promise<void>((resolve) => setImmediate(resolve));
  };
  const collect = (side: 'fromClient' | 'fromServer', connection?: number) =>
    Buffer.concat(
      pairs
        .filter((_pair, index) => connection === undefined || index === connection)
        .flatMap((pair) => pair[side]),
    );

  const proxy: Proxy = {
    host,
    port: await listen(server, host, options.port ?? 0),
    target: options.target,
    transform: options.transform ?? {},
    get connections() {
      return open.size;
    },
    get accepted() {
      return pairs.length;
    },
    cut() {
      for (const pair of open) reset(pair);
    },
    hold(on) {
      holding = on;
      if (on) for (const pair of open) pair.held = true;
    },
    stall(on) {
      stalling = on;
      for (const { client, upstream } of open) {
        for (const socket of [client, upstream]) on ? socket?.pause() : socket?.resume();
      }
    },
    delay(ms) {
      delayMs = ms;
    },
    async refuse(on) {
      if (on && server !== undefined) {
        const closing = server;
        server = undefined;
        await close(closing);
      } else if (!on && server === undefined) {
        server = makeServer();
        await listen(server, host, proxy.port);
      }
    },
    captured: (connection) => collect('fromClient', connection),
    capturedFromServer: (connection) => collect('fromServer', connection),
    async stop() {
      for (const pair of open) reset(pair);
      await close(server);
      server = undefined;
    },
  };
  return proxy;
}

const STARTTLS = /<starttls\b[^>]*?(?:\/>|>[\s\S]*?<\/starttls>)/g;

/** Takes STARTTLS out of XMPP stream features, as an attacker on the line would. */
export function stripStartTls(): ProxyTransform {
  return {
    toClient(chunk) {
      const text = chunk.toString('latin1');
      return text.includes('<starttls') ? Buffer.from(text.replace(STARTTLS, ''), 'latin1') : chunk;
    },
  };
}
