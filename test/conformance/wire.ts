/** A TCP proxy between Node-RED and a broker that reads along: it records MQTT packets, and cuts the line. */
import { createRequire } from 'node:module';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { Packet } from 'mqtt';
import { Watched } from '../support/runtime';

/** The codec that MQTT.js brings; it is no dependency of its own. */
interface Codec {
  parser(options: { protocolVersion: number }): {
    on(event: 'packet', listener: (packet: Packet) => void): void;
    parse(chunk: Buffer): void;
  };
  generate(packet: object, options: { protocolVersion: number }): Buffer;
}

export const codec = createRequire(require.resolve('mqtt'))('mqtt-packet') as Codec;

export interface Recorded {
  from: 'client' | 'broker';
  packet: Packet;
}

type PacketOf<C extends Packet['cmd']> = Extract<Packet, { cmd: C }>;

export class Wire extends Watched {
  /** All packets of all connections, in order. */
  readonly recorded: Recorded[] = [];
  /** Connections accepted so far. */
  connections = 0;
  private refusing = false;
  private readonly open = new Set<Socket>();

  private constructor(
    readonly port: number,
    private readonly server: Server,
    private readonly target: number,
  ) {
    super();
  }

  /** Listens on a port of its own; what comes goes on to `target` on 127.0.0.1. */
  static async start(target: number): Promise<Wire> {
    const server = createServer({ allowHalfOpen: false });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const wire = new Wire((server.address() as AddressInfo).port, server, target);
    server.on('connection', (socket) => wire.accept(socket));
    return wire;
  }

  /** Packets of one kind that the client sent. */
  sent<C extends Packet['cmd']>(cmd: C): PacketOf<C>[] {
    return this.packets('client', cmd);
  }

  /** Packets of one kind that the broker sent. */
  answered<C extends Packet['cmd']>(cmd: C): PacketOf<C>[] {
    return this.packets('broker', cmd);
  }

  /** Ends all connections at once, without a word of MQTT. */
  cut(): void {
    for (const socket of this.open) socket.destroy();
  }

  /** Closes new connections as soon as they come, or lets them through again. */
  refuse(refusing: boolean): void {
    this.refusing = refusing;
  }

  async end(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private packets<C extends Packet['cmd']>(from: Recorded['from'], cmd: C): PacketOf<C>[] {
    return this.recorded
      .filter((entry) => entry.from === from && entry.packet.cmd === cmd)
      .map((entry) => entry.packet as PacketOf<C>);
  }

  private accept(socket: Socket): void {
    this.connections++;
    this.changed();
    if (this.refusing) {
      socket.destroy();
      return;
    }
    const onwards = connect(this.target, '127.0.0.1');
    const fromClient = this.recorder('client');
    // The broker speaks after the client's CONNECT, which says in which version.
    let fromBroker: ((chunk: Buffer) => void) | undefined;
    this.relay(socket, onwards, fromClient);
    this.relay(onwards, socket, (chunk) => {
      fromBroker ??= this.recorder('broker', this.sent('connect').at(-1)?.protocolVersion);
      fromBroker(chunk);
    });
  }

  private recorder(from: Recorded['from'], protocolVersion = 4): (chunk: Buffer) => void {
    const parser = codec.parser({ protocolVersion });
    parser.on('packet', (packet) => {
      this.recorded.push({ from, packet });
      this.changed();
    });
    return (chunk) => parser.parse(chunk);
  }

  private relay(source: Socket, target: Socket, record: (chunk: Buffer) => void): void {
    this.open.add(source);
    source.on('data', (chunk: Buffer) => {
      target.write(chunk);
      record(chunk);
    });
    source.on('error', () => target.destroy());
    // What was written before still goes out: a DISCONNECT, most of all.
    source.on('end', () => target.end());
    source.on('close', () => this.open.delete(source));
  }
}
