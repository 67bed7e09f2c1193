import { DAY, MINUTE } from '../base/time-units';

const MINUTES_A_DAY = 1_440;
const STEP = 15;

/** A span of the day in minutes since midnight; `to` before `from` goes over midnight, 0 to 1440 is the whole day. */
interface QuietPeriod {
  from: number;
  to: number;
}

/** Reads `22:00-07:00`, or several divided by commas. Undefined if it is none. */
function spansOf(text: string): QuietPeriod[] | undefined {
  const spans: QuietPeriod[] = [];
  for (const part of text.split(',')) {
    const match = /^\s*(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})\s*$/.exec(part);
    if (!match) return undefined;
    const [fromHour, fromMinute, toHour, toMinute] = match.slice(1).map(Number) as [
      number,
      number,
      number,
      number,
    ];
    if (fromHour > 23 || toHour > 24 || fromMinute > 59 || toMinute > 59) return undefined;
    const span = { from: fromHour * 60 + fromMinute, to: toHour * 60 + toMinute };
    if (span.to > MINUTES_A_DAY || span.from === span.to) return undefined;
    spans.push(span);
  }
  return spans;
}

/** Hours in which people are left in peace, by the clock on the wall of a place: summer time and all. */
export class QuietHours {
  /** Minutes that no span and no gap between spans is shorter than. */
  private readonly step: number;

  private constructor(
    private readonly spans: readonly QuietPeriod[],
    private readonly format: Intl.DateTimeFormat,
  ) {
    const edges = [...new Set(spans.flatMap(({ from, to }) => [from, to % MINUTES_A_DAY]))].sort(
      (a, b) => a - b,
    );
    const pauses = edges.map((edge, place) => (edges[place + 1] ?? MINUTES_A_DAY + (edges[0] ?? 0)) - edge);
    this.step = Math.max(1, Math.min(STEP, ...pauses));
  }

  /**
   * @param text `22:00-07:00`, or several divided by commas
   * @param timeZone IANA name; empty: the process's
   * @returns undefined if it cannot be read
   */
  static parse(text: string, timeZone = ''): QuietHours | undefined {
    const spans = spansOf(text);
    const format = timeFormat(timeZone);
    return spans && format ? new QuietHours(spans, format) : undefined;
  }

  isQuiet(at: number): boolean {
    const minute = this.minuteOf(at);
    return this.spans.some(({ from, to }) =>
      from < to ? minute >= from && minute < to : minute >= from || minute < to,
    );
  }

  /** When it changes next, in milliseconds since the epoch: a full minute. */
  nextChange(at: number): number {
    const was = this.isQuiet(at);
    const step = this.step * MINUTE;
    const start = Math.floor(at / MINUTE) * MINUTE;
    // By steps and not by arithmetic: twice a year an hour is missing or comes twice.
    for (let end = start + step; end <= start + 3 * DAY; end += step) {
      if (this.isQuiet(end) === was) continue;
      let change = end;
      while (change - MINUTE > at && this.isQuiet(change - MINUTE) !== was) change -= MINUTE;
      return change;
    }
    return start + 3 * DAY;
  }

  private minuteOf(at: number): number {
    const [hour = '0', minute = '0'] = this.format.format(at).split(':');
    return (Number(hour) % 24) * 60 + Number(minute);
  }
}

/** Days of a time zone, `2026-12-24`; undefined for a zone that there is not. */
export function dateFormat(timeZone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('sv-SE', {
      ...{ year: 'numeric', month: '2-digit', day: '2-digit' },
      ...(timeZone ? { timeZone } : {}),
    });
  } catch {
    return undefined;
  }
}

/** Hours and minutes of a time zone, `14:03`; undefined for a zone that there is not. */
export function timeFormat(timeZone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-GB', {
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
      ...(timeZone ? { timeZone } : {}),
    });
  } catch {
    return undefined;
  }
}
