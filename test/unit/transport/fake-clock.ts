import type { Clock } from '../../../src/base/clock';

/** The longest wait of a Clock. */
const MAX_TIMEOUT = 2 ** 31 - 1;

/** A clock that stands still until a test turns it. */
export class FakeClock implements Clock {
  /** How long it has run; timers obey only that, as those of Node do. */
  private run = 1_000;
  private offset = 999_000;
  private readonly timers = new Set<{ due: number; action: () => void }>();

  now(): number {
    return this.run + this.offset;
  }

  steady(): number {
    return this.run;
  }

  /** Somebody sets the machine's clock: forward, or with a negative number back. */
  set(ms: number): void {
    this.offset += ms;
  }

  after(ms: number, action: () => void): () => void {
    const timer = { due: this.run + Math.max(1, Math.min(ms, MAX_TIMEOUT)), action };
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
    return dues.length > 0 ? Math.min(...dues) - this.run : undefined;
  }

  /** Lets time pass; timers run in their order, at most `most` of them. */
  advance(ms: number, most = 100_000): void {
    const end = this.run + ms;
    for (let count = 0; ; count++) {
      const [first] = [...this.timers].filter(({ due }) => due <= end).sort((a, b) => a.due - b.due);
      if (!first) break;
      if (count >= most) throw new Error(`more than ${most} timers within ${ms} ms`);
      this.timers.delete(first);
      this.run = Math.max(this.run, first.due);
      first.action();
    }
    this.run = end;
  }
}
