/** Texts from outside, made fit for what people read: a log, a status, an answer. */

/**
 * Characters that move the cursor, hide, or turn the direction of what follows: control characters, the line ends of
 * Unicode, its direction marks, characters without a width, and halves of characters.
 */
const UNSEEN =
  /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu;
const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** One line of at most `most` characters; what cannot be seen becomes U+FFFD. */
export function plain(text: string, most = 80): string {
  const clean = text.slice(0, most).replace(UNSEEN, '\uFFFD');
  return text.length > most ? `${clean}…` : clean;
}

/** The same in quotation marks. */
export function quote(text: string, most = 60): string {
  return `"${plain(text, most)}"`;
}

/**
 * A text from outside as one line of a message of ours. A payload or a topic with a line break would otherwise write
 * lines that look like ours. Invisible characters are shown as `\n` or `\u2028`.
 */
export function oneLine(text: string): string {
  return text.replace(
    UNSEEN,
    (found) => SHORT[found] ?? `\\u${(found.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}
