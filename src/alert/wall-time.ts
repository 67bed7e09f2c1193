import { MINUTE } from '../base/time-units';

/** A time on the clock on the wall, as people say it: `7`, `07:30`, `tomorrow 8`. */
export interface WallTime {
  hour: number;
  minute: number;
  /** Not before the next midnight. */
  tomorrow?: true;
}

/** When a night is over for who asks for quiet "tonight". */
export const MORNING: Readonly<WallTime> = { hour: 7, minute: 0 };

const MINUTES_A_DAY = 1_440;

/**
 * `7`, `07:00`, `7.30`, `7pm`, `7:30 am` (the 24-hour clock without am or pm).
 * @returns undefined if it is no time
 */
export function readTime(text: string): WallTime | undefined {
  const match = /^(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm)?$/i.exec(text.trim());
  if (!match) return undefined;
  const minute = Number(match[2] ?? 0);
  let hour = Number(match[1]);
  const half = match[3]?.toLowerCase();
  if (half !== undefined) {
    if (hour < 1 || hour > 12) return undefined;
    hour = (hour % 12) + (half === 'pm' ? 12 : 0);
  }
  if (minute > 59 || hour > 24 || (hour === 24 && minute > 0)) return undefined;
  return { hour: hour % 24, minute };
}

/**
 * The next moment after `now` at which the clock on the wall shows this time; where the clock is put forward over it,
 * the moment after.
 * @param format hours and minutes of the place, `14:03`
 * @returns milliseconds since the epoch
 */
export function nextTime(
  { hour, minute, tomorrow }: WallTime,
  now: number,
  format: Intl.DateTimeFormat,
): number {
  const wanted = hour * 60 + minute;
  if (!tomorrow) return nextMinute(wanted, now, format);
  const midnight = nextMinute(0, now, format);
  return wanted === 0 ? midnight : nextMinute(wanted, midnight, format);
}

function nextMinute(wanted: number, now: number, format: Intl.DateTimeFormat): number {
  const start = Math.floor(now / MINUTE) * MINUTE;
  const ahead = (wanted - minuteOf(start, format) + MINUTES_A_DAY) % MINUTES_A_DAY || MINUTES_A_DAY;
  let at = start + ahead * MINUTE;
  // Twice a year the way there is an hour longer or shorter.
  let off =
    ((wanted - minuteOf(at, format) + MINUTES_A_DAY + MINUTES_A_DAY / 2) % MINUTES_A_DAY) - MINUTES_A_DAY / 2;
  at += off * MINUTE;
  off =
    ((wanted - minuteOf(at, format) + MINUTES_A_DAY + MINUTES_A_DAY / 2) % MINUTES_A_DAY) - MINUTES_A_DAY / 2;
  // There is no such time on that day.
  if (off > 0) at += off * MINUTE;
  return at > now ? at : nextMinute(wanted, at + MINUTE, format);
}

function minuteOf(at: number, format: Intl.DateTimeFormat): number {
  const [hour = '0', minute = '0'] = format.format(at).split(':');
  return (Number(hour) % 24) * 60 + Number(minute);
}
