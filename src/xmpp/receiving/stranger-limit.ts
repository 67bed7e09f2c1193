import type { Clock } from '../../base/clock';
import { HOUR, MINUTE } from '../../base/time-units';

/** Requests per minute from one stranger, and from all together. */
export const MAX_OF_ONE = 5;
export const MAX_OF_ALL = 30;

/**
 * Anyone who knows an address can invite it and ask for its presence, which is an event in the flow each time. These
 * events are limited, by sender and in total, and so is the memory for it.
 */
export class StrangerLimit {
  private minute = Number.NEGATIVE_INFINITY;
  private asked = new Map<string, number>();
  private all = 0;
  private warnedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly clock: Clock,
    /** Called if something was left out, once an hour at most. */
    private readonly leftOut: (sender: string) => void,
  ) {}

  /** True if this sender is still within the limit. */
  mayAsk(sender: string): boolean {
    const now = this.clock.steady();
    if (now - this.minute >= MINUTE) {
      this.minute = now;
      this.asked.clear();
      this.all = 0;
    }
    const before = this.asked.get(sender) ?? 0;
    if (before < MAX_OF_ONE && this.all < MAX_OF_ALL) {
      this.asked.set(sender, before + 1);
      this.all += 1;
      return true;
    }
    if (now - this.warnedAt >= HOUR) {
      this.warnedAt = now;
      this.leftOut(sender);
    }
    return false;
  }
}
