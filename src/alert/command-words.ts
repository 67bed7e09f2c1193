/** Parts shared by commands as text and as objects. */
import { oneLine } from '../base/printable';

/** An alert: by its id, its short number, or its key; all that is said has to hold. */
export interface Which {
  id?: string;
  number?: number;
  key?: string;
}

/** Which keys a command is about; neither: all, or the newest alert. */
export interface About {
  which?: Which;
  /** A part of a key, or a pattern. */
  filter?: string;
}

/** A text that was not understood: a key of the texts, and the command that was probably meant. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  constructor(
    readonly key:
      | 'unknown'
      | 'duration'
      | 'until'
      | 'tooLong'
      | 'number'
      | 'field'
      | 'which'
      | 'unreadable'
      | 'both'
      | 'unknownField',
    readonly values: Record<string, string> = {},
    /** The word is near to this command. */
    readonly near?: string,
  ) {
    super(`${key} ${Object.values(values).join(' ')}`);
  }
}

/** Lower case without umlauts and without punctuation around a word. */
export function plainWord(word: string): string {
  return word
    .toLowerCase()
    .replace(/ä/g, 'ae')
    .replace(/ö/g, 'oe')
    .replace(/ü/g, 'ue')
    .replace(/ß/g, 'ss')
    .replace(/^[^\p{L}\p{N}?#-]+|(?<!^)[^\p{L}\p{N}%°)]+$/gu, '');
}

/** The short number of an alert, as people write it. */
export function alertNumberOf(text: string): number | undefined {
  const number = /^#?(\d{1,6})[.!?]?$/.exec(text)?.[1];
  return number === undefined ? undefined : Number(number);
}

/** The part of a text that an answer repeats, on one line. */
export function shortly(text: string, most = 60): string {
  return oneLine(text.slice(0, most));
}

/** The alert that was asked for, as an answer names it. */
export function shownWhich({ id, number, key }: Which): string {
  return shortly(number !== undefined ? `#${number}` : (key ?? id ?? ''), 80);
}
