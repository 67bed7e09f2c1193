/** `strftime` and `strptime`, in English, as on a Home Assistant in the locale C. */

import { zoneText } from './show';
import { DateTime } from './values';
import type { Work } from './work';

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const DAY_MS = 86_400_000;
const MAX_FORMAT = 200;

/** `%Y-%m-%d` of a moment, in its own zone. What is not known stays as it is. */
export function strftime(moment: DateTime, format: string, work: Work): string {
  const { micros, offset } = moment;
  const date = new Date(Math.floor(micros / 1_000) + (offset ?? 0) * 60_000);
  const fraction = ((micros % 1_000_000) + 1_000_000) % 1_000_000;
  const pad = (value: number, length = 2): string => String(value).padStart(length, '0');
  const [day, month, hour] = [
    DAYS[date.getUTCDay()] ?? '',
    MONTHS[date.getUTCMonth()] ?? '',
    date.getUTCHours(),
  ];
  const year = date.getUTCFullYear();
  const dayOfYear = Math.floor(
    (Date.UTC(year, date.getUTCMonth(), date.getUTCDate()) - Date.UTC(year, 0, 1)) / DAY_MS,
  );
  const parts: Readonly<Record<string, () => string>> = {
    Y: () => pad(year, 4),
    y: () => pad(year % 100),
    m: () => pad(date.getUTCMonth() + 1),
    d: () => pad(date.getUTCDate()),
    e: () => String(date.getUTCDate()).padStart(2),
    H: () => pad(hour),
    I: () => pad(hour % 12 || 12),
    M: () => pad(date.getUTCMinutes()),
    S: () => pad(date.getUTCSeconds()),
    f: () => pad(fraction, 6),
    p: () => (hour < 12 ? 'AM' : 'PM'),
    a: () => day.slice(0, 3),
    A: () => day,
    b: () => month.slice(0, 3),
    B: () => month,
    h: () => month.slice(0, 3),
    j: () => pad(dayOfYear + 1, 3),
    w: () => String(date.getUTCDay()),
    u: () => String(date.getUTCDay() || 7),
    U: () => pad(Math.floor((dayOfYear + 7 - date.getUTCDay()) / 7)),
    W: () => pad(Math.floor((dayOfYear + 7 - ((date.getUTCDay() + 6) % 7)) / 7)),
    s: () => String(Math.floor(micros / 1_000_000)),
    z: () => (offset === undefined ? '' : zoneText(offset, '')),
    Z: () => (offset === undefined ? '' : offset === 0 ? 'UTC' : zoneText(offset, ':')),
    n: () => '\n',
    t: () => '\t',
    '%': () => '%',
    D: () => strftime(moment, '%m/%d/%y', work),
    F: () => strftime(moment, '%Y-%m-%d', work),
    T: () => strftime(moment, '%H:%M:%S', work),
    R: () => strftime(moment, '%H:%M', work),
    X: () => strftime(moment, '%H:%M:%S', work),
    x: () => strftime(moment, '%m/%d/%y', work),
    c: () => strftime(moment, '%a %b %e %H:%M:%S %Y', work),
  };
  work.grow(format.length * 8);
  return format.replace(/%(-?)([a-zA-Z%])/g, (found, dash: string, name: string) => {
    const part = Object.hasOwn(parts, name) ? parts[name]?.() : undefined;
    if (part === undefined) return found;
    return dash === '' ? part : part.replace(/^[0 ]+(?=.)/, '');
  });
}

const NUMBERS: Readonly<Record<string, string>> = {
  Y: '\\d{4}',
  m: '\\d{1,2}',
  d: '\\d{1,2}',
  H: '\\d{1,2}',
  I: '\\d{1,2}',
  M: '\\d{1,2}',
  S: '\\d{1,2}',
  f: '\\d{1,6}',
  y: '\\d{2}',
  j: '\\d{1,3}',
  p: 'am|pm',
  z: 'Z|[+-]\\d\\d:?\\d\\d',
  Z: 'UTC|GMT|',
  a: DAYS.map((day) => day.slice(0, 3)).join('|'),
  A: DAYS.join('|'),
  b: MONTHS.map((month) => month.slice(0, 3)).join('|'),
  B: MONTHS.join('|'),
  '%': '%',
};

/** The moment that a text names; undefined where it does not have that form. */
export function strptime(written: string, format: string): DateTime | undefined {
  if (format.length > MAX_FORMAT || written.length > MAX_FORMAT) return undefined;
  const names: string[] = [];
  let source = '';
  for (const [piece] of format.matchAll(/%.|\s+|./gsu)) {
    const name = piece.startsWith('%') ? piece.slice(1) : '';
    const one = name === '' || !Object.hasOwn(NUMBERS, name) ? undefined : NUMBERS[name];
    // Each once, as in Python: many of them could be divided among the digits in endless ways.
    if (name !== '' && (one === undefined || (names.includes(name) && name !== '%'))) return undefined;
    if (one !== undefined) {
      names.push(name);
      source += `(${one})`;
    } else source += /^\s/.test(piece) ? '\\s+' : piece.replace(/[\\^$.*+?()[\]{}|/-]/gu, '\\$&');
  }
  const found = new RegExp(`^${source}$`, 'iu').exec(written);
  if (!found) return undefined;
  return momentOf(new Map(names.map((name, index) => [name, found[index + 1] ?? ''])));
}

function momentOf(parts: ReadonlyMap<string, string>): DateTime | undefined {
  const number = (name: string, otherwise: number): number => Number(parts.get(name) ?? otherwise);
  const short = parts.get('y');
  const year = short === undefined ? number('Y', 1900) : Number(short) + (Number(short) < 69 ? 2000 : 1900);
  const monthName = (parts.get('B') ?? parts.get('b'))?.slice(0, 3).toLowerCase();
  const named = MONTHS.findIndex((one) => one.slice(0, 3).toLowerCase() === monthName);
  const month = named >= 0 ? named : number('m', 1) - 1;
  const afternoon = parts.get('p')?.toLowerCase();
  const hour = parts.has('I') ? (number('I', 12) % 12) + (afternoon === 'pm' ? 12 : 0) : number('H', 0);
  const day = number('d', 1);
  const date = new Date(Date.UTC(year, month, day, hour, number('M', 0), number('S', 0)));
  if (date.getUTCMonth() !== month || date.getUTCDate() !== day || hour > 23) return undefined;
  if (number('M', 0) > 59 || number('S', 0) > 59) return undefined;
  const micros = date.getTime() * 1_000 + Number((parts.get('f') ?? '').padEnd(6, '0'));
  const zone = parts.get('z');
  if (zone === undefined) return new DateTime(micros, undefined);
  const [, sign, hours = 0, minutes = 0] = /^([+-])(\d\d):?(\d\d)$/.exec(zone) ?? [];
  const offset = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
  return new DateTime(micros - offset * 60_000_000, offset);
}
