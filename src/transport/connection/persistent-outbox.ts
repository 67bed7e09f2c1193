import type { QueueLimits } from '../../base/bounded-queue';
import type { Journal } from '../outbox/journal';
import { type Done, Outbox, type PendingPublication } from '../outbox/outbox';
import type { ClientListener, ClientTools } from './client-types';
import { restoredDone } from './restored-done';

/** What waits for the connection: the outbox, and the journal that keeps it over the end of the process, where there is one. */
export class PersistentOutbox {
  readonly outbox: Outbox;
  /** `done` of what an earlier process left. */
  readonly restoredDone: Done;
  private readonly journal: Journal | undefined;

  constructor(limits: QueueLimits, { clock, openJournal }: ClientTools, listener: ClientListener) {
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

  /** Every message that still waits gets `reason`, and is not kept. */
  end(reason: Error): void {
    this.outbox.close(reason);
    this.journal?.discard();
  }

  /** What still waits lies on disk (its `done` is called, it is not lost), or is given away to be taken by the successor. */
  handOver(reason: Error): PendingPublication[] {
    // Before the outbox is emptied: it may have to write all that waits.
    this.journal?.close();
    const rest = this.outbox.giveAway(reason);
    if (!this.journal?.works) return rest;
    for (const { done } of rest) done();
    return [];
  }
}
