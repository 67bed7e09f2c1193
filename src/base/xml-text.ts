/** Text as XML 1.0 can carry it (§2.2): some control characters, two of Unicode's and halves of pairs are in no document. */

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
const FORBIDDEN = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g;
/** The same with the halves; with the flag u each is one code point. */
const FORBIDDEN_OR_HALF = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

export function isXmlText(text: string): boolean {
  return text.isWellFormed() && text.search(FORBIDDEN) < 0;
}

/** Puts `by` where XML forbids a character, and U+FFFD where half of one is. */
export function replaceNonXml(text: string, by: string): string {
  return text.toWellFormed().replace(FORBIDDEN, by);
}

export interface XmlText {
  text: string;
  /** How many characters became U+FFFD. */
  replaced: number;
}

/**
 * Characters that XML forbids become U+FFFD and are counted, because a server closes the stream over one of them. Line
 * ends become U+000A, as every XML parser makes them (§2.11).
 */
export function xmlText(raw: string): XmlText {
  let replaced = 0;
  const text = raw.replace(/\r\n?/g, '\n').replace(FORBIDDEN_OR_HALF, () => {
    replaced += 1;
    return '\uFFFD';
  });
  return { text, replaced };
}
