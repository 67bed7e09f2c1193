import type { Clock } from '../base/clock';

/** Callers that wait for news, each until there are any or until its own time is over. */
export class Waiters {
  private readonly ends = new Set<() => void>();

  constructor(private readonly clock: Clock) {}

  /** Resolves at the next {@link wake}, or after `ms`. `cancel` ends the waiting. */
  wait(ms: number): { done: Promise<void>; cancel(): void } {
    let cancel = (): void => {};
    const done = new Promise<void>((resolve) => {
      const end = (): void => {
        stop();
        this.ends.delete(end);
        resolve();
      };
      const stop = this.clock.after(ms, end);
      this.ends.add(end);
      cancel = end;
    });
    return { done, cancel: () => cancel() };
  }

  wake(): void {
    if (this.ends.size > 0) for (const end of [...this.ends]) end();
  }
}
