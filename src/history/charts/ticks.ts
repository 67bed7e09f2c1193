import { DAY, HOUR, MINUTE } from '../../base/time-units';
import type { ValueRange } from './shape';

const TIME_STEPS = [
  MINUTE,
  2 * MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
];

/** A mark on the time axis, with its text. */
export interface TimeTick {
  /** Milliseconds since the epoch. */
  at: number;
  label: string;
}

/** About this many round values within a range; none if the range is too small to tell them apart. */
export function valueTicks({ low, high }: ValueRange, most: number): number[] {
  const rough = (high - low) / Math.max(1, most);
  if (!(rough > 0 && rough < Number.POSITIVE_INFINITY)) return [];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= rough * 0.999) ?? rough;
  const ticks: number[] = [];
  for (let index = Math.ceil(low / step - 1e-9); index * step <= high + step * 1e-9; index++) {
    // Beyond what a number can tell apart there would be no end.
    if (ticks.length > 2 * most || !Number.isFinite(index)) break;
    ticks.push(Number((index * step).toPrecision(12)));
  }
  return ticks;
}

/**
 * Round times of day within a span, at most this many; days for two days and more.
 * @param timeZone IANA name; the process's if it is missing or unknown
 */
export function timeTicks(from: number, to: number, most: number, timeZone?: string): TimeTick[] {
  const span = to - from;
  const step = TIME_STEPS.find((one) => span / one <= most) ?? Math.ceil(span / most / DAY) * DAY;
  if (!(span > 0 && step > 0 && span < 3_660 * DAY)) return [];
  const local = formatterFor(timeZone);
  const ticks: TimeTick[] = [];
  // The offset of the zone at the beginning: after a change of the clocks the times are still true, if less round.
  const offset = local(from).wall - Math.floor(from / MINUTE) * MINUTE;
  for (let wall = Math.ceil((from + offset) / step) * step; wall - offset <= to; wall += step) {
    const at = wall - offset;
    const { hour, minute, day, month } = local(at);
    const days = step >= DAY || (hour === '00' && minute === '00' && span > DAY);
    ticks.push({ at, label: days ? `${day}.${month}.` : `${hour}:${minute}` });
  }
  return ticks;
}

interface LocalTime {
  hour: string;
  minute: string;
  day: string;
  month: string;
  /** The wall clock's time as if it were UTC. */
  wall: number;
}

function formatterFor(timeZone: string | undefined): (at: number) => LocalTime {
  const format = formatOf(timeZone);
  return (at) => {
    const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
    const { year = '0', month = '0', day = '0', hour = '0', minute = '0' } = parts;
    return { hour, minute, day, month, wall: Date.UTC(+year, +month - 1, +day, +hour, +minute) };
  };
}

function formatOf(timeZone: string | undefined): Intl.DateTimeFormat {
  const two = '2-digit';
  const options = {
    year: 'numeric',
    month: two,
    day: two,
    hour: two,
    minute: two,
    hourCycle: 'h23',
  } as const;
  try {
    return new Intl.DateTimeFormat('en-GB', timeZone ? { ...options, timeZone } : options);
  } catch {
    return new Intl.DateTimeFormat('en-GB', options);
  }
}
