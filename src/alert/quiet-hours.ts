import { DAY, MINUTE } from '../base/time-units';
import {
  type DayNumber,
  dayNumber,
  MINUTES_A_DAY,
  mergedMinutes,
  type QuietSpan,
  readQuietSpans,
  weekdayOfDay,
} from './quiet-grammar';

const STEP = 15;
/** How far ahead a change is looked for. */
const HORIZON = 400 * DAY;
/** Minutes that a clock may be put forward or back near midnight, and a little more. */
const MARGIN = 150;

const NO_DAYS: ReadonlySet<DayNumber> = new Set();

/** Hours in which people are left in peace, by the clock on the wall of a place: summer time and all. */
export class QuietHours {
  /** Minutes that no span and no gap between spans is shorter than. */
  private readonly step: number;

  private constructor(
    private readonly spans: readonly QuietSpan[],
    private readonly format: Intl.DateTimeFormat,
  ) {
    const edges = [...new Set(spans.flatMap(({ from, to }) => [from, to % MINUTES_A_DAY]))].sort(
      (a, b) => a - b,
    );
    const pauses = edges.map((edge, place) => (edges[place + 1] ?? MINUTES_A_DAY + (edges[0] ?? 0)) - edge);
    this.step = Math.max(1, Math.min(STEP, ...pauses));
  }

  /**
   * @param text as `readQuietSpans` takes it
   * @param timeZone IANA name; empty: the process's
   * @returns undefined if it cannot be read
   */
  static parse(text: string, timeZone = ''): QuietHours | undefined {
    const spans = readQuietSpans(text);
    const format = wallFormat(timeZone);
    return spans && format ? new QuietHours(spans, format) : undefined;
  }

  /** @param holidays days that count as Sunday */
  isQuiet(at: number, holidays: ReadonlySet<DayNumber> = NO_DAYS): boolean {
    const { day, minute } = this.wall(at);
    return this.spans.some((span) => {
      const { from, to } = span;
      if (from < to) return minute >= from && minute < to && isOn(span, day, holidays);
      return (minute >= from && isOn(span, day, holidays)) || (minute < to && isOn(span, day - 1, holidays));
    });
  }

  /** When it changes next, in milliseconds since the epoch: a full minute; Infinity: not within a year. */
  nextChange(at: number, holidays: ReadonlySet<DayNumber> = NO_DAYS): number {
    const was = this.isQuiet(at, holidays);
    const start = Math.floor(at / MINUTE) * MINUTE;
    let before = start;
    // By steps and not by arithmetic: twice a year an hour is missing or comes twice.
    for (let end = start; end <= start + HORIZON; ) {
      before = end;
      end += Math.max(this.step, this.evenMinutes(end, was, holidays)) * MINUTE;
      if (this.isQuiet(end, holidays) === was) continue;
      let change = end;
      while (change - MINUTE > Math.max(at, before) && this.isQuiet(change - MINUTE, holidays) !== was)
        change -= MINUTE;
      return change;
    }
    return Number.POSITIVE_INFINITY;
  }

  /** Minutes until shortly before the end of a day that is quiet as a whole, or not at all; else 0. */
  private evenMinutes(at: number, quiet: boolean, holidays: ReadonlySet<DayNumber>): number {
    const { day, minute } = this.wall(at);
    const [first, ...more] = mergedMinutes(this.spans, (span, before) =>
      isOn(span, before ? day - 1 : day, holidays),
    );
    const isWhole = more.length === 0 && first?.[0] === 0 && first[1] === MINUTES_A_DAY;
    return (quiet ? isWhole : first === undefined) ? MINUTES_A_DAY - MARGIN - minute : 0;
  }

  private wall(at: number): { day: DayNumber; minute: number } {
    const [year = 0, month = 0, date = 0, hour = 0, minute = 0] = this.format
      .format(at)
      .split(/\D+/)
      .map(Number);
    return { day: dayNumber(year, month, date) ?? 0, minute: (hour % 24) * 60 + minute };
  }
}

/** True if a part begins on this day. */
function isOn({ days, dates }: QuietSpan, day: DayNumber, holidays: ReadonlySet<DayNumber>): boolean {
  if (dates) return day >= dates[0] && day <= dates[1];
  return !days || days.includes(holidays.has(day) ? 0 : weekdayOfDay(day));
}

const DATE_FIELDS = { year: 'numeric', month: '2-digit', day: '2-digit' } as const;
const TIME_FIELDS = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;

/** Day, hours and minutes of a time zone, `2026-12-24 14:03`; undefined for a zone that there is not. */
const wallFormat = (timeZone: string) => formatOf('sv-SE', { ...DATE_FIELDS, ...TIME_FIELDS }, timeZone);

/** Days of a time zone, `2026-12-24`; undefined for a zone that there is not. */
export const dateFormat = (timeZone: string) => formatOf('sv-SE', DATE_FIELDS, timeZone);

/** Hours and minutes of a time zone, `14:03`; undefined for a zone that there is not. */
export const timeFormat = (timeZone: string) => formatOf('en-GB', TIME_FIELDS, timeZone);

function formatOf(
  locale: string,
  fields: Intl.DateTimeFormatOptions,
  timeZone: string,
): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat(locale, { ...fields, ...(timeZone ? { timeZone } : {}) });
  } catch {
    return undefined;
  }
}
