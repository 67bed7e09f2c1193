import type { PendingAck, ReceivedPublication } from '../../transport/messages';
import type { Subscription } from '../../transport/subscriptions/subscription-set';

/** A message that a flow had not acknowledged when its node ended. */
export interface Unacknowledged {
  subscription: Subscription;
  message: ReceivedPublication;
  pendingAck: PendingAck;
}

interface Subscriptions {
  /** The current wish of this subscription's owner for the same filter. The subscription itself may be gone. */
  successorOf(subscription: Subscription): Subscription | undefined;
  hand(receiver: Subscription, message: ReceivedPublication): void;
}

/**
 * Hands messages that were not acknowledged from the nodes that a deploy ends to those that come back under the same
 * id. Else they would stay unacknowledged until the connection is lost, and the server sends no more than some at once.
 */
export class UnackedHandover {
  private rest: Unacknowledged[] = [];

  constructor(private readonly subscriptions: Subscriptions) {}

  leave(message: Unacknowledged): void {
    this.rest.push(message);
  }

  /** After the deploy: present nodes inherit. Messages that nobody wants any more are acknowledged. */
  settle(): void {
    const { rest } = this;
    this.rest = [];
    for (const { subscription, message, pendingAck } of rest) {
      const successor = this.subscriptions.successorOf(subscription);
      if (successor) pendingAck.again(() => this.subscriptions.hand(successor, message));
      else pendingAck.release();
    }
  }
}
