import { text } from '../../base/catalogue';
import { LARGEST_PACKET } from '../capabilities';
import { LinkError } from '../errors';
import type { Link, SubscribeAnswer } from '../link';
import { packetsOf } from '../packet-size';

/** Filters in one SUBSCRIBE packet. */
const BATCH = 500;

interface Asked {
  topic: string;
  resolve(answer: SubscribeAnswer): void;
  reject(error: Error): void;
}

/** Subscribes to topics at the bridge. Those of one turn of the event loop go out together. */
export class BridgeSubscriber {
  private waiting: Asked[] = [];

  constructor(private readonly link: () => Pick<Link, 'subscribe' | 'unsubscribe'> | undefined) {}

  /** @returns the bridge's answer. @throws LinkError if the connection is lost before */
  subscribe(topic: string): Promise<SubscribeAnswer> {
    if (this.waiting.length === 0) queueMicrotask(() => this.flush());
    return new Promise((resolve, reject) => {
      this.waiting.push({ topic, resolve, reject });
    });
  }

  /** Sends now, so that later publications come behind. */
  flush(): void {
    const all = this.waiting;
    this.waiting = [];
    const link = this.link();
    const lost = (error?: Error): Error => error ?? new LinkError('closed', text('bridge.lost'));
    if (!link) {
      for (const { reject } of all) reject(lost());
      return;
    }
    for (const packet of packetsOf(all, ({ topic }) => topic, BATCH, LARGEST_PACKET)) {
      const wanted = packet.map(
        ({ topic }) => ({ filter: topic, qos: 0, nl: false, rap: false, rh: 0 }) as const,
      );
      link.subscribe(wanted, undefined, (error, codes) => {
        for (const [index, { resolve, reject }] of packet.entries()) {
          const code = codes[index];
          if (code === undefined) reject(lost(error));
          else resolve(code);
        }
      });
    }
  }

  unsubscribe(topics: readonly string[]): void {
    for (const packet of packetsOf(topics, (topic) => topic, BATCH, LARGEST_PACKET))
      this.link()?.unsubscribe(packet);
  }
}
