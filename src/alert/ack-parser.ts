/** Parses what stands behind `ack` and `ok`: which alert, for how long, and a note. */
import { alertNumberOf, CommandError, plainWord, shortly, type Which } from './command-words';
import { bare, checkLength, FILLERS, periodAt, type SilencePeriod } from './silence-parser';

export interface AckDetails extends SilencePeriod {
  which?: Which;
  /** Words of whoever acknowledges, as they were typed. */
  note?: string;
}

/** Maximum characters of a note: those of a command in a chat. */
export const MAX_NOTE_LENGTH = 300;

/**
 * `4h plumber comes`, `7 until 18:00`, `freezer 2 hours`, `#7`.
 * @param isOk people also begin a sentence with this word (`ok, thank you`): it names no key, and a length counts
 * only right behind it or the number
 * @throws CommandError
 */
export function parseAck(rest: readonly string[], isOk: boolean): AckDetails {
  const words = rest.map(bare);
  const from = alertNumberOf(words[0] ?? '') !== undefined && !isLength(words, 0) ? 1 : 0;
  const start = isOk ? behindFillers(words, from) : firstLength(words, from);
  if (/^[-−]\d/.test(words[start] ?? '')) {
    throw new CommandError('duration', { text: shortly(rest.slice(start).join(' '), 40) });
  }
  const found = periodAt(words, start);
  if (!found) return named(rest, isOk);
  if (found.span.ms !== undefined) checkLength(found.span.ms, 'ackTooLong');
  const note = noteOf(rest.slice(found.next));
  const before = rest.slice(0, start).filter((_, index) => !FILLERS.test(words[index] ?? ''));
  return { ...found.span, ...named(before, isOk), ...(note !== '' && { note }) };
}

/**
 * What somebody types beside a button of one alert: `4h plumber comes`, or a note alone.
 * @throws CommandError
 */
export function parseAckNote(typed: string): Omit<AckDetails, 'which'> {
  const text = typed.trim();
  if (text.length > MAX_NOTE_LENGTH) throw new CommandError('unknown', { text: shortly(text) });
  const { which: _, ...details } = parseAck(text.split(/\s+/), true);
  const isTimed = details.ms !== undefined || details.until !== undefined;
  return isTimed || text === '' ? details : { note: text };
}

/** `7`, `#7`, or a key. */
export function whichOf(text: string): Which | undefined {
  const number = alertNumberOf(text);
  if (number !== undefined) return { number };
  const isKey = text !== '' && /[/\w]/.test(text) && !/^[.!?]+$/.test(text);
  return isKey ? { key: text } : undefined;
}

function named(words: readonly string[], isOk: boolean): { which?: Which } {
  const text = words.filter((word) => plainWord(word) !== '').join(' ');
  // "ok, thank you" names no key.
  const which = isOk && !/^#?\d/.test(text) ? undefined : whichOf(text);
  return which ? { which } : {};
}

/** A note is repeated in messages: it begins with its first word. */
function noteOf(words: readonly string[]): string {
  return words
    .join(' ')
    .replace(/^[\s,;:.–—-]+/, '')
    .trim();
}

function behindFillers(words: readonly string[], from: number): number {
  let at = from;
  while (at < words.length && (FILLERS.test(words[at] ?? '') || /^[-–—:,]*$/.test(words[at] ?? ''))) at += 1;
  return at;
}

/** The first word that begins a length or an end; the number of words if there is none. */
function firstLength(words: readonly string[], from: number): number {
  const at = words.findIndex((_, index) => index >= from && isLength(words, index));
  return at < 0 ? words.length : at;
}

function isLength(words: readonly string[], at: number): boolean {
  if (/^[-−]\d/.test(words[at] ?? '')) return true;
  try {
    return periodAt(words, at) !== undefined;
  } catch (error) {
    if (error instanceof CommandError) return true;
    throw error;
  }
}
