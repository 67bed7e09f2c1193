import { text } from './catalogue';
import type { Clock } from './clock';
import { CodedError } from './coded-error';

/** Thrown where something was asked for too often. */
export class TooOften extends CodedError<'often'> {
  override readonly name = 'TooOften';
  constructor(
    /** Whole seconds until it may be asked for again, at least 1. */
    readonly seconds: number,
  ) {
    super('often', text('any.tooOften', { seconds }));
  }
}

/** Limits calls per key within a window: a button that sends to people or servers can be pressed by a script, too. */
export class RateLimit<Key> {
  private readonly taken = new Map<Key, number[]>();

  /**
   * @param most calls that are let through
   * @param window milliseconds in which they count
   */
  constructor(
    private readonly clock: Clock,
    private readonly most: number,
    private readonly window: number,
  ) {}

  /**
   * Counts one more.
   * @throws TooOften if there were enough; that call is not counted.
   */
  take(key: Key): void {
    const now = this.clock.steady();
    this.forget(now);
    const times = this.taken.get(key) ?? [];
    const [first = now] = times;
    if (times.length >= this.most)
      throw new TooOften(Math.max(1, Math.ceil((first + this.window - now) / 1_000)));
    this.taken.set(key, [...times, now]);
  }

  /** Keys that were used once are forgotten. */
  private forget(now: number): void {
    for (const [key, times] of this.taken) {
      const recent = times.filter((at) => at + this.window > now);
      if (recent.length > 0) this.taken.set(key, recent);
      else this.taken.delete(key);
    }
  }
}
