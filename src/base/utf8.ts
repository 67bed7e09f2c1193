/** Sizes of texts in UTF-8, in the browser as well. */

/** True if a text has more bytes than `most`. */
export function exceeds(text: string, most: number): boolean {
  // A unit of UTF-16 never takes more than three bytes.
  return 3 * text.length > most && byteLength(text) > most;
}

export function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** True if every surrogate has its other half, so that the text can be written as UTF-8. */
export function isWellFormed(text: string): boolean {
  return !/\p{Cs}/u.test(text);
}
