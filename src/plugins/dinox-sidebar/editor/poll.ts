/** Repeats a question while somebody looks. */
export class Poll<T> {
  private asked: AbortController | undefined;
  private timer: number | undefined;
  private every = 0;

  constructor(
    private readonly question: (signal: AbortSignal) => Promise<T>,
    private readonly answered: (answer: T) => void,
    private readonly failed: (error: unknown) => void,
  ) {}

  /** Asks now, and `every` milliseconds after each answer; 0: stops. */
  run(every: number): void {
    if (this.every === every) return;
    this.every = every;
    void this.again();
  }

  /** Asks now, without waiting; resolves once the answer was handled. */
  async again(): Promise<void> {
    window.clearTimeout(this.timer);
    this.asked?.abort();
    this.asked = undefined;
    if (this.every > 0) await this.ask();
  }

  private async ask(): Promise<void> {
    const asked = new AbortController();
    this.asked = asked;
    try {
      const answer = await this.question(asked.signal);
      if (this.asked === asked) this.answered(answer);
    } catch (error) {
      if (this.asked === asked) this.failed(error);
    }
    if (this.asked === asked) this.timer = window.setTimeout(() => void this.ask(), this.every);
  }
}
