import type { Clock } from '../time/clock';
import type { Heirloom } from '../transport/outbox';

/** How long a deploy may take to bring the successor, in milliseconds: Node-RED waits 15 s for a node that does not close. */
const PATIENCE = 20_000;

/**
 * What the queues of closed broker nodes leave to their successors: a deploy closes a node and makes it anew under
 * the same id. What nobody claims in time gets its `done` with the reason.
 */
export class Estates {
  private readonly estates = new Map<string, { heirlooms: Heirloom[]; stop: () => void }>();

  constructor(private readonly clock: Clock) {}

  leave(id: string, heirlooms: Heirloom[], reason: Error): void {
    if (heirlooms.length === 0) return;
    const all = [...this.claim(id), ...heirlooms];
    const stop = this.clock.after(PATIENCE, () => {
      this.estates.delete(id);
      for (const { done } of all) done(reason);
    });
    this.estates.set(id, { heirlooms: all, stop });
  }

  claim(id: string): Heirloom[] {
    const estate = this.estates.get(id);
    this.estates.delete(id);
    estate?.stop();
    return estate?.heirlooms ?? [];
  }
}
