/** Rules by which an event comes again, as far as whole days need them (RFC 5545 §3.3.10). */
import { DAY } from '../base/time-units';
import { type DayNumber, dayNumber, weekdayOfDay } from './quiet-grammar';

export interface Recurrence {
  every: 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'YEARLY';
  interval: number;
  count: number | undefined;
  /** The last day. */
  until: DayNumber | undefined;
  months: readonly number[];
  monthDays: readonly number[];
  /** Weekdays, 0 is Sunday; `nth` of the month, from its end if negative, 0: each. */
  days: readonly { nth: number; day: number }[];
}

const NAMES = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];

/** Bounds what hostile rules may cost. */
export class WorkLimit {
  constructor(
    private left: number,
    private readonly fault: () => Error,
  ) {}

  /** @throws the fault if nothing is left */
  spend(): void {
    if (this.left === 0) throw this.fault();
    this.left -= 1;
  }
}

/** Undefined if there is a part in it that is not understood: half a rule would name wrong days. */
export function readRecurrence(value: string): Recurrence | undefined {
  const rule: Recurrence = {
    ...{ every: 'YEARLY', interval: 1, count: undefined, until: undefined },
    ...{ months: [], monthDays: [], days: [] },
  };
  let hasEvery = false;
  for (const part of value.toUpperCase().split(';')) {
    if (part === '') continue;
    const [name = '', given = ''] = part.split('=', 2);
    switch (name) {
      case 'FREQ':
        if (!/^(DAILY|WEEKLY|MONTHLY|YEARLY)$/.test(given)) return undefined;
        rule.every = given as Recurrence['every'];
        hasEvery = true;
        break;
      case 'INTERVAL':
      case 'COUNT': {
        const number = Number(given);
        if (!/^\d{1,5}$/.test(given) || number === 0) return undefined;
        rule[name === 'COUNT' ? 'count' : 'interval'] = number;
        break;
      }
      case 'UNTIL': {
        const [, year, month, day] = /^(\d{4})(\d{2})(\d{2})(?:T\d{6}Z?)?$/.exec(given) ?? [];
        rule.until = dayNumber(Number(year), Number(month), Number(day));
        if (rule.until === undefined) return undefined;
        break;
      }
      case 'BYMONTH':
      case 'BYMONTHDAY': {
        const numbers = given.split(',').map(Number);
        const most = name === 'BYMONTH' ? 12 : 31;
        const isGood = (one: number): boolean =>
          Number.isInteger(one) && one !== 0 && Math.abs(one) <= most && (most === 31 || one > 0);
        if (numbers.length > 31 || !numbers.every(isGood)) return undefined;
        rule[name === 'BYMONTH' ? 'months' : 'monthDays'] = numbers;
        break;
      }
      case 'BYDAY': {
        const days = given.split(',').map(weekdayIn);
        if (days.length > 35 || !days.every((day) => day !== undefined)) return undefined;
        rule.days = days;
        break;
      }
      case 'WKST':
        break;
      default:
        return undefined;
    }
  }
  return hasEvery && isUnderstood(rule) ? rule : undefined;
}

/** Combinations whose meaning differs from what `occurrences` does. */
function isUnderstood({ every, interval, months, monthDays, days }: Recurrence): boolean {
  const hasNth = days.some(({ nth }) => nth !== 0);
  if (every === 'DAILY' || every === 'WEEKLY') {
    // The week of an interval begins on Monday or on Sunday: it depends.
    const isOddWeek = every === 'WEEKLY' && interval > 1 && days.length > 1;
    return !hasNth && months.length === 0 && monthDays.length === 0 && !isOddWeek;
  }
  // Weekdays of a year that are not of a month are counted from its beginning.
  if (every === 'YEARLY' && days.length > 0 && months.length === 0) return false;
  return days.length === 0 || monthDays.length === 0;
}

function weekdayIn(text: string): { nth: number; day: number } | undefined {
  const [, nth = '0', name = ''] = /^([+-]?\d{1,2})?(SU|MO|TU|WE|TH|FR|SA)$/.exec(text) ?? [];
  return name !== '' && Math.abs(Number(nth)) <= 5
    ? { nth: Number(nth), day: NAMES.indexOf(name) }
    : undefined;
}

/**
 * The days on which an event begins within the bounds; the first is its own start.
 * @throws the fault of `work`
 */
export function occurrences(
  start: DayNumber,
  rule: Recurrence,
  { first, last }: { first: DayNumber; last: DayNumber },
  work: WorkLimit,
): DayNumber[] {
  const found: DayNumber[] = [];
  const end = Math.min(last, rule.until ?? last);
  let count = 0;
  for (const period of periods(start, rule, first)) {
    work.spend();
    if (period > end) break;
    for (const day of daysOf(period, start, rule)) {
      if (day < start || day > end) continue;
      work.spend();
      count += 1;
      if (rule.count !== undefined && count > rule.count) return found;
      if (day >= first) found.push(day);
    }
  }
  return found;
}

/** The first days of the periods: days, weeks, months or years. Those long before `first` are left out. */
function* periods(start: DayNumber, rule: Recurrence, first: DayNumber): Iterable<DayNumber> {
  const { every, interval, count } = rule;
  const begin = new Date(start * DAY);
  const [year, month] = [begin.getUTCFullYear(), begin.getUTCMonth()];
  const size = { DAILY: 1, WEEKLY: 7, MONTHLY: 31, YEARLY: 366 }[every] * interval;
  // Those that are counted have to be counted from the beginning.
  const skip = count === undefined ? Math.max(0, Math.floor((first - start) / size) - 1) : 0;
  for (let place = skip; ; place++) {
    if (every === 'DAILY') yield start + place * interval;
    else if (every === 'WEEKLY') yield start - weekdayOfDay(start - 1) + place * interval * 7;
    else {
      const months = every === 'MONTHLY' ? month + place * interval : 0;
      const years = every === 'YEARLY' ? year + place * interval : year + Math.floor(months / 12);
      const day = dayNumber(years, (months % 12) + 1, 1);
      if (day === undefined || years > 9_999) return;
      yield day;
    }
  }
}

/** The days of a period, in order. */
function daysOf(period: DayNumber, start: DayNumber, rule: Recurrence): DayNumber[] {
  const { every, days, months, monthDays } = rule;
  const begin = new Date(start * DAY);
  if (every === 'DAILY')
    return days.length === 0 || days.some(({ day }) => day === weekdayOfDay(period)) ? [period] : [];
  if (every === 'WEEKLY') {
    const wanted = days.length === 0 ? [weekdayOfDay(start)] : days.map(({ day }) => day);
    // Its period begins on Monday.
    return wanted.map((day) => period + ((day + 6) % 7)).sort((a, b) => a - b);
  }
  const at = new Date(period * DAY);
  const year = at.getUTCFullYear();
  const all =
    every === 'YEARLY'
      ? months.length > 0
        ? months
        : [begin.getUTCMonth() + 1]
      : months.length === 0 || months.includes(at.getUTCMonth() + 1)
        ? [at.getUTCMonth() + 1]
        : [];
  return all
    .flatMap((month) =>
      daysOfMonth(
        year,
        month,
        days,
        monthDays.length > 0 || days.length > 0 ? monthDays : [begin.getUTCDate()],
      ),
    )
    .sort((a, b) => a - b);
}

function daysOfMonth(
  year: number,
  month: number,
  days: Recurrence['days'],
  monthDays: readonly number[],
): DayNumber[] {
  const first = dayNumber(year, month, 1);
  const next = month === 12 ? dayNumber(year + 1, 1, 1) : dayNumber(year, month + 1, 1);
  if (first === undefined || next === undefined) return [];
  const length = next - first;
  const found = new Set<DayNumber>();
  for (const one of monthDays) {
    const place = one > 0 ? one : length + 1 + one;
    if (place >= 1 && place <= length) found.add(first + place - 1);
  }
  for (const { nth, day } of days) {
    const hits: DayNumber[] = [];
    for (let at = first + ((day - weekdayOfDay(first) + 7) % 7); at < next; at += 7) hits.push(at);
    const one = nth > 0 ? hits[nth - 1] : hits[hits.length + nth];
    if (nth === 0) for (const hit of hits) found.add(hit);
    else if (one !== undefined) found.add(one);
  }
  return [...found];
}
