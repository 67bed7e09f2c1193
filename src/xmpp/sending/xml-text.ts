/** Everything that XML 1.0 §2.2 does not count as a character; with the flag u a lone surrogate is one code point. */
const FORBIDDEN = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

export interface XmlText {
  text: string;
  /** How many characters became U+FFFD. */
  replaced: number;
}

/**
 * Text as XML 1.0 can carry it: what the standard forbids, and halves of surrogate pairs, become U+FFFD, because
 * a server closes the stream over one of them. Line ends become U+000A, as every XML parser makes them (§2.11).
 */
export function xmlText(raw: string): XmlText {
  let replaced = 0;
  const text = raw.replace(/\r\n?/g, '\n').replace(FORBIDDEN, () => {
    replaced += 1;
    return '\uFFFD';
  });
  return { text, replaced };
}
