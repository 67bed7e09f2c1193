/** Entries of a field that holds several, and the one being typed. No DOM in here. */
import { entriesOf } from '../xmpp/typed-addresses';

/** The entry around the caret: its word, and where it begins and ends in the text. */
export interface Typed {
  word: string;
  start: number;
  end: number;
}

interface Changed {
  value: string;
  caret: number;
}

export function typedAt(text: string, caret: number, separator: RegExp): Typed {
  let start = caret;
  while (start > 0 && !isBetween(text, start - 1, separator)) start -= 1;
  let end = caret;
  while (end < text.length && !isBetween(text, end, separator)) end += 1;
  const raw = text.slice(start, end);
  const before = raw.length - raw.trimStart().length;
  return { word: raw.trim(), start: start + before, end };
}

/** Replaces the entry that is being typed. */
export function withEntry(text: string, { start, end }: Typed, entry: string): Changed {
  return { value: text.slice(0, start) + entry + text.slice(end), caret: start + entry.length };
}

/** Adds an entry at the end, or removes it. */
export function toggled(text: string, entry: string, separator: RegExp, joiner: string): Changed {
  const all = entriesOf(text, separator);
  const left = all.filter((one) => one.toLowerCase() !== entry.toLowerCase());
  const value = (left.length < all.length ? left : [...all, entry]).join(joiner);
  return { value, caret: value.length };
}

function isBetween(text: string, at: number, separator: RegExp): boolean {
  return separator.test(text.charAt(at));
}
