import { text } from '../../base/catalogue';
import type { Clock } from '../../base/clock';
import { InputError } from '../../topics/errors';
import type { PendingAck } from '../../transport/messages';

/** A message whose acknowledgement is in a flow's hands. */
interface Waiting {
  pendingAck: PendingAck;
  /** Keeps the message for the node's successor. */
  keep(pendingAck: PendingAck): void;
  stop(): void;
}

/**
 * Manual acknowledgement of one node: the server is told that a message was taken when the flow says so, or when a
 * time has passed. The flow has no more than a limit of unacknowledged messages; the others follow one by one.
 */
export class ManualAcks {
  private readonly waiting = new Map<string, Waiting>();
  private backlog: (Omit<Waiting, 'stop'> & { pass(): void })[] = [];
  private count = 0;

  constructor(
    /** Part of the ids, so that no node takes another's. */
    private readonly name: string,
    private readonly limit: number,
    /** Longest wait for an acknowledgement, in milliseconds; undefined: no limit. */
    private readonly timeout: number | undefined,
    private readonly clock: Clock,
  ) {}

  /**
   * @param hold keeps the acknowledgement back and gives the way to send it; undefined if there is none to keep
   * (QoS 0, or sent already). `lost` is called if the connection is lost: the message then comes again.
   * @param deliver passes the message on
   * @param keep gets the unacknowledged message when the node ends
   */
  take(
    defer: (lost: () => void) => PendingAck | undefined,
    deliver: (ackId: string | undefined) => void,
    keep: (pendingAck: PendingAck) => void,
  ): void {
    const ackId = `${this.name}-${++this.count}`;
    const pendingAck = defer(() => this.reset());
    if (!pendingAck) {
      deliver(undefined);
      return;
    }
    const pass = (): void => {
      const stop =
        this.timeout === undefined ? () => {} : this.clock.after(this.timeout, () => this.settle(ackId));
      this.waiting.set(ackId, { pendingAck, keep, stop });
      deliver(ackId);
    };
    if (this.waiting.size < this.limit) pass();
    else this.backlog.push({ pendingAck, keep, pass });
  }

  /** Acknowledges a message. Throws if none waits under this id. */
  acknowledge(ackId: unknown): void {
    if (typeof ackId !== 'string' || !this.waiting.has(ackId)) {
      throw new InputError('ack', text('input.ack', { id: String(JSON.stringify(ackId)).slice(0, 60) }));
    }
    this.settle(ackId);
  }

  private settle(ackId: string): void {
    const entry = this.waiting.get(ackId);
    this.forget(ackId);
    entry?.pendingAck.release();
    if (this.waiting.size < this.limit) this.backlog.shift()?.pass();
  }

  private forget(ackId: string): void {
    const entry = this.waiting.get(ackId);
    this.waiting.delete(ackId);
    entry?.stop();
  }

  /** Keeps unacknowledged messages, oldest first, for the node that takes this one's place. */
  leave(): void {
    const rest = [...this.waiting.values(), ...this.backlog];
    this.reset();
    for (const { pendingAck, keep } of rest) keep(pendingAck);
  }

  /** Acknowledges all waiting messages when the node ends for good: nobody else will. */
  end(): void {
    const rest = [...this.waiting.values(), ...this.backlog];
    this.reset();
    for (const { pendingAck } of rest) pendingAck.release();
  }

  /** Forgets all messages after a loss: those that were not passed on yet come again as well. */
  reset(): void {
    this.backlog = [];
    for (const ackId of [...this.waiting.keys()]) this.forget(ackId);
  }
}
