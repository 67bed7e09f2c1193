import { DAY } from '../base/time-units';

/** What was learnt of a device's interval, as it is written down. Times in milliseconds. */
export interface LearntInterval {
  longest: number;
  mean: number;
  count: number;
  /** When learning began, and when `longest` was reckoned, since the epoch. */
  since: number;
  at: number;
}

/** Days after which a long gap counts half. */
const HALF_LIFE = 7 * DAY;
/** Gaps of another order of magnitude: the messages of one moment, or the first of another rhythm. */
const MAGNITUDE = 10;
/** Gaps after which a steady rhythm is known. */
const ENOUGH = 10;
/** A rhythm is steady if its longest gap is no more than so many times the mean one. */
const STEADY = 1.5;
/** A gap that was called a silence counts up to so many times what was allowed: after two false alarms it is usual. */
const GROWTH = 4;
/** Weight of a new gap in the mean. */
const WEIGHT = 0.1;

/**
 * The usual interval between the messages of one device: the longest gap of late. A device that reports when something
 * happens has long and short ones, and is known only after a day with its night.
 */
export class UsualInterval {
  private peak: number;
  private mean: number;
  private count: number;
  private since: number;
  private at: number;

  constructor({ longest, mean, count, since, at }: LearntInterval) {
    this.peak = longest;
    this.mean = mean;
    this.count = count;
    this.since = since;
    this.at = at;
  }

  static from(now: number): UsualInterval {
    return new UsualInterval({ longest: 0, mean: 0, count: 0, since: now, at: now });
  }

  get learnt(): LearntInterval {
    const { peak, mean, count, since, at } = this;
    return { longest: Math.round(peak), mean: Math.round(mean), count, since, at };
  }

  /** When learning began, in milliseconds since the epoch. */
  get begun(): number {
    return this.since;
  }

  /** The longest gap of late, in milliseconds. */
  longest(now: number): number {
    const age = Math.max(0, now - this.at);
    return age === 0 ? this.peak : this.peak * 2 ** (-age / HALF_LIFE);
  }

  /** False: too little is known to call a gap unusual. */
  isKnown(now: number): boolean {
    if (this.count < ENOUGH) return false;
    return now - this.since >= DAY || this.longest(now) <= STEADY * this.mean;
  }

  /**
   * Learns from a gap.
   * @param limit the gap was called a silence after so long: a dead device must not become the rule at once
   */
  learn(gap: number, now: number, limit = Number.POSITIVE_INFINITY): void {
    const longest = this.longest(now);
    if (gap <= 0 || gap * MAGNITUDE < longest) return;
    const taken = Math.min(gap, limit * GROWTH);
    if (longest === 0 || (gap > longest * MAGNITUDE && this.count < ENOUGH)) {
      this.count = 1;
      this.mean = taken;
    } else {
      this.count += 1;
      this.mean += (taken - this.mean) * WEIGHT;
    }
    this.peak = Math.max(longest, taken);
    this.at = now;
  }

  shift(ms: number): void {
    this.since += ms;
    this.at += ms;
  }
}
