import type { Delivery, Hold } from '../transport/messages';
import type { Subscription } from '../transport/subscriptions';

/** A message that came for a node while a deploy renewed it, or that it had not acknowledged. */
export interface Kept {
  message: Delivery;
  /** Of a message at QoS 1: it is acknowledged once the successor has it. */
  hold: Hold | undefined;
}

/** What a node leaves behind that a deploy ends. */
export interface Legacy {
  /** It stands until the deploy is over, and adds what comes to `kept`. */
  subscription: Subscription;
  /** Leave the subscription standing on the server (core's `autoUnsubscribe: false`). */
  keep: boolean;
  kept: Kept[];
}

/** Messages that are kept for one subscription; a deploy takes less than a second. */
const MOST_KEPT = 10_000;

/** Keeps what comes, oldest first, as long as there is room. */
export function keepFor(kept: Kept[], message: Delivery, hold: () => Hold | undefined): void {
  if (kept.length < MOST_KEPT) kept.push({ message, hold: hold() });
}

interface Subscriptions {
  remove(subscription: Subscription, keep: boolean): void;
  /** Another subscription of the same owner to the same filter. */
  successorOf(subscription: Subscription): Subscription | undefined;
}

/**
 * Hands subscriptions from the nodes that a deploy ends to those that come back under the same id: the server need
 * not be told, and what comes in between is not lost.
 */
export class Succession {
  private legacies: Legacy[] = [];

  constructor(private readonly subscriptions: Subscriptions) {}

  leave(legacy: Legacy): void {
    this.legacies.push(legacy);
  }

  /** The deploy is over: whoever is there now inherits. What nobody wants any more is acknowledged. */
  settle(): void {
    const { legacies } = this;
    this.legacies = [];
    for (const { subscription, keep, kept } of legacies) {
      const successor = this.subscriptions.successorOf(subscription);
      this.subscriptions.remove(subscription, keep);
      for (const { message, hold } of kept) {
        if (!successor) hold?.release();
        else if (hold) hold.again(() => successor.deliver(message));
        else successor.deliver(message);
      }
    }
  }

  /** The connection ends with them: what was not acknowledged comes again. */
  end(): void {
    for (const { subscription, keep } of this.legacies) this.subscriptions.remove(subscription, keep);
    this.legacies = [];
  }
}
