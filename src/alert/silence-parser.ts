/** Parses how long and for which alerts somebody wants silence. */
import { parseDuration } from '../base/duration';
import { DAY, HOUR } from '../base/time-units';
import { alertNumberOf, CommandError, plainWord, shortly, type Which } from './command-words';
import { MORNING, readTime, type WallTime } from './wall-time';

/** Duration or end of a silence or an acknowledgement: one of both. */
export interface SilencePeriod {
  /** Milliseconds. */
  ms?: number;
  /** A time on the clock, or milliseconds since the epoch. */
  until?: WallTime | number;
}

export const DEFAULT_SILENCE = HOUR;
/** Maximum length. Nobody remembers a longer one. */
export const MAX_SILENCE = 31 * DAY;

/** The furthest moment that a date can name, in milliseconds on either side of 1970 (ECMAScript 21.4.1.1). */
const FURTHEST = 8.64e15;

const UNITS: readonly [RegExp, string][] = [
  [/^(ms|millisekunden?|milliseconds?)$/, 'ms'],
  [/^(s|sek|sec|sekunden?|seconds?)$/, 's'],
  [/^(m|min|mins|minuten?|minutes?)$/, 'm'],
  [/^(h|std|stunden?|hours?|hrs?)$/, 'h'],
  [/^(d|t|tage?|tagen|days?)$/, 'd'],
];
export const FILLERS = /^(for|fuer|lang|on|of|auf|bei)$/;
const UNTIL = /^(until|till?|bis)$/;
/** Before the time itself: `bis um 7`. */
const AROUND = /^(um|at|the|zum|in|next)$/;
const NIGHT = /^(tonight|overnight|night|nights|nacht|nachts)$/;
const BEFORE_NIGHT = /^(heute|die|diese|der|ueber|over|this|the)$/;

/**
 * `1h`, `1h freezer`, `freezer 1h`, `2 stunden freezer`, `#3 1h`, `until 7`, `bis 07:30 freezer`, `tonight`; an hour
 * where nothing is said.
 * @throws CommandError
 */
export function parseSilence(rest: readonly string[]): { which?: Which; filter?: string } & SilencePeriod {
  const words = rest.map(bare);
  const left: string[] = [];
  let span: SilencePeriod | undefined;
  let at = 0;
  while (at < words.length) {
    const found = spanAt(words, at);
    // The second one of two contradicts the first.
    if (found && span) throw new CommandError('until', { text: shortly(rest.join(' '), 40) });
    if (found) {
      ({ span } = found);
      at = found.next;
    } else {
      if (!FILLERS.test(words[at] ?? '')) left.push(rest[at] ?? '');
      at += 1;
    }
  }
  const filter = left.join(' ');
  if (!span && /^-?\d/.test(filter) && !/[/]/.test(filter)) {
    throw new CommandError('duration', { text: shortly(filter, 40) });
  }
  const length = span ?? { ms: DEFAULT_SILENCE };
  if (length.ms !== undefined) checkSilence(length.ms);
  const number = alertNumberOf(filter);
  if (number !== undefined) return { ...length, which: { number } };
  return filter === '' ? length : { ...length, filter };
}

/**
 * What somebody types beside a button of one alert: `8h`, `until 7`; not which alert, and not nothing.
 * @throws CommandError
 */
export function parsePeriod(typed: string): SilencePeriod {
  const words = typed.trim().split(/\s+/);
  const { which, filter, ...period } = parseSilence(words);
  const isNothing = words.every((word) => word === '' || FILLERS.test(bare(word)));
  if (which || filter !== undefined || isNothing)
    throw new CommandError('duration', { text: shortly(typed, 40) });
  return period;
}

/** A length or an end among words, and the word behind it. */
interface FoundPeriod {
  span: SilencePeriod;
  next: number;
}

/**
 * A length (`4h`, `2 stunden`), or an end behind `until`, that begins at this word.
 * @param words as `bare` makes them
 * @throws CommandError if a time was meant and none is there
 */
export function periodAt(words: readonly string[], at: number): FoundPeriod | undefined {
  const [word = '', after = ''] = words.slice(at);
  const two = durationOf(word, after);
  if (two !== undefined) return { span: { ms: two }, next: at + 2 };
  const one = durationOf(word);
  if (one !== undefined) return { span: { ms: one }, next: at + 1 };
  return UNTIL.test(word) ? endAt(words, at + 1) : undefined;
}

/** The same, or a word that stands for an end. */
function spanAt(words: readonly string[], at: number): FoundPeriod | undefined {
  const found = periodAt(words, at);
  if (found) return found;
  const [word = '', after = ''] = words.slice(at);
  if (NIGHT.test(word)) return { span: { until: MORNING }, next: at + 1 };
  if (BEFORE_NIGHT.test(word) && /^(night|nacht)$/.test(after)) {
    return { span: { until: MORNING }, next: at + 2 };
  }
  if (word === 'today' || word === 'heute') return { span: { until: { hour: 0, minute: 0 } }, next: at + 1 };
  return undefined;
}

/**
 * The time behind `until`.
 * @throws CommandError if it is no time: taken for a topic, it would silence nothing
 */
function endAt(words: readonly string[], from: number): FoundPeriod {
  let at = from;
  const skip = (pattern: RegExp): boolean => {
    if (!pattern.test(words[at] ?? '')) return false;
    at += 1;
    return true;
  };
  const unclear = (): CommandError =>
    new CommandError('until', { text: shortly(words.slice(from).join(' '), 40) });
  skip(AROUND);
  let tomorrow = skip(/^(tomorrow|morgen)$/);
  let time: WallTime | undefined;
  skip(AROUND);
  if (skip(/^(morning|frueh|morgens?)$/)) time = MORNING;
  else if (skip(/^(noon|midday|mittags?)$/)) time = { hour: 12, minute: 0 };
  else if (skip(/^(midnight|mitternacht)$/)) time = { hour: 0, minute: 0 };
  else {
    const [word = '', half = ''] = words.slice(at);
    time = /^[ap]m$/.test(half) ? readTime(`${word} ${half}`) : readTime(word);
    if (time) at += /^([ap]m|uhr|o.?clock)$/.test(half) ? 2 : 1;
    const rest = words[at] ?? '';
    if (time && /^\d{1,2}$/.test(word) && /^\d\d$/.test(rest)) {
      // `7 uhr 30` is a time; `7 30` may be one, or be about alert 30.
      time = half === 'uhr' ? readTime(`${word}:${rest}`) : undefined;
      if (!time) throw unclear();
      at += 1;
    }
  }
  tomorrow = skip(/^(tomorrow|morgen)$/) || tomorrow;
  skip(/^frueh$/);
  time ??= tomorrow ? MORNING : undefined;
  if (!time) throw unclear();
  return { span: { until: tomorrow ? { ...time, tomorrow } : time }, next: at };
}

/** Small letters, no umlauts, nothing behind it. */
export const bare = (word: string): string => {
  const text = word.toLowerCase().replace(/[,;!.?]+$/, '');
  return /[\p{L}]/u.test(text) ? plainWord(text) : text;
};

function durationOf(word: string, unit?: string): number | undefined {
  if (unit !== undefined) {
    const known = /^\d+([.,]\d+)?$/.test(word) && UNITS.find(([pattern]) => pattern.test(unit))?.[1];
    return known ? parseDuration(word.replace(',', '.') + known) : undefined;
  }
  const match = /^(\d+(?:[.,]\d+)?)([a-z]+)$/.exec(word);
  const known = match && UNITS.find(([pattern]) => pattern.test(match[2] ?? ''))?.[1];
  if (known) return parseDuration(`${match[1]?.replace(',', '.')}${known}`);
  return /[a-z]/.test(word) ? parseDuration(word) : undefined;
}

/**
 * When a period that begins now is over, in milliseconds since the epoch.
 * @param words knows the clock of the node's time zone
 * @param check refuses lengths, in milliseconds
 * @throws CommandError for one that is over already, or that is too long
 */
export function endOf(
  { ms = DEFAULT_SILENCE, until }: SilencePeriod,
  now: number,
  words: { next(time: WallTime, now: number): number },
  check: (length: number) => number,
): number {
  if (until === undefined) return now + check(ms);
  const end = typeof until === 'number' ? until : words.next(until, now);
  if (!(end > now)) {
    const shown = Math.abs(end) <= FURTHEST ? new Date(end).toISOString() : String(end);
    throw new CommandError('until', { text: shown });
  }
  return now + check(end - now);
}

/** @throws CommandError for a silence of nothing, or of more than 31 days. */
export function checkSilence(ms: number): number {
  return checkLength(ms, 'tooLong');
}

/**
 * @param code of the error for more than 31 days
 * @throws CommandError for nothing, or for more than 31 days
 */
export function checkLength(ms: number, code: 'tooLong' | 'ackTooLong'): number {
  if (!(ms > 0)) throw new CommandError('duration', { text: String(ms) });
  if (ms > MAX_SILENCE) throw new CommandError(code, { days: String(MAX_SILENCE / DAY) });
  return ms;
}
