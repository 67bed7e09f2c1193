/** Makes texts. The words themselves stay out: the browser gets them with the labels, the runtime reads `english.ts`. */
import { plain } from './printable';
import type { Text, TextParam } from './text';
import type english from './texts/en-US.json';

type Catalogue = typeof english;
/** `room.name` of everything that can be said; `npm run check -- texts` holds code and catalogues together. */
export type TextKey = {
  [Room in keyof Catalogue]: `${Room}.${keyof Catalogue[Room] & string}`;
}[keyof Catalogue];

/** The names of one room: what an error calls its codes, where each code has its words. */
export type NameIn<Room extends keyof Catalogue> = keyof Catalogue[Room] & string;

/** Most characters of one parameter: a server's words may stand in it. */
const MAX_PARAM = 500;

/** A text. Its parameters are cut to 500 characters, and control characters are replaced. */
export function text(key: TextKey, params?: Readonly<Record<string, TextParam>>): Text {
  if (!params) return { key };
  const clean = Object.entries(params).map(([name, value]) => [
    name,
    typeof value === 'string' ? plain(value, MAX_PARAM) : value,
  ]);
  return { key, params: Object.fromEntries(clean) };
}

/** What somebody else said, as it came: the words of a server, a name, the message of a foreign error. */
export function words(said: string): Text {
  return text('any.words', { words: said });
}

/** Several texts in one. */
export function list(texts: readonly Text[]): Text {
  return text('any.list', { list: texts });
}

/** Sentences one behind the other; what is undefined is left out. */
export function sentences(first: Text, ...more: readonly (Text | undefined)[]): Text {
  return more.reduce<Text>((one, two) => (two ? text('any.sentences', { one, two }) : one), first);
}
