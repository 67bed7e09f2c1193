import type { Clock } from './clock';

/** How long the copies of one message may lie apart, in milliseconds. */
const SPREAD = 5_000;
/** Bound on the messages whose copies are awaited. */
const MOST = 10_000;

/**
 * For servers that send one copy per matching filter and do not say which copy belongs to which filter
 * (ejabberd on 3.1.1): lets the first copy of a message pass and holds back as many equal ones as must follow.
 */
export class CopyFilter {
  private readonly awaited = new Map<string, { payload: Buffer; left: number; until: number }[]>();
  private size = 0;

  constructor(private readonly clock: Clock) {}

  /** True where this is the first of `copies` equal messages. */
  isFirst(topic: string, payload: Buffer, copies: number): boolean {
    const now = this.clock.now();
    let entries = this.awaited.get(topic);
    if (entries) {
      const fresh = entries.filter((entry) => entry.until > now);
      this.size -= entries.length - fresh.length;
      entries = fresh;
      this.keep(topic, fresh);
      const known = fresh.find((entry) => entry.payload.equals(payload));
      if (known) {
        known.left -= 1;
        if (known.left > 0) return false;
        // All have come: a payload may be large, and the topic's next message far away.
        this.size -= 1;
        this.keep(
          topic,
          fresh.filter((entry) => entry !== known),
        );
        return false;
      }
    }
    if (copies < 2) return true;
    if (this.size >= MOST) this.clear();
    this.size += 1;
    this.keep(topic, [...(entries ?? []), { payload, left: copies - 1, until: now + SPREAD }]);
    return true;
  }

  clear(): void {
    this.awaited.clear();
    this.size = 0;
  }

  private keep(topic: string, entries: { payload: Buffer; left: number; until: number }[]): void {
    if (entries.length > 0) this.awaited.set(topic, entries);
    else this.awaited.delete(topic);
  }
}
