/**
 * Days of an iCalendar text (RFC 5545), bounded in everything: whoever writes a calendar decides its entries and rules.
 * Whole days count; an appointment by the hour makes no holiday.
 */
import { type NameIn, text } from '../base/catalogue';
import { CodedError } from '../base/coded-error';
import { type DayNumber, dayNumber } from './quiet-grammar';
import { occurrences, type Recurrence, readRecurrence, WorkLimit } from './recurrence';

export class CalendarError extends CodedError<NameIn<'calendar'>> {
  override readonly name = 'CalendarError';
  constructor(code: NameIn<'calendar'>, params: Readonly<Record<string, string>> = {}) {
    super(code, text(`calendar.${code}`, params));
  }
}

/** Characters of a calendar, and days that are kept. */
const MAX_CALENDAR_LENGTH = 1_048_576;
const MAX_HOLIDAYS = 2_000;
/** Days before and after today that are looked at: a rule without an end has no last day. */
const DAYS_BACK = 7;
const DAYS_AHEAD = 6 * 366;
/** Days that all events together may name, wanted or not. */
const MAX_WORK = 500_000;

export interface CalendarDays {
  /** In order. */
  days: DayNumber[];
  /** Events by the hour, and those whose rule is not understood. */
  skipped: number;
  /** Days that found no room. */
  left: number;
}

interface CalendarEvent {
  uid: string;
  start?: DayNumber;
  /** The day after the last; undefined: it lasts a day. */
  end?: DayNumber;
  /** It has a time of day, a rule that is not understood, or was called off. */
  skip: boolean;
  rule?: Recurrence;
  except: DayNumber[];
  also: DayNumber[];
  /** The occurrence of another event with the same UID that this one stands for. */
  instead?: DayNumber;
}

/**
 * The whole days of a calendar around today.
 * @throws CalendarError if it is none, too long, or has too many entries
 */
export function readCalendarDays(ics: string, today: DayNumber): CalendarDays {
  if (ics.length > MAX_CALENDAR_LENGTH) throw new CalendarError('tooLong');
  const events = eventsOf(ics);
  // Sets, so that many events with one UID cost no more than others.
  const instead = new Map<string, Set<DayNumber>>();
  for (const { uid, instead: day } of events) {
    if (day === undefined) continue;
    const known = instead.get(uid);
    if (known) known.add(day);
    else instead.set(uid, new Set([day]));
  }
  const [first, last] = [today - DAYS_BACK, today + DAYS_AHEAD];
  const work = new WorkLimit(MAX_WORK, () => new CalendarError('tooMany'));
  const found = new Set<DayNumber>();
  let skipped = 0;
  for (const { uid, start, end, skip, rule, except, also, instead: own } of events) {
    if (start === undefined || skip) {
      skipped += 1;
      continue;
    }
    const length = Math.max(1, (end ?? start + 1) - start);
    const not = new Set(except);
    const replaced = own === undefined ? instead.get(uid) : undefined;
    const starts = rule ? occurrences(start, rule, { first: first - length, last }, work) : [start];
    for (const one of [...starts, ...also]) {
      if (not.has(one) || replaced?.has(one)) continue;
      for (let day = Math.max(one, first); day < Math.min(one + length, last + 1); day++) {
        work.spend();
        found.add(day);
      }
    }
  }
  const days = [...found].sort((a, b) => a - b);
  return { days: days.slice(0, MAX_HOLIDAYS), skipped, left: Math.max(0, days.length - MAX_HOLIDAYS) };
}

/** @throws CalendarError if the text has no calendar, or one that is not closed */
function eventsOf(ics: string): CalendarEvent[] {
  const events: CalendarEvent[] = [];
  // Long lines go on behind a blank (RFC 5545 §3.1).
  const lines = ics
    .replace(/^\uFEFF/, '')
    .replace(/\r?\n[ \t]/g, '')
    .split(/\r?\n/);
  /** The components that are open; an alarm within an event has a start of its own. */
  const open: string[] = [];
  let event: CalendarEvent | undefined;
  let isCalendar = false;
  for (const line of lines) {
    const [, name = '', params = '', value = ''] =
      /^([A-Za-z0-9-]+)((?:;[^:"]*(?:"[^"]*"[^:"]*)*)?):(.*)$/s.exec(line) ?? [];
    const property = name.toUpperCase();
    if (property === 'BEGIN') {
      const component = value.trim().toUpperCase();
      if (component !== 'VCALENDAR' && open.length === 0) throw new CalendarError('none');
      if (open.length > 20) throw new CalendarError('none');
      open.push(component);
      isCalendar = true;
      if (component === 'VEVENT' && open.length === 2) event = { uid: '', skip: false, except: [], also: [] };
    } else if (property === 'END') {
      if (open.pop() !== value.trim().toUpperCase()) throw new CalendarError('none');
      if (open.length === 1 && event) {
        events.push(event);
        event = undefined;
      }
    } else if (event && open.length === 2) take(event, property, params.toUpperCase(), value.trim());
  }
  if (!isCalendar || open.length > 0) throw new CalendarError('none');
  return events;
}

function take(event: CalendarEvent, property: string, params: string, value: string): void {
  switch (property) {
    case 'UID':
      event.uid = value.slice(0, 500);
      break;
    case 'STATUS':
      if (value.toUpperCase() === 'CANCELLED') event.skip = true;
      break;
    case 'DTSTART':
    case 'DTEND': {
      const day = wholeDay(value);
      if (day === undefined) event.skip = true;
      else event[property === 'DTSTART' ? 'start' : 'end'] = day;
      break;
    }
    case 'DURATION': {
      const [, weeks, days] = /^\+?P(?:(\d{1,4})W|(\d{1,5})D)$/.exec(value.toUpperCase()) ?? [];
      if (weeks === undefined && days === undefined) event.skip = true;
      else if (event.start !== undefined)
        event.end = event.start + Number(weeks ?? 0) * 7 + Number(days ?? 0);
      break;
    }
    case 'RRULE': {
      const rule = readRecurrence(value);
      // A second rule is allowed by nobody any more (§3.8.5.3).
      if (rule && !event.rule) event.rule = rule;
      else event.skip = true;
      break;
    }
    case 'EXRULE':
      event.skip = true;
      break;
    case 'EXDATE':
      event.except.push(...daysIn(value));
      break;
    case 'RDATE':
      if (params.includes('PERIOD')) event.skip = true;
      else event.also.push(...daysIn(value));
      break;
    case 'RECURRENCE-ID': {
      const day = dayOf(value);
      if (day !== undefined) event.instead = day;
      break;
    }
    default:
  }
}

const daysIn = (value: string): DayNumber[] =>
  value
    .split(',')
    .map(dayOf)
    .filter((day) => day !== undefined);

/** A date, or the date of midnight: some programs write whole days so. */
function wholeDay(value: string): DayNumber | undefined {
  return /^\d{8}(T000000)?$/.test(value) ? dayOf(value) : undefined;
}

/** The date of `20261224` or `20261224T120000Z`. */
function dayOf(value: string): DayNumber | undefined {
  const [, year, month, day] = /^(\d{4})(\d{2})(\d{2})(?:T\d{6}Z?)?$/.exec(value.trim()) ?? [];
  return day === undefined ? undefined : dayNumber(Number(year), Number(month), Number(day));
}
