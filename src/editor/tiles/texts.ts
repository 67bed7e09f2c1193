import type { Translate } from '../format';
import german from './locales/de.json';
import english from './locales/en-US.json';

/** The language of the browser, if it is one of ours. */
export const LANGUAGE = navigator.languages.find((one) => /^(de|en)\b/i.test(one)) ?? 'en-US';

/** The words of a catalogue in that language; `__name__` stands for a value. */
export function translator(words: { readonly german: object; readonly english: object }): Translate {
  const texts = new Map<string, string>(
    Object.entries(/^de\b/i.test(LANGUAGE) ? words.german : words.english),
  );
  return (key, values = {}) =>
    (texts.get(key) ?? key).replace(/__(\w+?)__/g, (_, name: string) => String(values[name] ?? ''));
}

/** The words of tiles. */
export const translate = translator({ german, english });
