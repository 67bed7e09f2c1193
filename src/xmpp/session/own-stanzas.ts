/** Stanzas that a session sends by itself, and what all its messages have in common. */

import { randomUUID } from 'node:crypto';
import type { Element } from '@xmpp/client';
import { lowerAscii } from '../addresses';
import { NS } from '../namespaces';
import type { Xml } from '../stanzas';

/** Every message has an id, and says that it is its sender's own (XEP-0359 §3.1): so a copy is known as one. */
export function addIds(message: Element, xml: Xml | undefined): void {
  message.attrs.id ??= randomUUID();
  if (!xml || !message.getChild('body') || message.getChild('origin-id', NS.stanzaId)) return;
  message.append(xml('origin-id', { xmlns: NS.stanzaId, id: message.attrs.id }));
}

/** The bare JID of the room that a message goes to; undefined for a message to a person. */
export function roomOf({ name, attrs }: Element): string | undefined {
  if (name !== 'message' || attrs.type !== 'groupchat') return undefined;
  return lowerAscii((attrs.to ?? '').split('/', 1)[0] ?? '');
}

/** The session's own presence (RFC 6121 §4.2); `capabilities` are those of XEP-0115. */
export function presenceOf(
  xml: Xml,
  { presence, priority }: { presence: string; priority: number },
  capabilities: Element,
): Element {
  const show = presence === 'available' ? [] : [xml('show', {}, presence)];
  return xml('presence', {}, ...show, xml('priority', {}, String(priority)), capabilities);
}
