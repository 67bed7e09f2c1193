import type { Hold } from '../../messages';
import type { PublishFlags } from './publish-reader';

interface Held {
  holders: number;
  /** Called when the connection is lost. */
  lost: (() => void)[];
}

/** Packets at QoS 1 that are not to be acknowledged yet. */
export class PendingAcks {
  private readonly held = new Map<PublishFlags, Held>();
  private readonly taken = new WeakSet<PublishFlags>();

  /** @param delivered calls `bring`, in which the packet may be held */
  constructor(
    private readonly acknowledge: (packet: PublishFlags) => void,
    private readonly delivered: (packet: PublishFlags, bring: () => void) => void,
  ) {}

  get size(): number {
    return this.held.size;
  }

  /** True if its acknowledgement was ever held back. Then it is sent here, or has been, and nowhere else. */
  took(packet: PublishFlags): boolean {
    return this.taken.has(packet);
  }

  /** The last holder's `release` acknowledges it. `lost` is called when the connection is lost. */
  hold(packet: PublishFlags, lost: () => void): Hold {
    const entry = this.held.get(packet) ?? { holders: 0, lost: [] };
    entry.holders += 1;
    entry.lost.push(lost);
    this.held.set(packet, entry);
    this.taken.add(packet);
    const release = (): void => {
      entry.holders -= 1;
      if (entry.holders > 0 || this.held.get(packet) !== entry) return;
      this.held.delete(packet);
      this.acknowledge(packet);
    };
    const again = (bring: () => void): void => {
      if (this.held.get(packet) !== entry) return;
      this.delivered(packet, bring);
      release();
    };
    return { release, again };
  }

  /** The connection is gone: nothing can be acknowledged any more. */
  lost(): void {
    const entries = [...this.held.values()];
    this.held.clear();
    for (const { lost } of entries) for (const tell of lost) tell();
  }
}
