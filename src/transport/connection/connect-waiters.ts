/** Called once: the connection is there, or why it was given up. */
export type ConnectWaiter = (error?: Error) => void;

/** Callers that wait for the connection. */
export class ConnectWaiters {
  private waiting: ConnectWaiter[] = [];

  add(waiter: ConnectWaiter): void {
    this.waiting.push(waiter);
  }

  /** Tells all who wait now; whoever begins to wait meanwhile is told the next time. */
  tell(error?: Error): void {
    const { waiting } = this;
    this.waiting = [];
    for (const waiter of waiting) waiter(error);
  }
}
