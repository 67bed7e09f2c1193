/** A broker that says what a test tells it to say: for packets that no broker here can be made to send. */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Packet } from 'mqtt';
import { Watched } from '../support/runtime';
import { codec } from './wire';

export class FakeBroker extends Watched {
  /** What clients sent. */
  readonly packets: Packet[] = [];
  private readonly open = new Set<Socket>();

  private constructor(
    readonly port: number,
    private readonly server: Server,
    private readonly version: 4 | 5,
  ) {
    super();
  }

  /** Accepts every login and grants every subscription. */
  static async start(version: 4 | 5): Promise<FakeBroker> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const broker = new FakeBroker((server.address() as AddressInfo).port, server, version);
    server.on('connection', (socket) => broker.accept(socket));
    return broker;
  }

  /** Sends a packet to every client. */
  send(packet: object): void {
    const bytes = codec.generate(packet, { protocolVersion: this.version });
    for (const socket of this.open) socket.write(bytes);
  }

  /** Filters that clients subscribed to. */
  filters(): { topic: string; id: number | undefined }[] {
    return this.packets.flatMap((packet) => {
      if (packet.cmd !== 'subscribe') return [];
      const id = packet.properties?.subscriptionIdentifier;
      return packet.subscriptions.map(({ topic }) => ({ topic, id }));
    });
  }

  async end(): Promise<void> {
    for (const socket of this.open) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private accept(socket: Socket): void {
    this.open.add(socket);
    const parser = codec.parser({ protocolVersion: this.version });
    parser.on('packet', (packet) => {
      this.packets.push(packet);
      const answer = answerTo(packet);
      if (answer) socket.write(codec.generate(answer, { protocolVersion: this.version }));
      this.changed();
    });
    socket.on('data', (chunk: Buffer) => parser.parse(chunk));
    socket.on('error', () => {});
    socket.on('close', () => this.open.delete(socket));
  }
}

function answerTo(packet: Packet): object | undefined {
  const { messageId } = packet;
  switch (packet.cmd) {
    case 'connect': {
      // Core believes in subscription ids only where a CONNACK has properties at all.
      const properties = packet.protocolVersion === 5 ? { properties: { receiveMaximum: 20 } } : {};
      return { cmd: 'connack', returnCode: 0, reasonCode: 0, sessionPresent: false, ...properties };
    }
    case 'subscribe':
      return { cmd: 'suback', messageId, granted: packet.subscriptions.map(({ qos }) => qos) };
    case 'unsubscribe':
      return { cmd: 'unsuback', messageId, granted: packet.unsubscriptions.map(() => 0) };
    case 'publish':
      return packet.qos === 1 ? { cmd: 'puback', messageId, reasonCode: 0 } : undefined;
    case 'pingreq':
      return { cmd: 'pingresp' };
    default:
      return undefined;
  }
}
