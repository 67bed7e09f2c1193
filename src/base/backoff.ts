export interface BackoffOptions {
  /** Shortest wait in milliseconds. @default 1000 */
  min?: number;
  /** Longest wait in milliseconds. @default 60000 */
  max?: number;
  /**
   * Milliseconds after which a connection counts as working: its loss is then no failure, and the series starts again.
   * @default 5000
   */
  stable?: number;
  /** 0 ≤ random < 1. */
  random: () => number;
}

/** Exponential back-off with full jitter: the wait lies anywhere between `min` and a ceiling that doubles. */
export class Backoff {
  private attempts = 0;
  private readonly min: number;
  private readonly max: number;
  private readonly stable: number;

  constructor(private readonly options: BackoffOptions) {
    this.min = options.min ?? 1_000;
    this.max = Math.max(options.max ?? 60_000, this.min);
    this.stable = options.stable ?? 5_000;
  }

  /** The next wait in milliseconds. */
  next(): number {
    this.attempts += 1;
    const ceiling = Math.min(this.max, this.min * 2 ** Math.min(this.attempts, 16));
    return Math.round(this.min + this.options.random() * (ceiling - this.min));
  }

  /** Tells how long the connection had held, in milliseconds. */
  lasted(ms: number): void {
    if (ms >= this.stable) this.attempts = 0;
  }

  /** The last wait is not used. */
  undo(): void {
    this.attempts = Math.max(0, this.attempts - 1);
  }

  reset(): void {
    this.attempts = 0;
  }
}
