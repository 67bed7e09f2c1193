import type { QueueLimits } from '../../base/bounded-queue';
import type { Clock } from '../../base/clock';
import type { Journal } from '../outbox/journal';
import { type Done, Outbox, type PendingPublication } from '../outbox/outbox';
import type { ClientListener, ClientTools } from './client-types';
import { restoredDone } from './restored-done';

/** Messages that wait for the connection: the outbox, and the journal, if any, that keeps it after the process. */
export class PersistentOutbox {
  readonly outbox: Outbox;
  /** `done` for messages that an earlier process left. */
  readonly restoredDone: Done;
  private readonly journal: Journal | undefined;
  private readonly clock: Clock;

  constructor(limits: QueueLimits, { clock, openJournal }: ClientTools, listener: ClientListener) {
    this.clock = clock;
    this.restoredDone = restoredDone((notice) => listener.notice(notice));
    this.journal = openJournal?.(() => this.outbox.pending());
    this.outbox = new Outbox(
      limits,
      clock,
      () => listener.queued(this.outbox.size, this.outbox.dropped),
      this.journal,
    );
    if (this.journal) this.outbox.restore(this.journal.load(), this.restoredDone);
  }

  /** Resolves when the server has confirmed all messages under way, after a second at most. */
  confirmed(): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.clock.after(1_000, resolve);
      this.outbox.drain(() => {
        stop();
        resolve();
      });
    });
  }

  /** Ends: every message that still waits gets `reason`, and is not kept. */
  end(reason: Error): void {
    this.outbox.close(reason);
    this.journal?.discard();
  }

  /** Ends. Waiting messages are on disk (their `done` is called, they are not lost), or are returned for the successor. */
  handOver(reason: Error): PendingPublication[] {
    // The journal is closed before the outbox is emptied: it may have to write all waiting messages.
    this.journal?.close();
    const rest = this.outbox.giveAway(reason);
    if (!this.journal?.works) return rest;
    for (const { done } of rest) done();
    return [];
  }
}
