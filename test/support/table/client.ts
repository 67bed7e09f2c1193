/** An MQTT client that shows packets as they are: what a library makes of them is not what a server does. */
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { IConnackPacket, IPublishPacket, Packet } from 'mqtt';
import { createWebSocketStream, WebSocket } from 'ws';
import { Watched } from '../runtime';

interface Codec {
  parser(options: { protocolVersion: number }): {
    on(event: 'packet', listener: (packet: Packet) => void): void;
    on(event: 'error', listener: (error: Error) => void): void;
    parse(chunk: Buffer): void;
  };
  generate(packet: object, options: { protocolVersion: number }): Buffer;
}

/** The codec that MQTT.js brings; it is no dependency of its own. */
const codec = createRequire(require.resolve('mqtt'))('mqtt-packet') as Codec;

export type Version = 3 | 4 | 5;

export interface Address {
  port: number;
  /** A WebSocket at this path. */
  path?: string;
}

export interface Login {
  username: string;
  password: string;
}

type Connect = Extract<Packet, { cmd: 'connect' }>;
export type ConnectOptions = Partial<Omit<Connect, 'cmd' | 'password'>> & { password?: string };

/** How long to wait for what a server may never send, in milliseconds. */
export const PATIENCE = 1_500;

let ids = 0;

export class TableClient extends Watched {
  readonly packets: Packet[] = [];
  closed = false;
  private messageId = 0;
  private readonly stream: Duplex;
  private readonly version: Version;

  private constructor(stream: Duplex, version: Version) {
    super();
    this.stream = stream;
    this.version = version;
    const parser = codec.parser({ protocolVersion: version });
    parser.on('packet', (packet) => {
      this.packets.push(packet);
      if (packet.cmd === 'publish') this.acknowledge(packet);
      if (packet.cmd === 'pubrec') this.send({ cmd: 'pubrel', messageId: packet.messageId });
      if (packet.cmd === 'pubrel') this.send({ cmd: 'pubcomp', messageId: packet.messageId });
      this.changed();
    });
    // A reason code of MQTT 5 in a packet of 3.1.1, as ejabberd sends it.
    parser.on('error', () => stream.destroy());
    stream.on('data', (chunk: Buffer) => parser.parse(chunk));
    stream.on('error', () => {});
    stream.on('close', () => {
      this.closed = true;
      this.changed();
    });
  }

  /** Sends CONNECT; resolves once the server answered, hung up, or let `PATIENCE` go by. */
  static async connect(at: Address, version: Version, options: ConnectOptions = {}): Promise<TableClient> {
    const stream =
      at.path === undefined
        ? connect({ host: '127.0.0.1', port: at.port })
        : createWebSocketStream(new WebSocket(`ws://127.0.0.1:${at.port}${at.path}`, 'mqtt'));
    const client = new TableClient(stream, version);
    client.send({
      cmd: 'connect',
      protocolId: version === 3 ? 'MQIsdp' : 'MQTT',
      protocolVersion: version,
      clean: true,
      clientId: `table-${process.pid}-${++ids}`,
      keepalive: 60,
      ...options,
    });
    await client.wait(() => client.connack !== undefined || client.closed, 5_000);
    return client;
  }

  get connack(): IConnackPacket | undefined {
    return this.packets.find((packet): packet is IConnackPacket => packet.cmd === 'connack');
  }

  get accepted(): boolean {
    return !this.closed && this.code === 0;
  }

  /** Code of the CONNACK; undefined if none came. */
  get code(): number | undefined {
    const { connack } = this;
    return connack && (connack.reasonCode ?? connack.returnCode);
  }

  get messages(): IPublishPacket[] {
    return this.packets.filter((packet): packet is IPublishPacket => packet.cmd === 'publish');
  }

  send(packet: object): void {
    if (!this.closed) this.stream.write(codec.generate(packet, { protocolVersion: this.version }));
  }

  /** False where it does not come about in time. */
  async wait(look: () => boolean, ms = PATIENCE): Promise<boolean> {
    return this.until('', () => look(), ms).then(
      () => true,
      () => false,
    );
  }

  /** @returns the reason codes of the SUBACK; undefined where none came, `closed` where the server hung up. */
  async subscribe(topic: string, qos = 2, id?: number): Promise<number[] | undefined | 'closed'> {
    const messageId = ++this.messageId;
    const subscriptions = [{ topic, qos, nl: false, rap: false, rh: 0 }];
    const properties = id === undefined ? {} : { properties: { subscriptionIdentifier: id } };
    this.send({ cmd: 'subscribe', messageId, subscriptions, ...properties });
    const answer = () =>
      this.packets.find((packet) => packet.cmd === 'suback' && packet.messageId === messageId);
    await this.wait(() => answer() !== undefined || this.closed);
    const packet = answer();
    if (packet?.cmd === 'suback') return packet.granted as number[];
    return this.closed ? 'closed' : undefined;
  }

  /** True where the server answered. */
  async unsubscribe(topic: string): Promise<boolean> {
    const messageId = ++this.messageId;
    this.send({ cmd: 'unsubscribe', messageId, unsubscriptions: [topic] });
    return this.wait(() => this.packets.some((one) => one.cmd === 'unsuback' && one.messageId === messageId));
  }

  /** @returns whether the server acknowledged it in full; true at once for QoS 0. */
  async publish(topic: string, payload: string | Buffer, qos = 0, retain = false): Promise<boolean> {
    const messageId = ++this.messageId;
    this.send({ cmd: 'publish', topic, payload, qos, retain, dup: false, ...(qos > 0 && { messageId }) });
    if (qos === 0) return true;
    const end = qos === 1 ? 'puback' : 'pubcomp';
    return this.wait(() => this.packets.some((one) => one.cmd === end && one.messageId === messageId));
  }

  /** Says goodbye. */
  async end(): Promise<void> {
    this.send({ cmd: 'disconnect' });
    this.stream.end();
    await this.wait(() => this.closed, 1_000);
    this.break();
  }

  /** Hangs up without a word. */
  break(): void {
    this.stream.destroy();
  }

  private acknowledge({ qos, messageId }: IPublishPacket): void {
    if (qos === 1) this.send({ cmd: 'puback', messageId });
    if (qos === 2) this.send({ cmd: 'pubrec', messageId });
  }
}
