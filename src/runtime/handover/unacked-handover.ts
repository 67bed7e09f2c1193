import type { Delivery, Hold } from '../../transport/messages';
import type { Subscription } from '../../transport/subscriptions/subscription-set';

/** A message that a flow had not acknowledged when its node ended. */
export interface Unacknowledged {
  subscription: Subscription;
  message: Delivery;
  hold: Hold;
}

interface Subscriptions {
  /** What the owner of this subscription, which may be gone, wants under the same filter now. */
  successorOf(subscription: Subscription): Subscription | undefined;
}

/**
 * Hands messages that were not acknowledged from the nodes that a deploy ends to those that come back under the same
 * id: else they would stay unacknowledged until the connection is lost, and the server sends no more than some at once.
 */
export class UnackedHandover {
  private rest: Unacknowledged[] = [];

  constructor(private readonly subscriptions: Subscriptions) {}

  leave(message: Unacknowledged): void {
    this.rest.push(message);
  }

  /** The deploy is over: whoever is there now inherits. What nobody wants any more is acknowledged. */
  settle(): void {
    const { rest } = this;
    this.rest = [];
    for (const { subscription, message, hold } of rest) {
      const successor = this.subscriptions.successorOf(subscription);
      if (successor) hold.again(() => successor.deliver(message));
      else hold.release();
    }
  }
}
