/** Limits of stanzas. The server would close the stream over a larger one, and every stanza behind it would wait. */

import { text } from '../../base/catalogue';
import { isXmlText } from '../../base/xml-text';
import { XmppError } from '../errors';

/** The reason why this stanza cannot be sent; undefined if it can. */
export function whyUnsendable(xml: string, limit: number): XmppError | undefined {
  if (!isXmlText(xml)) {
    return new XmppError('protocol', text('xmpp.forbiddenCharacter'));
  }
  if (xml.length * 3 <= limit) return undefined;
  const bytes = Buffer.byteLength(xml);
  if (bytes <= limit) return undefined;
  return new XmppError('protocol', text('xmpp.stanzaTooLarge', { bytes, limit }));
}
