import type { BufferedMessage, PublishFlags } from '../../link';
import type { PendingAcks } from './pending-acks';

/** Beyond these no more fits. */
const MAX_MESSAGES = 10_000;
const MAX_BYTES = 16 * 1_048_576;
/** Approximate size of a message besides topic and payload. */
const OVERHEAD = 200;

/** Messages that wait for the connection, or for the nodes that a deploy creates. */
export class InboundBuffer {
  private inbound: BufferedMessage[] = [];
  private bytes = 0;

  constructor(private readonly pendingAcks: PendingAcks) {}

  get isFull(): boolean {
    return this.inbound.length >= MAX_MESSAGES || this.bytes >= MAX_BYTES;
  }

  /** A message at QoS 1 is acknowledged only when it is delivered. */
  keep(topic: string, payload: Buffer, packet: PublishFlags): void {
    const release = packet.qos === 1 ? this.pendingAcks.defer(packet, () => {}).release : undefined;
    this.add({ topic, payload, packet, release });
  }

  add(arrival: BufferedMessage): void {
    this.inbound.push(arrival);
    this.bytes += arrival.payload.length + arrival.topic.length + OVERHEAD;
  }

  /** Everything, in its order; nothing is left. */
  empty(): BufferedMessage[] {
    const { inbound } = this;
    this.inbound = [];
    this.bytes = 0;
    return inbound;
  }

  /**
   * Their connection is gone. `comesAgain`: the server has a session in which unacknowledged messages come again;
   * otherwise they are only here.
   */
  age(comesAgain: boolean): void {
    this.pendingAcks.lost();
    for (const arrival of this.empty()) {
      if (!arrival.release || !comesAgain) this.add({ ...arrival, release: undefined });
    }
  }
}
