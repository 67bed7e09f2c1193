/** Parses quiet hours: `22:00-07:00`, `Mon-Fri 22:00-06:30, Sat-Sun 23:00-09:00, 2026-12-24..26`. */
import { DAY } from '../base/time-units';

export const MINUTES_A_DAY = 1_440;

/** Days since 1970-01-01, in the calendar of a place. */
export type DayNumber = number;

/** A part of quiet hours. It belongs to the day on which it begins, and is on every day unless it says otherwise. */
export interface QuietSpan {
  /** Minutes since midnight; `to` before `from` goes over midnight, 0 to 1440 is the whole day. */
  from: number;
  to: number;
  /** Weekdays, 0 is Sunday. */
  days?: readonly number[];
  /** The first and the last date. */
  dates?: readonly [DayNumber, DayNumber];
}

/** Maximum parts of quiet hours. */
const MAX_SPANS = 50;

/** The beginnings of the names of weekdays, English and German, from Sunday on. */
const WEEKDAYS: readonly RegExp[] = [
  /^(su|sun|sunday|so|sonntag)$/,
  /^(mo|mon|monday|montag)$/,
  /^(tu|tue|tues|tuesday|di|dienstag)$/,
  /^(we|wed|wednesday|mi|mittwoch)$/,
  /^(th|thu|thur|thurs|thursday|do|donnerstag)$/,
  /^(fr|fri|friday|freitag)$/,
  /^(sa|sat|saturday|samstag|sonnabend)$/,
];
const CLOCK = /^(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})$/;
const DATE = '(\\d{4})-(\\d{2})-(\\d{2})';
const DATES = new RegExp(`^${DATE}(?:\\s*\\.\\.\\s*(?:(?:(\\d{4})-)?(\\d{2})-)?(\\d{2}))?$`);

/** The parts of quiet hours; undefined if one of them cannot be read. */
export function readQuietSpans(text: string): QuietSpan[] | undefined {
  const parts = text.split(',');
  if (parts.length > MAX_SPANS) return undefined;
  const spans = parts.map((part) => spanOf(part.trim()));
  return spans.every((span) => span !== undefined) ? spans : undefined;
}

function spanOf(part: string): QuietSpan | undefined {
  const [, head = '', clock = ''] = /^(.*?)\s*(\d{1,2}:\d{2}\s*[-–]\s*\d{1,2}:\d{2})$/.exec(part) ?? [];
  if (clock === '') {
    const dates = datesOf(part);
    return dates && { from: 0, to: MINUTES_A_DAY, dates };
  }
  const times = timesOf(clock);
  if (!times || head === '') return times;
  const dates = datesOf(head);
  if (dates) return { ...times, dates };
  const days = daysOf(head);
  return days && { ...times, days };
}

function timesOf(clock: string): { from: number; to: number } | undefined {
  const match = CLOCK.exec(clock);
  if (!match) return undefined;
  const [fromHour = 0, fromMinute = 0, toHour = 0, toMinute = 0] = match.slice(1).map(Number);
  if (fromHour > 23 || toHour > 24 || fromMinute > 59 || toMinute > 59) return undefined;
  const [from, to] = [fromHour * 60 + fromMinute, toHour * 60 + toMinute];
  return to > MINUTES_A_DAY || from === to ? undefined : { from, to };
}

/** `Mon`, `Mon-Fri`, `Fr–Mo`. */
function daysOf(text: string): number[] | undefined {
  const [first, last, more] = text.toLowerCase().split(/\s*[-–]\s*/);
  const from = weekdayOf(first);
  const to = last === undefined ? from : weekdayOf(last);
  if (from === undefined || to === undefined || more !== undefined) return undefined;
  return Array.from({ length: ((to - from + 7) % 7) + 1 }, (_, place) => (from + place) % 7);
}

function weekdayOf(text = ''): number | undefined {
  const found = WEEKDAYS.findIndex((names) => names.test(text.replace(/\.$/, '')));
  return found < 0 ? undefined : found;
}

/** `2026-12-24`, `2026-12-24..26`, `2026-12-24..01-02` (of the same year), `2026-12-24..2027-01-06`. */
function datesOf(text: string): [DayNumber, DayNumber] | undefined {
  const [, year = '', month = '', day = '', toYear, toMonth, toDay] = DATES.exec(text) ?? [];
  const from = dayNumber(Number(year), Number(month), Number(day));
  if (year === '' || from === undefined) return undefined;
  const to =
    toDay === undefined ? from : dayNumber(Number(toYear ?? year), Number(toMonth ?? month), Number(toDay));
  return to === undefined || to < from ? undefined : [from, to];
}

/** The number of a date; undefined for one that no calendar has. */
export function dayNumber(year: number, month: number, day: number): DayNumber | undefined {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const isReal = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return isReal ? date.getTime() / DAY : undefined;
}

/** The number of `2026-12-24`, as `showDay` writes it. */
export const dayOfText = (text: string): DayNumber => Math.floor(Date.parse(`${text}T00:00:00Z`) / DAY);

/** 0 is Sunday. */
export const weekdayOfDay = (day: DayNumber): number => (((day + 4) % 7) + 7) % 7;

/** `2026-12-24`. */
export const showDay = (day: DayNumber): string => new Date(day * DAY).toISOString().slice(0, 10);

/** The quiet minutes of a weekday, `[from, to)`, as the week of a dialog shows them: without dates. */
export function quietOfWeekday(spans: readonly QuietSpan[], weekday: number): [number, number][] {
  const isOn = ({ dates, days }: QuietSpan, day: number): boolean => !dates && (!days || days.includes(day));
  return mergedMinutes(spans, (span, before) => isOn(span, (weekday + (before ? 6 : 0)) % 7));
}

/**
 * The quiet minutes of a day, `[from, to)`, in order.
 * @param isOn true if a part begins on that day, or (`before`) on the day before
 */
export function mergedMinutes(
  spans: readonly QuietSpan[],
  isOn: (span: QuietSpan, before: boolean) => boolean,
): [number, number][] {
  const found: [number, number][] = [];
  for (const span of spans) {
    const { from, to } = span;
    if (from < to) {
      if (isOn(span, false)) found.push([from, to]);
      continue;
    }
    if (isOn(span, false)) found.push([from, MINUTES_A_DAY]);
    if (to > 0 && isOn(span, true)) found.push([0, to]);
  }
  found.sort((a, b) => a[0] - b[0]);
  const merged: [number, number][] = [];
  for (const [from, to] of found) {
    const last = merged[merged.length - 1];
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}
