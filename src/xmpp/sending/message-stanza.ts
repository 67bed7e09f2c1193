import type { Element } from '@xmpp/client';
import { automaticElement } from '../automatic';
import type { ChatKind } from '../chat-kind';
import { NS } from '../namespaces';
import type { Xml } from '../stanzas';
import { type QuickResponse, responseElements } from './quick-responses';

export const CHAT_STATES = ['active', 'composing', 'paused', 'inactive', 'gone'] as const;
export type ChatState = (typeof CHAT_STATES)[number];
/** XEP-0334's hints, and `urgent` (XEP-0131's Urgency with XEP-0224's attention). */
export const HINTS = ['no-store', 'no-permanent-store', 'no-copy', 'store', 'urgent'] as const;
export type Hint = (typeof HINTS)[number];

/** One message stanza before it is XML. Texts are legal already. */
export interface Outgoing {
  /** Also its `origin-id` (XEP-0359), by which a copy is recognised. */
  id: string;
  to: string;
  kind: ChatKind;
  body?: string | undefined;
  /** In a room a subject without a body is the room's new topic (XEP-0045 §8.1). */
  subject?: string | undefined;
  thread?: string | undefined;
  /** The id of an earlier message that this one corrects (XEP-0308). */
  replaces?: string | undefined;
  chatState?: ChatState | undefined;
  hints?: readonly Hint[] | undefined;
  /** Ask for a receipt (XEP-0184) and for a displayed marker (XEP-0333); never in rooms. */
  receipt?: boolean | undefined;
  /** The body is the address of a file (XEP-0066). */
  file?: { url: string } | undefined;
  /** A machine sends it by itself: the last of so many in a row (see {@link ./automatic}). */
  automatic?: number | undefined;
  /** What can be answered with one tap (XEP-0439). */
  responses?: readonly QuickResponse[] | undefined;
  /** The bridge that carried it here: no other one carries it on. */
  bridged?: string | undefined;
}

export function messageStanza(xml: Xml, message: Outgoing): Element {
  const {
    id,
    to,
    kind,
    body,
    subject,
    thread,
    replaces,
    chatState,
    hints = [],
    receipt,
    file,
    automatic,
    responses,
    bridged,
  } = message;
  const children: Element[] = [];
  if (subject !== undefined) children.push(xml('subject', {}, subject));
  if (body !== undefined) children.push(xml('body', {}, body));
  if (thread) children.push(xml('thread', {}, thread));
  if (replaces) children.push(xml('replace', { xmlns: NS.correct, id: replaces }));
  if (file) children.push(xml('x', { xmlns: NS.oob }, xml('url', {}, file.url)));
  if (chatState) children.push(xml(chatState, { xmlns: NS.chatStates }));
  if (receipt && kind === 'chat' && body !== undefined) {
    children.push(xml('request', { xmlns: NS.receipts }));
    children.push(xml('markable', { xmlns: NS.chatMarkers }));
  }
  for (const hint of new Set(hints)) children.push(...hintElements(xml, hint));
  if (responses) children.push(...responseElements(xml, responses));
  if (automatic) children.push(automaticElement(xml, automatic));
  if (bridged !== undefined) children.push(xml('bridged', { xmlns: NS.bridge, by: bridged }));
  children.push(xml('origin-id', { xmlns: NS.stanzaId, id }));
  return xml('message', { to, type: kind, id }, ...children);
}

function hintElements(xml: Xml, hint: Hint): Element[] {
  if (hint !== 'urgent') return [xml(hint, { xmlns: NS.hints })];
  const urgency = xml('header', { name: 'Urgency' }, 'high');
  return [xml('headers', { xmlns: NS.shim }, urgency), xml('attention', { xmlns: NS.attention })];
}
