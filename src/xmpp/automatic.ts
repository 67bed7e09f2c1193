/**
 * A mark on messages that a machine sent by itself: alerts, and answers. Two bots that hear each other would otherwise
 * answer each other forever. XMPP has no such mark (RFC 6121 has the type `headline` for messages that need no answer,
 * but phones do not show it as a message).
 */
import type { Element } from '@xmpp/client';
import type { ChildIndex } from './child-index';
import { NS } from './namespaces';
import type { Xml } from './stanzas';

/** The longest row of answers of machines to each other that goes out. */
export const MAX_DEPTH = 5;
/** Maximum depth; a larger claim counts as this. */
const DEEPEST = 100;

/** `depth`: the number of such messages in a row, including this one. */
export function automaticElement(xml: Xml, depth: number): Element {
  return xml('automatic', { xmlns: NS.automatic, depth: String(depth) });
}

/** Number of automatic messages in a row up to this one; undefined: a person wrote it, as far as it says. */
export function automaticOf(parts: ChildIndex, type: string): number | undefined {
  const element = parts.get('automatic', NS.automatic);
  if (!element) return type === 'headline' ? 1 : undefined;
  const depth = Number(element.attrs.depth);
  return Number.isInteger(depth) && depth > 0 ? Math.min(depth, DEEPEST) : 1;
}
