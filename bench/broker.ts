/** A Mosquitto that writes no log, and a publisher that costs next to nothing. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Broker {
  readonly port: number;
  stop(): Promise<void>;
}

export function mosquittoVersion(): string {
  const { stdout } = spawnSync('mosquitto', ['-h'], { encoding: 'utf8' });
  return /version (\S+)/.exec(stdout ?? '')?.[1] ?? 'unknown';
}

export async function startMosquitto(): Promise<Broker> {
  const folder = mkdtempSync(join(tmpdir(), 'dinox-bench-mosquitto-'));
  const port = await freePort();
  const config = join(folder, 'mosquitto.conf');
  const lines = [`listener ${port} 127.0.0.1`, 'allow_anonymous true', 'log_dest none', 'persistence false'];
  writeFileSync(config, [...lines, 'max_queued_messages 0', 'max_inflight_messages 0', ''].join('\n'));
  const child = spawn('mosquitto', ['-c', config], { stdio: 'ignore' });
  const kill = (): void => void child.kill();
  process.once('exit', kill);
  const ended = once(child, 'exit').catch((error: Error) => {
    throw new Error(`Mosquitto does not start (${error.message}); it is Debian's package mosquitto`);
  });
  await Promise.race([answering(port), ended]);
  return {
    port,
    async stop() {
      process.off('exit', kill);
      kill();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

async function answering(port: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const socket = connect(port, '127.0.0.1');
    const answer = await Promise.race([once(socket, 'connect'), once(socket, 'error').catch(() => [])]).catch(
      () => undefined,
    );
    socket.destroy();
    if (answer && answer.length === 0) return;
    await sleep(50);
  }
  throw new Error(`nothing listens on port ${port}`);
}

/** Publishes at QoS 0 over a socket of its own (MQTT 3.1.1 §3.3), packets ready-made. */
export class RawPublisher {
  private constructor(private readonly socket: Socket) {}

  static async connect(port: number): Promise<RawPublisher> {
    const socket = connect(port, '127.0.0.1');
    socket.setNoDelay(true);
    socket.on('error', () => {});
    // CONNECT: protocol level 4, clean session, no keep-alive, client id "bench-raw".
    socket.write(packet(0x10, Buffer.from('\0\x04MQTT\x04\x02\0\0\0\x09bench-raw', 'latin1')));
    await once(socket, 'data');
    socket.resume();
    return new RawPublisher(socket);
  }

  /** `count` messages round the topics. */
  async publish(topics: readonly string[], payload: Buffer, count: number): Promise<void> {
    const packets = topics.map((topic) => publishPacket(topic, payload));
    for (let sent = 0; sent < count; ) {
      const chunk: Buffer[] = [];
      for (let bytes = 0; sent < count && bytes < 32_768; sent++) {
        const next = packets[sent % packets.length] as Buffer;
        chunk.push(next);
        bytes += next.length;
      }
      if (!this.socket.write(Buffer.concat(chunk))) await once(this.socket, 'drain');
    }
  }

  /** A retained message; an empty one takes it away. */
  async keep(topic: string, payload: Buffer): Promise<void> {
    if (!this.socket.write(publishPacket(topic, payload, 0x31))) await once(this.socket, 'drain');
  }

  close(): void {
    this.socket.end();
  }
}

function publishPacket(topic: string, payload: Buffer, first = 0x30): Buffer {
  const name = Buffer.from(topic);
  return packet(first, Buffer.concat([Buffer.from([name.length >> 8, name.length & 0xff]), name, payload]));
}

/** Fixed header (MQTT 3.1.1 §2.2) and the rest. */
function packet(first: number, body: Buffer): Buffer {
  const header = [first];
  let length = body.length;
  do {
    header.push((length & 0x7f) | (length > 0x7f ? 0x80 : 0));
    length >>= 7;
  } while (length > 0);
  return Buffer.concat([Buffer.from(header), body]);
}
