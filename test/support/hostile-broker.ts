/**
 * A broker that breaks the rules a test wants broken. It listens on a raw socket and sends what it is told to, packets
 * or bytes; where a test says nothing it answers as a good broker does.
 */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Packet } from 'mqtt';
import { codec } from '../conformance/wire';
import { Watched } from './runtime';

/** One connection of a client. */
export interface Line {
  /** Counts from 0, without those who only look in to find out what listens here. */
  readonly index: number;
  readonly socket: Socket;
  /** What came on this connection. */
  readonly packets: Packet[];
  /** MQTT version of its CONNECT. */
  readonly version: number;
  /** Sends packets (in the client's version) or bytes, in one segment. */
  send(...parts: (object | Buffer)[]): void;
  /** Sends what a good broker would answer. */
  polite(packet: Packet): void;
}

/** What to do with a packet; `line.polite(packet)` answers it well, and no answer is an answer too. */
export type Behaviour = (packet: Packet, line: Line) => void;

type PacketOf<C extends Packet['cmd']> = Extract<Packet, { cmd: C }>;

export class HostileBroker extends Watched {
  /** Connections that sent a CONNECT with a client id. */
  readonly lines: Line[] = [];
  /** When each TCP connection was accepted, in milliseconds since the epoch. */
  readonly accepted: number[] = [];
  private readonly sockets = new Set<Socket>();

  private constructor(
    readonly port: number,
    private readonly server: Server,
    /** May be changed while it runs. */
    public behave: Behaviour,
    private readonly onAccept: ((socket: Socket, attempt: number) => void) | undefined,
  ) {
    super();
  }

  /** @param onAccept sees each socket first; one that it destroys is not looked at further. */
  static async start(
    behave: Behaviour = (packet, line) => line.polite(packet),
    onAccept?: (socket: Socket, attempt: number) => void,
  ): Promise<HostileBroker> {
    const server = createServer({ noDelay: true });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const broker = new HostileBroker(port, server, behave, onAccept);
    server.on('connection', (socket) => broker.accept(socket));
    return broker;
  }

  /** The newest connection that is still open. */
  get line(): Line {
    const line = this.lines.findLast(({ socket }) => !socket.destroyed);
    if (!line) throw new Error('nobody is connected');
    return line;
  }

  /** Packets of one kind, of all connections in order, or of one. */
  got<C extends Packet['cmd']>(cmd: C, line?: number): PacketOf<C>[] {
    return this.lines
      .filter(({ index }) => line === undefined || index === line)
      .flatMap(({ packets }) => packets)
      .filter((packet): packet is PacketOf<C> => packet.cmd === cmd);
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private accept(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => {
      this.sockets.delete(socket);
      this.changed();
    });
    this.accepted.push(Date.now());
    this.onAccept?.(socket, this.accepted.length - 1);
    this.changed();
    if (socket.destroyed) return;
    const packets: Packet[] = [];
    let version = 4;
    const lineOf = (): Line => ({
      index: this.lines.length,
      socket,
      packets,
      version,
      send: (...parts) => {
        if (socket.destroyed) return;
        const bytes = parts.map((part) => (Buffer.isBuffer(part) ? part : encode(part, version)));
        socket.write(Buffer.concat(bytes));
      },
      polite: (packet) => {
        const answer = answerTo(packet, version);
        if (answer && !socket.destroyed) socket.write(encode(answer, version));
      },
    });
    let line: Line | undefined;
    const parser = codec.parser({ protocolVersion: 4 });
    parser.on('packet', (packet) => {
      packets.push(packet);
      if (packet.cmd === 'connect') {
        version = packet.protocolVersion ?? 4;
        line = lineOf();
        // The search for the broker looks in without a client id, or with this one.
        if (packet.clientId === '' || packet.clientId === 'dinox-probe') {
          line.polite(packet);
          return;
        }
        this.lines.push(line);
      }
      if (line) this.behave(packet, line);
      this.changed();
    });
    socket.on('data', (chunk: Buffer) => parser.parse(chunk));
  }
}

function encode(packet: object, protocolVersion: number): Buffer {
  return codec.generate(packet, { protocolVersion });
}

/** A control packet from its first byte and its body, whatever they are (MQTT 5 §2.1). */
export function raw(header: number, body: Buffer | readonly number[] = []): Buffer {
  const bytes = Buffer.from(body as Buffer);
  return Buffer.concat([Buffer.from([header]), lengthOf(bytes.length), bytes]);
}

/** A Variable Byte Integer (MQTT 5 §1.5.5). */
export function lengthOf(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push((rest % 128) + (rest >= 128 ? 128 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Buffer.from(bytes);
}

/** A string with its length before it (MQTT 5 §1.5.4); bytes are taken as they are. */
export function text(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value as string);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);
}

/** A PUBLISH at QoS 0, of parts that need not be good: `properties` are bytes, without their length. */
export function rawPublish(
  topic: string | Buffer,
  payload: string | Buffer,
  properties?: Buffer,
  header = 0x30,
): Buffer {
  const parts = [text(topic)];
  if (header & 0x06) parts.push(Buffer.from([0, 1]));
  if (properties) parts.push(lengthOf(properties.length), properties);
  return raw(header, Buffer.concat([...parts, Buffer.from(payload as string)]));
}

function answerTo(packet: Packet, version: number): object | undefined {
  const { messageId } = packet;
  switch (packet.cmd) {
    case 'connect': {
      const properties = version === 5 ? { properties: { receiveMaximum: 20 } } : {};
      return { cmd: 'connack', returnCode: 0, reasonCode: 0, sessionPresent: false, ...properties };
    }
    case 'subscribe':
      return { cmd: 'suback', messageId, granted: packet.subscriptions.map(({ qos }) => qos) };
    case 'unsubscribe':
      return { cmd: 'unsuback', messageId, granted: packet.unsubscriptions.map(() => 0) };
    case 'publish':
      if (packet.qos === 0) return undefined;
      return { cmd: packet.qos === 1 ? 'puback' : 'pubrec', messageId, reasonCode: 0 };
    case 'pubrel':
      return { cmd: 'pubcomp', messageId, reasonCode: 0 };
    case 'pubrec':
      return { cmd: 'pubrel', messageId, reasonCode: 0 };
    case 'pingreq':
      return { cmd: 'pingresp' };
    default:
      return undefined;
  }
}

/** A test that takes more time than it is worth on every run: only where the environment says DINOX_LONG=1. */
export function inLong(title: string, ms: number, test: () => Promise<void>): void {
  if (process.env.DINOX_LONG === '1') it(title, test).timeout(ms);
}
