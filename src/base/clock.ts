/** Time, injected so that tests can turn it. */
export interface Clock {
  /** Names a moment: milliseconds since the epoch. It jumps, back too, when somebody sets the machine's clock. */
  now(): number;
  /** Measures lengths: milliseconds that only ever go on, from an arbitrary beginning, different in each process. */
  steady(): number;
  /** Runs `action` once after `ms` milliseconds, after 24 days at the latest; the result cancels it. Does not keep the process alive. */
  after(ms: number, action: () => void): () => void;
}

/** A longer wait would run out at once: setTimeout counts in 31 bits. */
const MAX_TIMEOUT = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  steady: () => performance.now(),
  after(ms, action) {
    const timer = setTimeout(action, Math.min(ms, MAX_TIMEOUT));
    timer.unref();
    return () => clearTimeout(timer);
  },
};
