/** What somebody can answer with one tap: buttons (XEP-0439) where a client shows them, links (XEP-0147) where wanted. */
import type { Element } from '@xmpp/client';
import { bareOf } from '../addresses';
import type { ChatKind } from '../chat-kind';
import { NS } from '../namespaces';
import type { Xml } from '../stanzas';

export interface QuickResponse {
  /** The text that is answered. */
  value: string;
  label: string;
}

export const MAX_RESPONSES = 12;
/** Characters of a value and of a label. */
export const MAX_VALUE = 200;
export const MAX_LABEL = 60;

export function responseElements(xml: Xml, responses: readonly QuickResponse[]): Element[] {
  return responses
    .slice(0, MAX_RESPONSES)
    .map(({ value, label }) => xml('response', { xmlns: NS.quickResponse, value, label }));
}

/** A link that opens the chat with an account and writes a text there, as in `xmpp:bot@example.org?message;body=ok%207`. */
function messageLink(account: string, value: string): string {
  // The parts of a JID may hold any letter (RFC 5122 §2.2); `@` stays.
  const address = account.split('@').map(encodeURIComponent).join('@');
  return `xmpp:${address}?message;body=${encodeURIComponent(value)}`;
}

/** The account, and what shows answers. */
interface Showing {
  devices?: { has(bare: string): boolean } | undefined;
  /** Links take the place of buttons. */
  links?: boolean | undefined;
  stanzas: { readonly account: string };
  rooms: { isJoined(room: string): boolean };
}

/** A message's text, and its buttons as far as a device of the recipient shows them. */
export function answerable(
  text: string | undefined,
  responses: readonly QuickResponse[] = [],
  { to, kind }: { to: string; kind: ChatKind },
  { devices, links, stanzas, rooms }: Showing,
): { text: string | undefined; responses?: readonly QuickResponse[] } {
  // In a room, what somebody taps would be for everybody to read.
  if (text === undefined || responses.length === 0 || kind !== 'chat') return { text };
  const bare = bareOf(to);
  if (devices?.has(bare)) return { text, responses };
  return { text: links && !rooms.isJoined(bare) ? withLinks(text, stanzas.account, responses) : text };
}

/** The text with a link for each response below it. */
function withLinks(text: string, account: string, responses: readonly QuickResponse[]): string {
  const links = responses
    .slice(0, MAX_RESPONSES)
    .map(({ value, label }) => `${label}: ${messageLink(account, value)}`);
  return [text, ...links].join('\n');
}
