import type { PublishFlags } from './publish-reader';

interface Held {
  holders: number;
  /** Told when the connection goes. */
  lost: (() => void)[];
}

/** Packets at QoS 1 that are not to be acknowledged yet. */
export class HeldPackets {
  private readonly held = new Map<PublishFlags, Held>();

  constructor(private readonly acknowledge: (packet: PublishFlags) => void) {}

  has(packet: PublishFlags): boolean {
    return this.held.has(packet);
  }

  /** The result lets it go; the last holder's acknowledges it, unless the connection was lost meanwhile. */
  hold(packet: PublishFlags, lost: () => void): () => void {
    const entry = this.held.get(packet) ?? { holders: 0, lost: [] };
    entry.holders += 1;
    entry.lost.push(lost);
    this.held.set(packet, entry);
    return () => {
      entry.holders -= 1;
      if (entry.holders > 0 || this.held.get(packet) !== entry) return;
      this.held.delete(packet);
      this.acknowledge(packet);
    };
  }

  /** The connection is gone: nothing can be acknowledged any more. */
  lost(): void {
    const entries = [...this.held.values()];
    this.held.clear();
    for (const { lost } of entries) for (const tell of lost) tell();
  }
}
