/** Payloads of PubSub items, written and read as Prosody's `mod_pubsub_mqtt` does it. */

import type { Element } from '@xmpp/client';
import type { PayloadType } from '../../servers/payload-types';
import { NS } from '../namespaces';
import type { Xml } from '../stanzas';

/** Content of an item; `xml`: a payload that the bridge has no type for, as XML text. */
export interface ItemContent {
  type: PayloadType | 'xml';
  text: string;
}

/** The payload of an item to be published. */
export function payloadElement(xml: Xml, { type, text }: ItemContent & { type: PayloadType }): Element {
  switch (type) {
    case 'json':
      return xml('json', { xmlns: NS.json }, text);
    case 'utf8':
      return xml('data', { xmlns: NS.prosodyData }, text);
    case 'atom_title':
      return xml('entry', { xmlns: NS.atom }, xml('title', { type: 'text' }, text));
  }
}

/** The content of an `<item/>`; undefined if it has no payload, as in a notification without one (§4.3). */
export function contentOf(item: Element): ItemContent | undefined {
  const json = item.getChild('json', NS.json);
  if (json) return { type: 'json', text: json.text() };
  const data = item.getChild('data', NS.prosodyData);
  if (data) return { type: 'utf8', text: data.text() };
  const title = item.getChild('entry', NS.atom)?.getChild('title');
  if (title) return { type: 'atom_title', text: title.text() };
  const [other] = item.getChildElements();
  return other && { type: 'xml', text: other.toString() };
}
