/** A broker in this process that does what a test tells it, wrong things too: for what no real one can be made to do. */
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Packet } from 'mqtt';

interface Codec {
  parser(options: { protocolVersion: number }): {
    on(event: 'packet', listener: (packet: Packet) => void): void;
    parse(chunk: Buffer): void;
  };
  generate(packet: object, options: { protocolVersion: number }): Buffer;
}
const codec = createRequire(require.resolve('mqtt'))('mqtt-packet') as Codec;

export class Line {
  version = 4;
  readonly packets: Packet[] = [];

  constructor(readonly socket: Socket) {}

  send(packet: object): void {
    this.socket.write(codec.generate(packet, { protocolVersion: this.version }));
  }
}

export class ScriptBroker {
  readonly lines: Line[] = [];
  /** Answers a packet; false leaves it to the ordinary answer. */
  answer: (packet: Packet, line: Line) => boolean | undefined = () => false;
  /** What to do with a new connection before it says anything. */
  accepted: (line: Line) => void = () => {};

  private constructor(
    readonly port: number,
    private readonly server: Server,
  ) {}

  static async start(): Promise<ScriptBroker> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const broker = new ScriptBroker((server.address() as AddressInfo).port, server);
    server.on('connection', (socket) => broker.accept(socket));
    return broker;
  }

  /** Packets of one kind, over all connections. */
  got<C extends Packet['cmd']>(cmd: C): Extract<Packet, { cmd: C }>[] {
    return this.lines.flatMap(({ packets }) => packets.filter((packet) => packet.cmd === cmd)) as Extract<
      Packet,
      { cmd: C }
    >[];
  }

  get published(): string[] {
    return this.got('publish').map(({ payload }) => payload.toString());
  }

  get last(): Line {
    const line = this.lines.at(-1);
    if (!line) throw new Error('nobody is connected');
    return line;
  }

  cut(): void {
    for (const { socket } of this.lines) socket.destroy();
  }

  async end(): Promise<void> {
    this.cut();
    this.server.close();
    await once(this.server, 'close');
  }

  private accept(socket: Socket): void {
    const line = new Line(socket);
    this.lines.push(line);
    const parser = codec.parser({ protocolVersion: 5 });
    parser.on('packet', (packet) => {
      if (packet.cmd === 'connect') line.version = packet.protocolVersion ?? 4;
      line.packets.push(packet);
      if (!this.answer(packet, line)) ordinary(packet, line);
    });
    socket.on('data', (chunk: Buffer) => parser.parse(chunk));
    socket.on('error', () => {});
    this.accepted(line);
  }
}

function ordinary(packet: Packet, line: Line): void {
  const { messageId } = packet;
  if (packet.cmd === 'connect')
    line.send({ cmd: 'connack', returnCode: 0, reasonCode: 0, sessionPresent: false });
  if (packet.cmd === 'subscribe')
    line.send({ cmd: 'suback', messageId, granted: packet.subscriptions.map(({ qos }) => qos) });
  if (packet.cmd === 'unsubscribe')
    line.send({ cmd: 'unsuback', messageId, granted: packet.unsubscriptions.map(() => 0) });
  if (packet.cmd === 'publish' && packet.qos === 1) line.send({ cmd: 'puback', messageId, reasonCode: 0 });
  if (packet.cmd === 'pingreq') line.send({ cmd: 'pingresp' });
}
