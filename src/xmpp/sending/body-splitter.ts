import { SendError } from '../send-error';

/**
 * The most bytes of one body as they stand in the stream. Both packages allow stanzas of 256 KiB and close the
 * stream over a longer one; the rest of that is for the envelope, and for what servers put around it.
 */
export const BODY_BYTES = 240_000;
/** More than this is a file, not something to read. */
const MAX_PARTS = 20;
/** Room for `(10/12) `. */
const NUMBER_BYTES = 16;

/** Bytes of a text in the stream: UTF-8, with `&`, `<` and `>` escaped. */
export function wireBytes(text: string): number {
  let more = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 38) more += 4;
    else if (code === 60 || code === 62) more += 3;
  }
  return Buffer.byteLength(text) + more;
}

/**
 * A body in parts that each fit into a stanza, cut at a paragraph, a line, a word, or else between two
 * characters, and numbered `(1/3)`. A body that fits stays as it is.
 * @throws SendError for one of more than twenty parts.
 */
export function splitBody(text: string, bytes = BODY_BYTES): string[] {
  if (wireBytes(text) <= bytes) return [text];
  const room = bytes - NUMBER_BYTES;
  const parts: string[] = [];
  let rest = text;
  while (rest !== '') {
    if (parts.length === MAX_PARTS) {
      throw new SendError('payload-large', { bytes: Buffer.byteLength(text), most: MAX_PARTS * room });
    }
    const end = fitting(rest, room);
    if (end === rest.length) {
      parts.push(rest);
      break;
    }
    const { cut, next } = cutAt(rest, end);
    parts.push(rest.slice(0, cut));
    rest = rest.slice(next);
  }
  return parts.map((part, index) => `(${index + 1}/${parts.length}) ${part}`);
}

/** How many UTF-16 units of the beginning have at most `bytes` bytes in the stream. */
function fitting(text: string, bytes: number): number {
  let used = 0;
  let at = 0;
  while (at < text.length) {
    const point = text.codePointAt(at) ?? 0;
    const size = sizeOf(point);
    if (used + size > bytes) break;
    used += size;
    at += point > 0xffff ? 2 : 1;
  }
  return at;
}

function sizeOf(point: number): number {
  if (point === 38) return 5;
  if (point === 60 || point === 62) return 4;
  if (point < 0x80) return 1;
  if (point < 0x800) return 2;
  return point > 0xffff ? 4 : 3;
}

/** The best place before `end`, in the last half; the white space at it belongs to neither part. */
function cutAt(text: string, end: number): { cut: number; next: number } {
  // One more, because what is cut at may stand right behind the part.
  const window = text.slice(0, end + 1);
  for (const separator of ['\n\n', '\n', ' ']) {
    const cut = window.lastIndexOf(separator);
    if (cut >= end / 2) return { cut, next: cut + separator.length };
  }
  return { cut: end, next: end };
}
