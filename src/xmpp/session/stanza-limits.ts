/** What must not be written into a stream, because the server would close it and everything behind would wait. */
import { isXmlText } from '../../base/xml-text';
import { XmppError } from '../errors';

/** Why this stanza cannot be sent; undefined where it can. */
export function faultOf(text: string, limit: number): XmppError | undefined {
  if (!isXmlText(text)) {
    return new XmppError('protocol', 'not sent: it holds a character that XML 1.0 forbids');
  }
  if (text.length * 3 <= limit) return undefined;
  const bytes = Buffer.byteLength(text);
  if (bytes <= limit) return undefined;
  return new XmppError('protocol', `not sent: it has ${bytes} bytes, and the server takes ${limit} at most`);
}
