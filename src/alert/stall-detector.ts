/** A timer is never much later than that, in milliseconds, unless the process was busy or stood still. */
const PROMPT_MS = 50;
/** Later than that the process stood still. */
const PAUSE_MS = 1_000;
/** After that much time what waited in the sockets has been read. */
export const LISTEN_MS = 1_000;

/**
 * Detects that the process stood still: stopped, or blocked. Our own pause is no gap of a sensor, and the messages
 * in the sockets are read before any conclusion is drawn from the time that passed.
 */
export class StallDetector {
  /** Until then nothing follows from the time that went by. */
  listenUntil = 0;

  constructor(
    /** Time of the last look at the clock. */
    public alive: number,
  ) {}

  /**
   * Milliseconds for which we stood still when a deadline passed; 0 if we did not, or not for long.
   * @param due when it should have been handled
   */
  look(now: number, due: number): number {
    const late = now - due;
    if (late <= PROMPT_MS) return 0;
    const stoodStill = late > PAUSE_MS;
    // A process that is always a little late must come to its conclusions all the same.
    if (!stoodStill && now - this.listenUntil < 5 * LISTEN_MS) return 0;
    this.listenUntil = now + LISTEN_MS;
    return stoodStill ? now - this.alive : 0;
  }

  /** The clock was set. */
  shift(ms: number): void {
    this.alive += ms;
    this.listenUntil += ms;
  }
}
