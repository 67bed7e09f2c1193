import type { Clock } from '../base/clock';

/** A clock that also counts the time that really passed, so that a change of the wall clock shows. */
export interface SteadyClock extends Clock {
  /** Milliseconds since some moment; never set. */
  steady(): number;
}

/** Smaller steps are what keeps a clock right, and may move a deadline. */
const JUMP_MS = 2_000;

/** Notices that the wall clock was set, or that the machine slept. */
export class ClockJumpDetector {
  private offset: number;
  private seen: number;

  constructor(private readonly clock: SteadyClock) {
    this.seen = clock.now();
    this.offset = this.seen - clock.steady();
  }

  /** The time, and by how much the clock was set since the last look; 0 nearly always. */
  look(): { now: number; jumped: number } {
    const now = this.clock.now();
    const offset = now - this.clock.steady();
    const jumped = offset - this.offset;
    this.offset = offset;
    this.seen = now;
    return { now, jumped: Math.abs(jumped) > JUMP_MS ? jumped : 0 };
  }

  /** Cheap: whether `now` looks as if the clock might have been set. */
  isOdd(now: number): boolean {
    const gone = now - this.seen;
    return gone > 1_000 || gone < 0;
  }
}
