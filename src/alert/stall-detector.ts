/** A timer is never much later than that, in milliseconds, unless the process was busy or stood still. */
const PROMPT_MS = 50;
/** Later than that the process stood still. */
const PAUSE_MS = 1_000;
/** After that much time what waited in the sockets has been read. */
export const LISTEN_MS = 1_000;

/**
 * Notices that the process stood still: stopped, or held up by something that blocked. Our own pause is nobody's
 * silence, and what waits in the sockets is to be read before anything follows from the time that went by.
 */
export class StallDetector {
  /** Until then nothing follows from the time that went by. */
  listenUntil = 0;

  constructor(
    /** When somebody last looked at the clock. */
    public alive: number,
  ) {}

  /**
   * Something was due: how long we were away, in milliseconds; 0 where we were not, or not for long.
   * @param due when it should have been dealt with
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
