/** What commands as text and as objects share. */
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

/** What was not understood: a key of the texts, and the command that was probably meant. */
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

/** Small letters without umlauts, and without what stands around a word. */
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
export function numberOf(text: string): number | undefined {
  const number = /^#?(\d{1,6})[.!?]?$/.exec(text)?.[1];
  return number === undefined ? undefined : Number(number);
}

/** As much of what somebody wrote as an answer repeats, on one line. */
export function shortly(text: string, most = 60): string {
  return oneLine(text.slice(0, most));
}

/** What was asked for, as an answer names it. */
export function shownWhich({ id, number, key }: Which): string {
  return shortly(number !== undefined ? `#${number}` : (key ?? id ?? ''), 80);
}
