/** Called once: when connected, or with the reason why it was given up. */
export type ConnectWaiter = (error?: Error) => void;

/** Callers that wait for the connection. */
export class ConnectWaiters {
  private waiting: ConnectWaiter[] = [];

  add(waiter: ConnectWaiter): void {
    this.waiting.push(waiter);
  }

  /** Tells all present waiters; those that begin to wait meanwhile are told the next time. */
  tell(error?: Error): void {
    const { waiting } = this;
    this.waiting = [];
    for (const waiter of waiting) waiter(error);
  }
}
