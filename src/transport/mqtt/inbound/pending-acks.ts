import type { PublishFlags } from '../../link';
import type { PendingAck } from '../../messages';

interface Deferred {
  owners: number;
  /** Called when the connection is lost. */
  lost: (() => void)[];
}

/** Packets at QoS 1 that are not to be acknowledged yet. */
export class PendingAcks {
  private readonly waiting = new Map<PublishFlags, Deferred>();
  private readonly taken = new WeakSet<PublishFlags>();

  /** @param delivered calls `bring`, in which the packet may be deferred */
  constructor(
    private readonly acknowledge: (packet: PublishFlags) => void,
    private readonly delivered: (packet: PublishFlags, bring: () => void) => void,
  ) {}

  get size(): number {
    return this.waiting.size;
  }

  /** True if its acknowledgement was ever held back. Then it is sent here, or has been, and nowhere else. */
  took(packet: PublishFlags): boolean {
    return this.taken.has(packet);
  }

  /** The last owner's `release` acknowledges it. `lost` is called when the connection is lost. */
  defer(packet: PublishFlags, lost: () => void): PendingAck {
    const entry = this.waiting.get(packet) ?? { owners: 0, lost: [] };
    entry.owners += 1;
    entry.lost.push(lost);
    this.waiting.set(packet, entry);
    this.taken.add(packet);
    const release = (): void => {
      entry.owners -= 1;
      if (entry.owners > 0 || this.waiting.get(packet) !== entry) return;
      this.waiting.delete(packet);
      this.acknowledge(packet);
    };
    const again = (bring: () => void): void => {
      if (this.waiting.get(packet) !== entry) return;
      this.delivered(packet, bring);
      release();
    };
    return { release, again };
  }

  /** The connection is gone: nothing can be acknowledged any more. */
  lost(): void {
    const entries = [...this.waiting.values()];
    this.waiting.clear();
    for (const { lost } of entries) for (const tell of lost) tell();
  }
}
