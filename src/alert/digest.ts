import { timeFormat } from './quiet-hours';
import { nextTime, readTime, type WallTime } from './wall-time';

/** The time of day at which everything that is not urgent is told, in one message. */
export class DigestTime {
  private constructor(
    private readonly time: WallTime,
    private readonly format: Intl.DateTimeFormat,
  ) {}

  /** `08:00`; undefined for any other text, or an unknown time zone. */
  static parse(typed: string, timeZone = ''): DigestTime | undefined {
    const time = readTime(typed);
    const format = timeFormat(timeZone);
    return time && format && new DigestTime(time, format);
  }

  /** The next moment after `now`, in milliseconds since the epoch. */
  next(now: number): number {
    return nextTime(this.time, now, this.format);
  }
}
