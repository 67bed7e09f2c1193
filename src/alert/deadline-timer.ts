import type { Clock } from '../base/clock';

/** A timer that is too far away is set in parts, so that a clock that was set shows soon, in milliseconds. */
const MAX_WAIT = 60_000;

/** The one timer of a node: however many keys have something due, the first of them sets it. */
export class DeadlineTimer {
  /** When something is due, milliseconds since the epoch; Infinity: never. */
  at = Number.POSITIVE_INFINITY;
  private timer: { at: number; stop: () => void } | undefined;
  private closed = false;

  constructor(
    private readonly clock: Clock,
    private readonly ring: () => void,
  ) {}

  /** Sets the timer, unless it is set for an earlier moment already. */
  sleep(): void {
    if (this.closed || this.at === Number.POSITIVE_INFINITY) return;
    const now = this.clock.now();
    const at = Math.min(this.at, now + MAX_WAIT);
    if (this.timer && this.timer.at <= at) return;
    this.timer?.stop();
    const stop = this.clock.after(Math.max(1, at - now), () => {
      this.timer = undefined;
      this.ring();
    });
    this.timer = { at, stop };
  }

  /** The clock was set. */
  shift(ms: number): void {
    this.at += ms;
    if (this.timer) this.timer.at += ms;
  }

  close(): void {
    this.closed = true;
    this.timer?.stop();
    this.timer = undefined;
  }
}
