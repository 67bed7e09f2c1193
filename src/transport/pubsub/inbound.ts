import { BoundedQueue } from '../../base/bounded-queue';
import type { BufferedMessage, InboundListener, LinkInbound, PublishFlags } from '../link';

const LIMITS = { messages: 10_000, bytes: 16 * 1_048_576, ttl: Number.POSITIVE_INFINITY };
/** Approximate size of a message besides topic and payload. */
const OVERHEAD = 200;

interface Waiting extends BufferedMessage {
  bytes: number;
}

/**
 * Messages that came as events. They wait while a deploy exchanges the nodes; nobody acknowledges an event, and an XMPP
 * stream cannot pause, so that of too many the oldest go.
 */
export class EventInbound implements LinkInbound {
  private closed = false;
  private readonly waiting = new BoundedQueue<Waiting>();

  constructor(
    private readonly listener: InboundListener,
    /** A message was dropped because too many wait. */
    private readonly dropped: () => void,
  ) {}

  take(topic: string, payload: Buffer, packet: PublishFlags): void {
    if (this.closed) this.keep({ topic, payload, packet, release: undefined });
    else this.listener.message(topic, payload, packet);
  }

  gate(closed: boolean): void {
    this.closed = closed;
    if (closed) return;
    for (const { topic, payload, packet } of this.waiting.takeOut())
      this.listener.message(topic, payload, packet);
  }

  pause(): void {}

  deferAck(): undefined {
    return undefined;
  }

  inherit(inbound: readonly BufferedMessage[]): void {
    for (const one of inbound) this.keep(one);
    if (!this.closed) this.gate(false);
  }

  /** Everything that waits. */
  empty(): BufferedMessage[] {
    return this.waiting.takeOut().map(({ bytes: _, ...one }) => one);
  }

  private keep(message: BufferedMessage): void {
    this.waiting.push({ ...message, bytes: message.topic.length + message.payload.length + OVERHEAD });
    while (this.waiting.overflow(LIMITS)) this.dropped();
  }
}
