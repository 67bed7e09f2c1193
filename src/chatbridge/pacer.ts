import type { Clock } from '../base/clock';

/** Texts that go out at once after a quiet time. */
const BURST = 3;
/** Texts of a crowd that are shown. The others are counted. */
const SHOWN = 10;
/** Characters of one text in a crowd. */
const MAX_LINE = 300;

/**
 * Keeps the rate of one rule. What is above it becomes one message: the newest texts, and the number of the others. Its
 * memory does not grow with the number of texts.
 */
export class Pacer {
  private tokens = BURST;
  private at: number;
  private newest: string[] = [];
  private others = 0;
  private stop: (() => void) | undefined;
  private isHeld = false;
  /** Said before what waited while nothing could be said. */
  private head: string | undefined;

  constructor(
    private readonly clock: Clock,
    /** Messages a minute. */
    private readonly rate: number,
    private readonly send: (text: string) => void,
    /** The line about those that are not shown. */
    private readonly more: (count: number) => string,
  ) {
    this.at = clock.steady();
  }

  push(text: string): void {
    this.refill();
    if (!this.isHeld && this.stop === undefined && this.tokens >= 1) {
      this.tokens -= 1;
      this.send(text);
      return;
    }
    this.newest.push(text);
    if (this.newest.length > SHOWN) {
      this.newest.shift();
      this.others += 1;
    }
    this.flushLater();
  }

  /** Takes a place for something that cannot be joined, such as a file. False: it is above the rate, and is only counted. */
  pass(): boolean {
    this.refill();
    if (!this.isHeld && this.stop === undefined && this.tokens >= 1) {
      this.tokens -= 1;
      return true;
    }
    this.others += 1;
    this.flushLater();
    return false;
  }

  /** Nothing can be said for a while: the newest texts wait, and the others are counted. */
  hold(): void {
    this.isHeld = true;
    this.stop?.();
    this.stop = undefined;
  }

  /** Says what waited, in one message that begins with `head`. */
  release(head: string): void {
    if (!this.isHeld) return;
    this.isHeld = false;
    if (this.newest.length + this.others === 0) return;
    this.head = head;
    this.flush();
  }

  /** Sends what still waits, and ends. @returns number of those that cannot be said */
  close(): number {
    this.stop?.();
    if (this.stop) this.flush();
    const dropped = this.newest.length + this.others;
    this.newest = [];
    this.others = 0;
    return dropped;
  }

  private flushLater(): void {
    if (this.isHeld) return;
    this.stop ??= this.clock.after(Math.ceil((1 - this.tokens) * this.pause), () => this.flush());
  }

  private get pause(): number {
    return 60_000 / this.rate;
  }

  private refill(): void {
    const now = this.clock.steady();
    this.tokens = Math.min(BURST, this.tokens + (now - this.at) / this.pause);
    this.at = now;
  }

  private flush(): void {
    const { newest, others, head } = this;
    this.stop = undefined;
    this.head = undefined;
    this.newest = [];
    this.others = 0;
    this.refill();
    this.tokens = Math.max(0, this.tokens - 1);
    const [only = ''] = newest;
    if (newest.length === 1 && others === 0 && head === undefined) this.send(only);
    else if (newest.length + others > 0) {
      const before = [...(head === undefined ? [] : [head]), ...(others > 0 ? [this.more(others)] : [])];
      this.send([...before, ...newest.map(shortened)].join('\n'));
    }
  }
}

const shortened = (text: string): string =>
  text.length > MAX_LINE ? `${text.slice(0, MAX_LINE).replace(/\p{Cs}$/u, '')}…` : text;
