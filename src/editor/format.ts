/** Formats values for people. No DOM in here; every text from outside goes through {@link visible}. */

import { plain } from '../base/printable';
import { DAY } from '../base/time-units';
import { clock, weekday } from './chart/scale';

export type Translate = (key: string, values?: Record<string, string | number | boolean>) => string;

/** A text from outside for one line: bounded, and with every character visible. */
export const visible = (text: string, most = 300): string => plain(text, most);

/** The same for a text of several lines. */
export function visibleLines(text: string, most = 32_768): string {
  return text
    .slice(0, most)
    .split(/\r?\n/)
    .map((line) => visible(line.replace(/\t/g, '  '), most))
    .join('\n');
}

/** A number with at most six significant digits; the detail shows the exact one. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size >= 1e9 || (size > 0 && size < 1e-4)) return value.toExponential(3);
  return String(Number(value.toPrecision(size >= 1e6 ? 9 : 6)));
}

/** A value with its unit, as people write it. */
export function withUnit(value: number, unit: string): string {
  const clean = visible(unit, 20);
  return clean === '' ? number(value) : `${number(value)}${clean === '°' ? '' : '\u00a0'}${clean}`;
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;

/** `12 s`, `5 min`, `3 h`, `2 d`; `now` below two seconds. */
export function age(ms: number, translate: Translate): string {
  if (ms < 2_000) return translate('age.now');
  for (const [unit, length] of UNITS) {
    if (ms >= length) return translate(`age.${unit}`, { n: Math.floor(ms / length) });
  }
  return translate('age.now');
}

/** `1.2 kB`. */
export function bytes(count: number): string {
  if (count < 1_000) return `${count} B`;
  return count < 1_000_000 ? `${number(count / 1_000)} kB` : `${(count / 1_000_000).toFixed(1)} MB`;
}

/** A clock time, with the day if it is another one. */
export function time(at: number, now: number): string {
  const date = new Date(at);
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  if (new Date(now).toDateString() === date.toDateString()) return clock;
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${clock}`;
}

/** When something ends, as people say it: `07:00` today, `Wed 07:00` in the next six days, else with its date. */
export function until(at: number, now: number): string {
  const end = new Date(at);
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  // Rounded: where the clocks change, a day has another length.
  const days = Math.round((new Date(at).setHours(0, 0, 0, 0) - midnight) / DAY);
  if (days === 0) return clock(at);
  const isNear = days > 0 && days < 7;
  const day = isNear ? weekday(at) : end.toLocaleDateString([], { day: 'numeric', month: 'short' });
  return `${day} ${clock(at)}`;
}

const two = (value: number): string => String(value).padStart(2, '0');

/** One field of a CSV file (RFC 4180). A spreadsheet must not take a topic for a formula. */
export function csvField(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
}

/** JSON that is easy to read; any other text stays unchanged. */
export function pretty(text: string): string {
  if (!/^\s*[{[]/.test(text)) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** A file name made from a topic. */
export function fileName(topic: string, ending: string): string {
  const name = topic
    .replace(/[^\p{L}\p{N}._-]+/gu, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, 80);
  return `${name || 'topic'}.${ending}`;
}
