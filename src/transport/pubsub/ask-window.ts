import type { Clock } from '../../base/clock';

const MIN_WINDOW = 4;
const MAX_WINDOW = 256;
/** Answer time, in milliseconds, up to which a service takes more at once. */
const QUICK = 250;
/** Answer time, in milliseconds, from which it gets less: a shaper holds back what others want to say as well. */
const SLOW = 1_000;

/**
 * How many questions may be under way. It grows while answers come quickly, and shrinks while they are slow, so that
 * a server that slows its clients down has a short queue of ours before what somebody writes in a chat.
 */
export class AskWindow {
  private size = 16;
  private underWay = 0;
  /** Steps that wait for room. */
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly clock: Clock,
    /** Called after each answer. */
    private readonly answered: () => void = () => {},
  ) {}

  get hasRoom(): boolean {
    return this.underWay < this.size;
  }

  /** Most questions that may ever be under way. */
  static readonly max = MAX_WINDOW;

  /** Counts a question; the result is to be called once, with its answer. */
  begin(): () => void {
    const since = this.clock.steady();
    this.underWay += 1;
    return () => {
      this.underWay -= 1;
      const took = this.clock.steady() - since;
      if (took <= QUICK) this.size = Math.min(MAX_WINDOW, this.size + 1);
      else if (took >= SLOW) this.size = Math.max(MIN_WINDOW, Math.floor(this.size * 0.75));
      this.answered();
    };
  }

  /** Runs a step, of one or more questions, as soon as there is room. */
  inTurn<T>(step: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const begin = (): void => {
        step()
          .then(resolve, reject)
          .finally(() => this.next());
      };
      if (this.hasRoom && this.waiting.length === 0) begin();
      else this.waiting.push(begin);
    });
  }

  private next(): void {
    while (this.hasRoom) {
      const begin = this.waiting.shift();
      if (!begin) return;
      begin();
    }
  }
}
