/** What must not be written into a stream, because the server would close it and everything behind would wait. */
import { XmppError } from '../errors';

/** XML 1.0 §2.2: characters that no document may hold. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
const FORBIDDEN = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/;

/** Why this stanza cannot be sent; undefined where it can. */
export function faultOf(text: string, limit: number): XmppError | undefined {
  if (FORBIDDEN.test(text) || !text.isWellFormed()) {
    return new XmppError('protocol', 'not sent: it holds a character that XML 1.0 forbids');
  }
  if (text.length * 3 <= limit) return undefined;
  const bytes = Buffer.byteLength(text);
  if (bytes <= limit) return undefined;
  return new XmppError('protocol', `not sent: it has ${bytes} bytes, and the server takes ${limit} at most`);
}
