import type { Clock } from '../../base/clock';

/** Interval for checks of the event loop's delay, in milliseconds. */
const EVERY = 250;
/** Delay from which the loop counts as too far behind, and below which as caught up, in milliseconds. */
const BEHIND = 1_000;
const CAUGHT_UP = 100;

/** Tells when the event loop is more than a second behind, and when it has caught up. */
export class EventLoopLag {
  private cancel: (() => void) | undefined;
  private behind = false;

  constructor(
    private readonly clock: Clock,
    private readonly changed: (behind: boolean) => void,
    /** Number of messages so far: if none comes, something else keeps the process busy. */
    private readonly came: () => number,
  ) {}

  start(): void {
    this.cancel?.();
    const due = this.clock.steady() + EVERY;
    const before = this.came();
    this.cancel = this.clock.after(EVERY, () => {
      this.look(this.clock.steady() - due, this.came() > before);
      this.start();
    });
  }

  stop(): void {
    this.cancel?.();
    this.cancel = undefined;
    this.behind = false;
  }

  private look(delay: number, receives: boolean): void {
    const behind = this.behind ? delay > CAUGHT_UP : delay > BEHIND && receives;
    if (behind === this.behind) return;
    this.behind = behind;
    this.changed(behind);
  }
}
