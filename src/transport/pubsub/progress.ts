import type { Clock } from '../../base/clock';

/** How many of the nodes that filters match are subscribed to by now. */
export interface SubscribingProgress {
  done: number;
  all: number;
}

/** Wait, in milliseconds, before the first word and between two words. */
const EVERY = 2_000;

/** Counts nodes that are being subscribed to, and tells how far it is where that takes its time. */
export class Progress {
  private done = 0;
  private all = 0;
  private stop: (() => void) | undefined;
  private wasTold = false;

  /** @param tell gets undefined when all is done */
  constructor(
    private readonly clock: Clock,
    private readonly tell: (progress: SubscribingProgress | undefined) => void,
  ) {}

  /** Counts a step until it has ended, well or not. */
  count<T>(step: Promise<T>): Promise<T> {
    this.all += 1;
    this.stop ??= this.clock.after(EVERY, () => this.say());
    const ended = (): void => {
      this.done += 1;
      if (this.done === this.all) this.finish();
    };
    step.then(ended, ended);
    return step;
  }

  private say(): void {
    this.wasTold = true;
    this.stop = this.clock.after(EVERY, () => this.say());
    this.tell({ done: this.done, all: this.all });
  }

  private finish(): void {
    this.done = 0;
    this.all = 0;
    this.stop?.();
    this.stop = undefined;
    if (this.wasTold) this.tell(undefined);
    this.wasTold = false;
  }
}
