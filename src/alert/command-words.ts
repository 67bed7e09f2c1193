/** Parts shared by commands as text and as objects. */
import { type NameIn, sentences, text } from '../base/catalogue';
import { CodedError } from '../base/coded-error';
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

/** A text that was not understood. */
export class CommandError extends CodedError<NameIn<'command'>> {
  override readonly name = 'CommandError';
  constructor(
    code: NameIn<'command'>,
    params: Readonly<Record<string, string>>,
    /** The command that was probably meant. */
    readonly near?: string,
  ) {
    const guess = near === undefined ? undefined : text('command.near', { cmd: near });
    super(code, sentences(text(`command.${code}`, params), guess));
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
export function alertNumberOf(word: string): number | undefined {
  const number = /^#?(\d{1,6})[.!?]?$/.exec(word)?.[1];
  return number === undefined ? undefined : Number(number);
}

/** The part of a text that an answer repeats, on one line. */
export function shortly(words: string, most = 60): string {
  return oneLine(words.slice(0, most));
}

/** The alert that was asked for, as an answer names it. */
export function shownWhich({ id, number, key }: Which): string {
  return shortly(number !== undefined ? `#${number}` : (key ?? id ?? ''), 80);
}
