/**
 * A mark on messages that a machine sent by itself: alerts, and answers to what came in. Two bots that hear each other
 * would else answer each other for ever. XMPP has no such mark (RFC 6121 has the type `headline` for what needs no
 * answer, but phones do not show that as a message).
 */
import type { Element } from '@xmpp/client';
import type { ChildIndex } from './child-index';
import { NS } from './namespaces';
import type { Xml } from './stanzas';

/** The longest row of answers of machines to each other that goes out. */
export const MAX_DEPTH = 5;
/** What is claimed beyond that is no deeper. */
const DEEPEST = 100;

/** `depth`: how many such messages in a row, this one included. */
export function automaticElement(xml: Xml, depth: number): Element {
  return xml('automatic', { xmlns: NS.automatic, depth: String(depth) });
}

/** How many messages of machines in a row this one is the last of; undefined: a person wrote it, as far as it says. */
export function automaticOf(parts: ChildIndex, type: string): number | undefined {
  const element = parts.get('automatic', NS.automatic);
  if (!element) return type === 'headline' ? 1 : undefined;
  const depth = Number(element.attrs.depth);
  return Number.isInteger(depth) && depth > 0 ? Math.min(depth, DEEPEST) : 1;
}
