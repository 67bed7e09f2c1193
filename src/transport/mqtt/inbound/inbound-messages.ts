import type { IPublishPacket, MqttClient } from 'mqtt';
import type {
  BufferedMessage,
  InboundHandover,
  InboundListener,
  PauseReason,
  PublishFlags,
} from '../../link';
import type { PendingAck } from '../../messages';
import { type LinkOptions, RECEIVE_MAXIMUM } from '../client';
import { Qos2Receiver } from '../qos2-receiver';
import { InboundBuffer } from './inbound-buffer';
import { PendingAcks } from './pending-acks';
import { isTopicName, tidyProperties } from './property-guard';

/**
 * The messages that MQTT.js reads: when each is delivered to the flow, and when it is acknowledged. They wait before
 * MQTT.js calls itself connected (it first sends its own messages of a resumed session again), and while the gate is
 * closed.
 */
export class InboundMessages {
  private isConnected = false;
  private gateClosed = false;
  /** The QoS 1 packet that is being brought to the flow. */
  private delivering: PublishFlags | undefined;
  private readonly pauses = new Set<PauseReason>();
  /** Continues with the last packet, after a pause in reading. */
  private readonly pausedPackets: (() => void)[] = [];
  private readonly pendingAcks: PendingAcks;
  private readonly buffer: InboundBuffer;
  private readonly qos2: Qos2Receiver;

  constructor(
    private readonly client: MqttClient,
    private readonly options: LinkOptions,
    private readonly listener: InboundListener,
  ) {
    this.pendingAcks = new PendingAcks(
      (packet) => this.acknowledge(packet),
      (packet, bring) => {
        this.delivering = packet;
        bring();
        this.delivering = undefined;
      },
    );
    this.buffer = new InboundBuffer(this.pendingAcks);
    this.qos2 = new Qos2Receiver(client, options.unreleased ?? new Set(), (...message) =>
      this.take(...message),
    );
    client.on('message', (topic, payload, packet) => {
      if (packet.qos < 2) this.take(topic, payload, packet);
    });
    // An error here withholds PUBACK, frees the packet pump and emits nothing; a late callback would stop the pump.
    client.handleMessage = (packet, callback) => {
      const next = (): void => (this.pendingAcks.took(packet) ? callback(new Error('held')) : callback());
      if (this.pauses.size > 0) this.pausedPackets.push(next);
      else next();
    };
  }

  /** True if incoming messages go to the flow at once. */
  get isFlowing(): boolean {
    return this.brings && this.pauses.size === 0;
  }

  /** The connection is there. */
  begin(): void {
    this.isConnected = true;
    this.bringWaiting();
  }

  /** The connection is gone: nothing can be acknowledged any more. */
  end(): void {
    this.isConnected = false;
    this.pendingAcks.lost();
    for (const reason of [...this.pauses]) this.pause(reason, false);
  }

  /** Another connection is about to be made. Messages that come again over it are not kept. */
  age(): void {
    this.buffer.age(this.hasSession);
  }

  /** The server has no session of ours: packet identifiers start again. */
  forget(): void {
    this.qos2.forget();
  }

  /** Closes the gate: messages wait, at QoS 1 unacknowledged, until it opens again. */
  gate(closed: boolean): void {
    this.gateClosed = closed;
    if (!closed) this.bringWaiting();
  }

  /** Takes the messages of the link before this one. */
  inherit(inbound: readonly BufferedMessage[]): void {
    for (const arrival of inbound) this.buffer.add(arrival);
    this.bringWaiting();
  }

  /** For the next link, when this one has ended. */
  release(): InboundHandover {
    this.age();
    return { inbound: this.buffer.empty(), unreleased: this.qos2.leave() };
  }

  /**
   * Holds back the PUBACK of the message that is being delivered. `lost` is called if the connection is lost
   * meanwhile. Undefined if there is none (QoS 0 and 2).
   */
  deferAck(lost: () => void): PendingAck | undefined {
    const ack = this.delivering && this.pendingAcks.defer(this.delivering, lost);
    // Only a server without a receive maximum gets here (3.1.1). The sockets' buffers bound it.
    if (this.pendingAcks.size > RECEIVE_MAXIMUM) {
      this.pause('unacked', true);
      this.listener.crowded?.();
    }
    return ack;
  }

  /**
   * Stops or continues taking packets. Meanwhile packets wait in the sockets' buffers, and in the end the server waits
   * too. Use it for seconds only: later the answer to a ping comes too late, and unacknowledged messages come again.
   */
  pause(reason: PauseReason, on: boolean): void {
    if (on) this.pauses.add(reason);
    else this.pauses.delete(reason);
    if (this.pauses.size === 0) for (const next of this.pausedPackets.splice(0)) next();
  }

  /** True if messages can be delivered. */
  private get brings(): boolean {
    return this.isConnected && !this.gateClosed;
  }

  /** The server keeps what it could not deliver, and sends it again. */
  private get hasSession(): boolean {
    const { clean, version, sessionExpiry } = this.options;
    return !clean && (version < 5 || Boolean(sessionExpiry));
  }

  private take(topic: string, payload: Buffer, packet: IPublishPacket): void {
    tidyProperties(packet);
    if (!isTopicName(topic)) this.listener.malformed();
    else if (this.brings) this.bring(topic, payload, packet);
    else this.keep(topic, payload, packet);
  }

  private bring(topic: string, payload: Buffer, packet: PublishFlags): void {
    this.delivering = packet.qos === 1 ? packet : undefined;
    this.listener.message(topic, payload, packet);
    this.delivering = undefined;
  }

  /** The message waits until it can be delivered. */
  private keep(topic: string, payload: Buffer, packet: PublishFlags): void {
    const { buffer, isConnected } = this;
    // Before the connection is there reading cannot pause: the answers to what MQTT.js sends come the same way.
    if (buffer.isFull && !isConnected && packet.qos === 0) return;
    buffer.keep(topic, payload, packet);
    if (buffer.isFull && isConnected) this.pause('full', true);
  }

  private bringWaiting(): void {
    if (!this.brings) return;
    for (const { topic, payload, packet, release } of this.buffer.empty()) {
      this.bring(topic, payload, packet);
      release?.();
    }
    this.pause('full', false);
  }

  private acknowledge({ messageId }: PublishFlags): void {
    if (!this.client.connected) return;
    this.client['_sendPacket']({ cmd: 'puback', messageId: messageId as number, reasonCode: 0 });
    if (this.pauses.has('unacked') && this.pendingAcks.size <= RECEIVE_MAXIMUM) this.pause('unacked', false);
  }
}
