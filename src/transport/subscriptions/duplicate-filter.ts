import type { Clock } from '../../base/clock';

/** Maximum milliseconds between the copies of one message. */
const SPREAD = 5_000;
/** Bound on the messages whose copies are awaited. */
const MAX = 10_000;
/** Bound on their topics and payloads, in bytes. */
const MAX_BYTES = 16 * 1024 * 1024;

/**
 * For servers that send one copy per matching filter and do not say which copy belongs to which filter
 * (ejabberd on 3.1.1): lets the first copy of a message pass and holds back as many equal ones as must follow.
 */
export class DuplicateFilter {
  private readonly awaited = new Map<string, { payload: Buffer; left: number; until: number }[]>();
  private size = 0;
  private bytes = 0;

  constructor(private readonly clock: Clock) {}

  /** True if this is the first of `copies` equal messages. */
  isFirst(topic: string, payload: Buffer, copies: number): boolean {
    const now = this.clock.steady();
    let entries = this.awaited.get(topic);
    if (entries) {
      const fresh = entries.filter((entry) => entry.until > now);
      this.size -= entries.length - fresh.length;
      for (const { payload: old, until } of entries)
        if (until <= now) this.bytes -= old.length + topic.length;
      entries = fresh;
      this.keep(topic, fresh);
      const known = fresh.find((entry) => entry.payload.equals(payload));
      if (known) {
        known.left -= 1;
        if (known.left > 0) return false;
        // All have come: a payload may be large, and the topic's next message far away.
        this.size -= 1;
        this.bytes -= payload.length + topic.length;
        this.keep(
          topic,
          fresh.filter((entry) => entry !== known),
        );
        return false;
      }
    }
    if (copies < 2) return true;
    if (this.size >= MAX || this.bytes >= MAX_BYTES) {
      this.clear();
      entries = undefined;
    }
    this.size += 1;
    this.bytes += payload.length + topic.length;
    // A copy: the payload is a part of 64 KB that were read at once, and would keep them all.
    const entry = { payload: Buffer.from(payload), left: copies - 1, until: now + SPREAD };
    this.keep(topic, [...(entries ?? []), entry]);
    return true;
  }

  clear(): void {
    this.awaited.clear();
    this.size = 0;
    this.bytes = 0;
  }

  private keep(topic: string, entries: { payload: Buffer; left: number; until: number }[]): void {
    if (entries.length > 0) this.awaited.set(topic, entries);
    else this.awaited.delete(topic);
  }
}
