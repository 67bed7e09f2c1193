import type { Clock } from '../../../src/time/clock';

/** The longest wait that setTimeout knows; a longer one runs out at once. */
const LONGEST_TIMEOUT = 2 ** 31 - 1;

/** A clock that stands still until a test turns it. */
export class FakeClock implements Clock {
  private time = 1_000_000;
  private readonly timers = new Set<{ due: number; action: () => void }>();

  now(): number {
    return this.time;
  }

  after(ms: number, action: () => void): () => void {
    // As Node does it: so that a wait that is too long shows.
    const timer = { due: this.time + (ms >= 1 && ms <= LONGEST_TIMEOUT ? ms : 1), action };
    this.timers.add(timer);
    return () => {
      this.timers.delete(timer);
    };
  }

  /** Timers that are set. */
  get waiting(): number {
    return this.timers.size;
  }

  /** Milliseconds until the next timer; undefined: none is set. */
  get next(): number | undefined {
    const dues = [...this.timers].map(({ due }) => due);
    return dues.length > 0 ? Math.min(...dues) - this.time : undefined;
  }

  /** Lets time pass; timers run in their order, at most `most` of them. */
  advance(ms: number, most = 100_000): void {
    const end = this.time + ms;
    for (let run = 0; ; run++) {
      const [first] = [...this.timers].filter(({ due }) => due <= end).sort((a, b) => a.due - b.due);
      if (!first) break;
      if (run >= most) throw new Error(`more than ${most} timers within ${ms} ms`);
      this.timers.delete(first);
      this.time = Math.max(this.time, first.due);
      first.action();
    }
    this.time = end;
  }
}
