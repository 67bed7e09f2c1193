/** Words of questions, topics and names, in the form in which they are compared. */
import { BoundedMap } from '../base/bounded-map';
import { LONGEST_PHRASE, meaningOf, partsOf } from './dictionary';

/** A longer text is no name. */
const MAX_CHARACTERS = 400;
const MAX_WORDS = 40;
const MAX_REMEMBERED = 2_000;
const UMLAUTS: Readonly<Record<string, string>> = { ä: 'ae', ö: 'oe', ü: 'ue', ß: 'ss' };

/** Lower case without accents, `ü` as `ue`; `livingRoom`, `living_room` and `living room` are the same two words. */
export function wordsOf(text: string): string[] {
  const parts = text
    .slice(0, MAX_CHARACTERS)
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .toLowerCase();
  // Most topics are plain already.
  const plain = /^[ -~]*$/.test(parts)
    ? parts
    : parts
        .normalize('NFC')
        .replace(/[äöüß]/g, (letter) => UMLAUTS[letter] ?? letter)
        .normalize('NFD')
        .replace(/\p{M}+/gu, '');
  return plain
    .split(/[^\p{L}\p{N}%]+/u)
    .filter((word) => word !== '')
    .slice(0, MAX_WORDS);
}

/** The same, each word and phrase as the one that stands for all of its meaning. */
export function meaningsOf(words: readonly string[]): string[] {
  const meant: string[] = [];
  for (let at = 0; at < words.length; ) {
    let taken = 1;
    let meaning = words[at] ?? '';
    for (let length = Math.min(LONGEST_PHRASE, words.length - at); length > 0; length--) {
      const found = meaningOf(words.slice(at, at + length).join(' '));
      if (found === undefined) continue;
      [taken, meaning] = [length, found];
      break;
    }
    meant.push(meaning);
    at += taken;
  }
  return meant;
}

/** What the words of a text mean, without small words; joined words in their parts. */
export function tokensIn(name: string): string[] {
  const words = wordsOf(name).filter((word) => !SMALL_WORDS.has(word));
  return meaningsOf(words).flatMap((word) => (meaningOf(word) ? [word] : (partsOf(word) ?? [word])));
}

/** Words without a meaning of their own. */
export const SMALL_WORDS: ReadonlySet<string> = new Set([
  'the',
  'a',
  'an',
  'in',
  'of',
  'at',
  'for',
  'to',
  'der',
  'die',
  'das',
  'dem',
  'den',
  'des',
  'im',
  'vom',
  'von',
  'zum',
  'zur',
  'beim',
  'bitte',
  'please',
]);

/** Reads names, and remembers the words in them: those of topics repeat. */
export class Tokens {
  private readonly words = new BoundedMap<string, readonly string[]>(MAX_REMEMBERED);

  /** All by which a name is found: its words, what they and their phrases mean, and the parts of joined words. */
  of(name: string): Set<string> {
    const words = wordsOf(name);
    const tokens = new Set(meaningsOf(words));
    for (const word of words) for (const token of this.ofWord(word)) tokens.add(token);
    return tokens;
  }

  private ofWord(word: string): readonly string[] {
    const known = this.words.get(word);
    if (known) return known;
    const made = [word, meaningOf(word) ?? word, ...(partsOf(word) ?? [])];
    this.words.set(word, made);
    return made;
  }
}
