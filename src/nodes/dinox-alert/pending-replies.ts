import type { AlertMachine } from '../../alert/machine';
import type { Clock } from '../../base/clock';

/** Milliseconds for which a start waits at most. */
const MAX_WAIT = 30_000;
/** Milliseconds until what was read has its effect: alerts wait a tenth of a second for copies of a message. */
const SETTLED = 1_000;

export interface PendingRepliesOptions {
  machine: AlertMachine;
  clock: Clock;
  /** A chat whose messages reach the alert has not read yet what was written before. */
  isBehind(): boolean;
  /** Calls `read` when a chat has read more; the result ends it. */
  onRead(read: () => void): () => void;
}

/**
 * Keeps reminders and escalations of a start back until what people wrote while nobody listened is read: an
 * acknowledgement may be among it. What does not come within half a minute is not waited for.
 */
export class PendingReplies {
  private isReading = true;
  private hasRead = false;
  private hasStarted = false;
  private stopSettling: (() => void) | undefined;
  private readonly stopListening: () => void;

  /** Comes before the machine takes over what was stored. */
  constructor(private readonly options: PendingRepliesOptions) {
    const { machine, clock, onRead } = options;
    machine.notifier.repliesUntil = clock.now() + MAX_WAIT;
    this.stopListening = onRead(() => {
      this.hasRead = true;
      this.look();
    });
  }

  /** All nodes are there: only now is it known whether anybody can write to the alert. */
  started(): void {
    this.hasStarted = true;
    this.look();
  }

  close(): void {
    this.isReading = false;
    this.stopListening();
    this.stopSettling?.();
  }

  private look(): void {
    if (!this.isReading || !this.hasStarted || this.options.isBehind()) return;
    if (this.hasRead) this.stopSettling ??= this.options.clock.after(SETTLED, () => this.end());
    else this.end();
  }

  private end(): void {
    const { machine } = this.options;
    this.close();
    machine.turn(() => {
      machine.notifier.repliesUntil = 0;
      for (const entry of machine.active) machine.wake(entry);
    });
  }
}
